"""What colourise promises: lightness untouched, nothing overwritten, nothing lost of a file, a wall that is calm."""

import io
import itertools
import sys
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from conftest import ROOT
from PIL import Image
from viewer_parts import Script, face
from wall_parts import LivingWall

from narcissus.core.errors import SourceError
from narcissus.networks.colour.colourist import Assumed
from narcissus.networks.colour.palette import Likely
from narcissus.networks.colour.picture import guide, painted, spread
from narcissus.people.visitors import Visitors
from narcissus.scenes.colourise import ColouriseSettings
from narcissus.scenes.colourise.scene import QUIET, Colourise
from narcissus.scenes.colourise.swatches import swatch, with_palette
from narcissus.stills import photograph
from narcissus.stills.photograph import Photograph, read_photograph
from narcissus.stills.still import Painting, Wish, lightness

sys.path.insert(0, str(ROOT / "scripts"))
import colourise as script

SKIN = np.array([18.0, 20.0], np.float32)  # what the network below takes everything for
CENTRES = np.array([SKIN, [-10, -20]], np.float32)


class Sure:
    """A network that is sure of one colour; `wild` makes it answer otherwise each time."""

    centres = CENTRES

    def __init__(self, wild=0.0):
        self.asked, self._wild, self._rng = 0, wild, np.random.default_rng(0)

    def assume(self, light, pile="all", temperature=None):
        self.asked += 1
        light = np.asarray(light).reshape(-1, *np.shape(light)[-2:])
        shape = len(light), light.shape[1] // 2, light.shape[2] // 2
        logits = np.broadcast_to(np.array([3.0, 0.0], np.float32), (*shape, 2))
        ab = np.broadcast_to(SKIN, (*shape, 2)) + self._rng.normal(0, self._wild, 2).astype(np.float32)
        return Assumed(ab.astype(np.float32), logits)


def picture(height=60, width=80, depth=np.uint8, channels=3):
    """Mid greys, away from black and white, where colour has room."""
    ramp = np.linspace(0.35, 0.65, width)[None, :, None] * np.linspace(0.95, 1.05, height)[:, None, None]
    return np.rint(np.repeat(ramp, channels, axis=2) * np.iinfo(depth).max).astype(depth)


def encoded(image, **how):
    """A file's bytes by Pillow, of uint8 (H, W, C)."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, **({"format": "PNG"} | how))
    return buffer.getvalue()


def coloured(photo, wish=Wish()) -> Image.Image:  # noqa: B008 (it cannot be changed)
    file = io.BytesIO()
    Painting(photo, Sure(), wish, lambda image: []).write(file)
    return Image.open(io.BytesIO(file.getvalue()))


def test_lightness_is_untouched_and_chroma_is_what_was_assumed():
    image = picture()
    lab = cv2.cvtColor(np.asarray(coloured(Photograph(image))).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    assert np.abs(lab[..., 0] - lightness(image)).max() < 0.5
    assert np.abs(lab[..., 1:] - SKIN).max() < 1.5


def test_no_strength_is_grey():
    rgb = np.asarray(coloured(Photograph(picture()), Wish(strength=0.0))).astype(int)
    assert np.ptp(rgb, axis=2).max() <= 1


def test_strips_have_no_seams_whatever_the_size(monkeypatch):
    photo = Photograph(picture(301, 97))
    whole = np.asarray(coloured(photo))
    monkeypatch.setattr("narcissus.stills.still.STRIP", 97 * 7)
    np.testing.assert_array_equal(np.asarray(coloured(photo)), whole)


def test_sixteen_bits_stay_sixteen():
    file = io.BytesIO()
    image = picture(40, 50, np.uint16)
    Painting(Photograph(image), Sure(), Wish(), lambda image: []).write(file)
    back = cv2.imdecode(np.frombuffer(file.getvalue(), np.uint8), cv2.IMREAD_UNCHANGED)
    assert back.dtype == np.uint16
    assert len(np.unique(back)) > 400
    assert np.abs(lightness(np.ascontiguousarray(back[..., ::-1])) - lightness(image)).max() < 0.5


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_a_scan_of_sixteen_bits_is_read_as_one(suffix):
    image = picture(40, 50, np.uint16)
    image[..., 0] //= 2
    data = cv2.imencode(suffix, image[..., ::-1])[1].tobytes()
    np.testing.assert_array_equal(read_photograph(data, "scan").pixels, image)


def test_alpha_and_metadata_are_kept():
    image = np.dstack([picture(), np.arange(80, dtype=np.uint8)[None].repeat(60, 0)])
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Ernemann", 1
    data = encoded(image, exif=exif, dpi=(300, 300))
    back = coloured(read_photograph(data, "x"))
    assert back.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(back)[..., 3], image[..., 3])
    assert back.getexif()[0x010F] == "Ernemann"
    assert back.info["dpi"] == pytest.approx((300, 300), abs=0.1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_stands_upright(orientation):
    """Second witness: Pillow for 8 bits, our own turning for 16."""
    image = np.random.default_rng(0).integers(0, 255, (12, 20, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = read_photograph(encoded(image, exif=exif), "x")
    np.testing.assert_array_equal(upright.pixels, photograph._turned(image, orientation))
    assert upright.exif is None


def test_a_colour_profile_is_obeyed():
    from PIL import ImageCms

    image = np.random.default_rng(0).integers(0, 255, (12, 20, 3), dtype=np.uint8)
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert read_photograph(encoded(image, icc_profile=b"damaged"), "x").pixels.tolist() == image.tolist()
    buffer = io.BytesIO()
    in_lab = ImageCms.profileToProfile(
        Image.fromarray(image), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    in_lab.save(buffer, format="TIFF", icc_profile=lab)
    back = read_photograph(buffer.getvalue(), "x").pixels
    assert np.abs(back.astype(int) - image).mean() < 4


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "CMYK", "I;16"])
def test_every_mode_becomes_a_photograph(mode):
    buffer = io.BytesIO()
    Image.fromarray(picture()).convert("L").convert(mode if mode != "I;16" else "I").convert(mode).save(buffer, "TIFF")
    photo = read_photograph(buffer.getvalue(), "x")
    assert photo.pixels.shape == (60, 80, 3)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "not a picture"),
        (b"not a photograph at all", "not a picture"),
        (encoded(picture())[:200], "damaged"),
        (encoded(picture(), format="JPEG")[:300], "damaged"),
        (encoded(np.zeros((4, 90, 3), np.uint8)), "too few"),
    ],
)
def test_bad_input_of_every_kind_is_one_line(data, word):
    with pytest.raises(SourceError, match=word) as told:
        read_photograph(data, "grandmother.jpg")
    assert "\n" not in str(told.value)
    assert str(told.value).startswith("grandmother.jpg")


def test_a_bomb_is_refused_before_it_unfolds(monkeypatch):
    data = encoded(picture())
    monkeypatch.setattr(photograph, "LARGEST", 1000)
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("it was unfolded"))
    with pytest.raises(SourceError, match="too many"):
        read_photograph(data, "x")


@pytest.fixture
def tool(monkeypatch, tmp_path):
    """The script with a network that is sure, before an empty folder."""
    from narcissus.networks.colour.colourist import Colourist

    monkeypatch.setattr(Colourist, "open", lambda path: Sure())
    monkeypatch.setattr("narcissus.stills.still.find_faces", lambda image: [])
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(encoded(picture()))
    return lambda *words: script.main([str(tmp_path / "in"), "--out", str(tmp_path / "out"), *words])


def test_a_folder_is_coloured_and_nothing_is_overwritten(tool, tmp_path, capsys):
    (tmp_path / "in" / "more").mkdir()
    (tmp_path / "in" / "more" / "a.jpg").write_bytes(encoded(picture(), format="JPEG"))
    (tmp_path / "in" / "bad.jpg").write_bytes(b"bad")
    assert tool("--compare") == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"a.png", "a-2.png", "a-compare.png", "a-2-compare.png"}
    assert "bad.jpg: not a picture" in capsys.readouterr().err
    (tmp_path / "out" / "a.png").write_bytes(b"mine")
    assert tool() == 0
    assert (tmp_path / "out" / "a.png").read_bytes() == b"mine"
    assert "left as it is" in capsys.readouterr().err


def test_nothing_is_left_of_a_photograph_that_was_interrupted(tool, tmp_path, monkeypatch):
    def stopped(self, *_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Painting, "_strip", stopped)
    assert tool() == 130
    assert not list((tmp_path / "out").iterdir())


def test_a_film_is_not_coloured_by_another_network_than_was_asked_for(tool, tmp_path, capsys):
    (tmp_path / "in" / "wedding.mp4").write_bytes(b"film")
    for words in (("--compare",), ("--model", "mine")):
        assert tool(*words) == 78
        assert "a film is coloured as on the wall" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [None, b"bad"])
def test_where_nothing_can_be_read_the_code_is_66(tmp_path, content, capsys, tool):
    path = tmp_path / "x.jpg"
    if content is not None:
        path.write_bytes(content)
    assert script.main([str(path), "--out", str(tmp_path / "out")]) == 66
    assert "x.jpg" in capsys.readouterr().err


# ---- on the wall


class Wall(LivingWall):
    """The scene before a camera at 30 Hz, with a clock of its own."""

    def __init__(self, colourist=None, **settings):
        self.finder, self.colourist = Script(), colourist or Sure()
        self.scene = Colourise(self.finder, Visitors(live=False), self.colourist, ColouriseSettings(**settings))
        self.now, self.image, self.pictures = 100.0, picture(240, 320), []


def chroma(image):
    return np.hypot(*np.moveaxis(cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 1:], -1, 0))


def test_nobody_there_is_grey_still_and_quiet():
    wall = Wall()
    wall.live(2.0)
    assert len({id(picture.image) for picture in wall.pictures[1:]}) == 1
    last = wall.pictures[-1]
    assert (last.image == QUIET).all()
    assert not last.shows_viewer
    assert wall.colourist.asked == 0


def test_a_viewer_is_grey_at_first_and_colours_return():
    wall = Wall()
    early = wall.live(0.5, [face()])
    late = wall.live(5.0, [face()])
    assert early.shows_viewer
    assert late.shows_viewer
    assert late.answers is not None
    assert chroma(early.image).mean() < 6
    assert chroma(late.image).mean() == pytest.approx(np.linalg.norm(SKIN), abs=2)


def test_whoever_leaves_leaves_nothing_on_the_wall():
    wall = Wall()
    wall.live(5.0, [face()])
    last = wall.live(5.0)
    assert (last.image == QUIET).all()
    assert not last.shows_viewer


def test_a_camera_that_hangs_leaves_nobody_on_the_wall():
    wall = Wall()
    wall.live(3.0, [face()])
    last = wall.live(4.0, [face()], camera=False)
    assert (last.image == QUIET).all()


def test_a_camera_that_is_lost_leaves_nobody_on_the_wall():
    wall = Wall()
    before = wall.live(5.0, [face()]).image
    wall.image = np.zeros((48, 64, 3), np.uint8)
    fading = wall.live(0.5, [face()], cut=True).image
    assert np.abs(fading.astype(int) - before).max() <= 2, "no black, and no jump"
    last = wall.live(4.0, [face()], cut=True)
    assert (last.image == QUIET).all()
    assert last.image.shape == before.shape, "the wall keeps its proportions"
    assert not last.shows_viewer
    assert not wall.seen.lightness.any(), "nothing is kept of whoever was there"


def test_a_face_missed_for_a_moment_keeps_its_colours():
    wall = Wall()
    before = wall.live(5.0, [face()])
    wall.live(0.2)
    assert np.abs(wall.pictures[-1].image.astype(int) - before.image).max() <= 2


def test_a_hand_over_begins_with_grey():
    wall = Wall()
    wall.live(5.0, [face(1)])
    wall.live(0.3, [face(2, x=80)], cut=True)
    assert chroma(wall.pictures[-1].image).mean() < 6


def test_a_still_viewer_does_not_flicker_though_the_network_does():
    """ΔE between pictures, here the plain distance in Lab: at most 0.5 a frame."""
    wild = 4.0
    wall = Wall(Sure(wild))
    wall.live(6.0, [face()])
    images = [cv2.cvtColor(p.image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for p in wall.pictures[-60:]]
    steps = [float(np.linalg.norm(b - a, axis=2).mean()) for a, b in itertools.pairwise(images)]
    assert np.mean(steps) < 0.5
    assert max(steps) < wild / 2


def test_the_network_is_asked_a_few_times_a_second():
    wall = Wall()
    wall.live(5.0, [face(1, 90, 40), face(2, 230, 40)])
    assert wall.colourist.asked < 5 * (2 / 0.12 + 1 / 0.5) + 4


@pytest.mark.parametrize("show", ["grey", "split", "palette"])
def test_the_wall_shows_what_the_artist_asks_for(show):
    wall = Wall(show=show)
    image = wall.live(5.0, [face()]).image
    left, right = chroma(image[:100, :150]).mean(), chroma(image[:100, 170:]).mean()
    plain = Wall().live(5.0, [face()]).image
    assert (left < 1) == (show in ("grey", "split"))
    assert (right < 1) == (show == "grey")
    assert (image != plain).any()


def test_film_darkens_lips():
    wall, ortho = Wall(show="grey"), Wall(show="grey", film="orthochromatic")
    for one in (wall, ortho):
        one.image = one.image.copy()
        one.image[100:140, 140:180] = (190, 70, 80)
    modern, old = (one.live(3.0, [face()]).image[120, 160, 0] for one in (wall, ortho))
    assert int(old) < int(modern) - 10


def test_dials_turn_while_it_runs_and_the_same_settings_change_nothing():
    wall = Wall()
    before = wall.live(6.0, [face()])
    tuned = lambda **changed: SimpleNamespace(
        scenes=SimpleNamespace(colourise=ColouriseSettings(**changed)), perception=SimpleNamespace(reach=2.0)
    )
    wall.scene.tune(tuned())
    assert np.array_equal(wall.live(0.1, [face()]).image, before.image)
    wall.scene.tune(tuned(strength=0.0))
    assert chroma(wall.live(0.2, [face()]).image).mean() < 1


def test_frozen_it_stands_still():
    wall = Wall()
    wall.live(3.0, [face()])
    wall.scene.obey("freeze")
    kept = wall.live(0.5, [face()]).image
    assert wall.live(1.0, [face(x=60)]).image is kept
    wall.scene.obey("thaw")
    assert wall.live(0.2, [face(x=60)]).image is not kept


def test_chroma_follows_edges_of_lightness():
    """A coarse colour stops where lightness has its edge, at 128, though the network put it at 124."""
    light = np.full((256, 256), 35, np.float32)
    light[:, 128:] = 75
    ab = np.zeros((256, 256, 2), np.float32)
    ab[:, 124:] = SKIN
    ab = cv2.blur(ab, (9, 9))
    image = painted(light, spread(guide(light), ab), 0, 256)
    found = chroma(np.rint(image * 255).astype(np.uint8))[128]
    plain = np.linalg.norm(ab[128], axis=1)
    assert found[100] < 4
    assert found[126] < 0.85 * plain[126]
    assert found[130] > 0.8 * plain[130]


def test_the_palette_is_as_wide_as_colours_are_likely():
    likely = [Likely((40.0, 30.0), 0.75), Likely((-30.0, -30.0), 0.25)]
    image = with_palette(np.full((720, 1280, 3), 120, np.uint8), {"cheek": likely})
    counts = [(image == swatch(colour.ab)).all(axis=2).sum() for colour in likely]
    assert counts[0] == pytest.approx(3 * counts[1], rel=0.2)
    assert (image[:500] == 120).all()
