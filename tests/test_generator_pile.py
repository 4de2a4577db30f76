"""What the making of one's own generator promises before and after the training: a sifted pile, a model to be used."""

import json
import sys

import cv2
import numpy as np
import pytest
from conftest import ROOT, certainty

from narcissus.core.errors import ConfigError, SourceError
from narcissus.lab.generator import census, crops, figures, pile, samples, session
from narcissus.lab.likeness.album import Album
from narcissus.lab.likeness.perception import Eye
from narcissus.lab.likeness.pictures import png
from narcissus.lab.likeness.seeing import see_all
from narcissus.networks.pggan import Generator, weights
from narcissus.people import find_portrait

sys.path.insert(0, str(ROOT / "scripts"))
import train_generator

NEVER = lambda: False


def write(folder, pictures):
    """Pictures uint8 (n, H, W, 3) as 000.png, 001.png, …"""
    folder.mkdir(exist_ok=True)
    for number, picture in enumerate(pictures):
        (folder / f"{number:03}.png").write_bytes(png(picture))
    return Album(folder, by_person=False)


def patterns(count, side=24, seed=0):
    """Pictures of noise, no two alike."""
    return np.random.default_rng(seed).integers(0, 255, (count, side, side, 3), dtype=np.uint8)


def framed(face, side=160):
    """A face turned by 10°, off the middle of a grey photograph three times as wide."""
    large = cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)
    photograph = np.full((3 * side, 3 * side, 3), 120, np.uint8)
    photograph[side : 2 * side, side + 60 : 2 * side + 60] = large
    turn = cv2.getRotationMatrix2D((1.5 * side, 1.5 * side), 10, 1.0)
    return cv2.warpAffine(photograph, turn, photograph.shape[1::-1], borderValue=(120, 120, 120))


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch):
    monkeypatch.setattr(pile, "FEWEST", 4)


# --- one photograph ---------------------------------------------------------------------------------------------------


def test_a_face_is_laid_upright_where_the_generator_s_faces_lie(drawn):
    photograph = framed(drawn[1])
    (landmarks, _), *_ = see_all([(photograph, None, False)])
    verdict, crop = crops.face(photograph, landmarks, 128)
    assert verdict == crops.USED
    assert crop.shape == (128, 128, 3)
    found = find_portrait(crop).landmarks
    assert np.abs(found - crops.outline(128)).mean() < 4, "people differ, by less than a tenth of the eyes' distance"
    assert abs(np.degrees(np.arctan2(*(found[45] - found[36])[::-1]))) < 6


def test_the_crop_is_that_of_the_shared_portraits(shared):
    """UTKFace's own crops move by less than the pictures differ among each other."""
    album = Album(shared / "faces" / "train-00.zip", by_person=False)
    with np.load(shared / "faces" / "landmarks.npz") as file:
        real = file["landmarks"][:2000] / np.float32(10)
    assert np.abs(np.median(real, axis=0) - crops.outline(128)).mean() < 2
    portrait = album.read(album.photos[0])
    verdict, crop = crops.face(portrait, find_portrait(portrait).landmarks, len(portrait))
    assert verdict == crops.USED
    assert np.abs(crop.astype(int) - portrait).mean() < 30


def test_a_face_without_detail_is_left_out(drawn):
    sharp = cv2.resize(drawn[1], (128, 128), interpolation=cv2.INTER_CUBIC)
    assert crops.sharpness(cv2.GaussianBlur(sharp, (0, 0), 3)) < crops.BLURRED < crops.sharpness(sharp)
    assert crops.sharpness(np.full((64, 64, 3), 90, np.uint8)) < crops.BLURRED


def test_contrast_is_no_sharpness(drawn):
    pale = (drawn[1] * 0.4 + 100).astype(np.uint8)
    assert crops.sharpness(pale) == pytest.approx(crops.sharpness(drawn[1]), rel=0.1)


def test_what_is_too_small_is_not_enlarged(drawn):
    landmarks = find_portrait(drawn[2]).landmarks
    assert crops.face(drawn[2], landmarks, 512) == (crops.TOO_SMALL, None)
    assert crops.middle(drawn[2], 256) == (crops.TOO_SMALL, None)
    assert crops.face(drawn[2], None, 64) == (crops.NO_FACE, None)


def test_any_picture_gives_the_square_in_its_middle():
    wide = patterns(1, 30)[0].repeat(2, axis=1)
    verdict, crop = crops.middle(wide, 30)
    assert verdict == crops.USED
    assert np.array_equal(crop, wide[:, 15:45])


# --- the pile ---------------------------------------------------------------------------------------------------------


def test_faces_are_kept_and_what_is_left_out_is_counted(drawn, tmp_path):
    faces = [photograph for photograph in map(framed, drawn) if certainty(photograph) > 0.8][:6]
    twin = (faces[0][:, ::-1] * 0.8).astype(np.uint8)
    album_of = [*faces, twin, np.full((300, 300, 3), 90, np.uint8), cv2.GaussianBlur(faces[1], (0, 0), 9)]
    write(tmp_path / "photos", album_of)
    (tmp_path / "photos" / "torn.jpg").write_bytes(b"\xff\xd8 and no more")
    gathered = pile.gather(Album(tmp_path / "photos", by_person=False), 64, tmp_path / "work", see_all, NEVER)
    assert gathered.pictures.shape == (6, 64, 64, 3)
    assert gathered.unreadable == ["torn.jpg"]
    counts = gathered.counts
    assert (counts["used"], counts["cannot be read"], counts["shown twice"]) == (6, 1, 1)
    assert counts["no face found"] + counts["blurred"] == 2
    assert "10 photographs looked at, 6 used" in gathered.told()
    assert "1 shown twice" in gathered.told()


def test_whoever_is_stopped_goes_on_with_what_was_looked_at(monkeypatch, tmp_path):
    monkeypatch.setattr(pile, "PART", 3)
    album, work = write(tmp_path / "photos", patterns(10)), tmp_path / "work"
    calls = iter([False, False, True])
    assert pile.gather(album, 24, work, None, lambda: next(calls)) is None
    assert len(list((work / "parts").iterdir())) == 2
    monkeypatch.setattr(album, "read", Reading(album.read))
    stopped = pile.gather(album, 24, work, None, NEVER)
    assert album.read.names == [f"{number:03}.png" for number in range(6, 10)]
    straight = pile.gather(album, 24, tmp_path / "other", None, NEVER)
    assert np.array_equal(stopped.pictures, straight.pictures)
    assert not list((work / "parts").iterdir()), "nothing is kept twice"


class Reading:
    def __init__(self, read):
        self.names, self._read = [], read

    def __call__(self, photo):
        self.names.append(photo.name)
        return self._read(photo)


def test_a_work_folder_belongs_to_one_pile(tmp_path):
    album = write(tmp_path / "photos", patterns(5))
    pile.gather(album, 24, tmp_path / "work", None, NEVER)
    with pytest.raises(ConfigError, match="another --name"):
        pile.gather(album, 16, tmp_path / "work", None, NEVER)
    more = write(tmp_path / "photos", patterns(6))
    with pytest.raises(ConfigError, match="another --name"):
        pile.gather(more, 24, tmp_path / "work", None, NEVER)


def test_a_pile_of_twenty_is_refused_with_a_remedy(monkeypatch, tmp_path):
    monkeypatch.undo()
    write(tmp_path / "photos", patterns(20))
    with pytest.raises(SourceError, match=r"20 used; at least 100 must be left.*add photographs"):
        pile.gather(Album(tmp_path / "photos", by_person=False), 24, tmp_path / "work", None, NEVER)


def test_a_pile_without_faces_is_told_of_other_pictures(tmp_path):
    album = write(tmp_path / "photos", patterns(5))
    with pytest.raises(SourceError, match=r"5 no face found.*--as-they-are"):
        pile.gather(album, 24, tmp_path / "work", see_all, NEVER)


def test_few_pictures_are_told_what_to_expect():
    assert "few" in pile.expectation(500)
    assert "nearly a copy" in pile.expectation(500)
    assert pile.expectation(2000) != pile.expectation(20_000)


def test_the_census_counts_faces_only(drawn):
    counted = census.count(drawn[:8], Eye(), NEVER)
    assert counted["pictures"] == 8
    assert counted["faces"] >= 6
    assert sum(band["n"] for band in counted["tone"].values()) >= 6
    assert census.count(patterns(8, 64), Eye(), NEVER) is None


def test_what_measures_was_not_taught():
    taught, held = figures.parted(np.empty((1000, 1)), 0)
    assert len(held) == 100
    assert sorted([*taught, *held]) == list(range(1000))
    taught, held = figures.parted(np.empty((300, 1)), 0)
    assert (len(taught), len(held)) == (300, 0)


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch):
    """Looks seldom, and at few pictures."""
    monkeypatch.setattr(census, "LOOKED_AT", 4)
    monkeypatch.setattr(figures, "MEASURED", 12)
    monkeypatch.setattr(session, "FIRST_LOOK", 0.0)
    monkeypatch.setattr(train_generator, "prepare", lambda threads: None)


class Stopped:
    def __init__(self, after):
        self.left = after

    @property
    def asked(self):
        self.left -= 1
        return self.left < 0


def command(folder, *more):
    out, work = folder / "models", folder / "work"
    words = [str(folder / "photos"), "--name", "own", "--as-they-are", "--size", "16", "--maps", "4", "--threads", "1"]
    return train_generator.main([*words, "--out", str(out), "--work", str(work), *more])


def test_five_hundred_pictures_become_a_generator(quick, tmp_path, capsys):
    write(tmp_path / "photos", patterns(500, 16))
    assert command(tmp_path, "--minutes", "0.05", "--licence", "mine") == 0
    said = capsys.readouterr().out
    assert "500 pictures are few" in said
    assert "train_inverter.py --generator own" in said
    made = weights.read(tmp_path / "models" / "own.npz")
    assert made.licence == "mine"
    assert "500" not in made.origin
    assert "450 pictures of photos" in made.origin, "a tenth was held out"
    assert Generator(made).render(np.zeros((1, 4), np.float32)).shape == (1, 16, 16, 3)
    card = (tmp_path / "models" / "own.md").read_text()
    assert "sliced Wasserstein" in card
    assert "not taught with" in card
    assert (tmp_path / "models" / "own-samples.png").exists()
    page = (tmp_path / "work" / "index.html").read_text()
    assert "reload" not in page, "what has ended does not renew itself"
    assert not (tmp_path / "models" / "own.census.json").exists(), "noise is nobody"


def test_a_stop_keeps_all_it_has_and_the_same_command_goes_on(quick, monkeypatch, tmp_path, capsys):
    write(tmp_path / "photos", patterns(120, 16))
    monkeypatch.setattr(train_generator, "Stop", lambda: Stopped(after=6))
    assert command(tmp_path, "--minutes", "60") == 130
    said = capsys.readouterr().out
    assert "the same command goes on" in said
    assert "Not measured" in (tmp_path / "models" / "own.md").read_text()
    first = weights.read(tmp_path / "models" / "own.npz")
    assert first.variables["lod"] > 0, "it had not grown yet"
    monkeypatch.setattr(train_generator, "Stop", lambda: Stopped(after=6))
    assert command(tmp_path, "--minutes", "60") == 130
    assert "going on after" in capsys.readouterr().out
    assert weights.read(tmp_path / "models" / "own.npz").sha256 != first.sha256


def test_the_page_tells_how_long_this_sitting_goes_on(quick, monkeypatch, tmp_path):
    """And not the first one, whose plan of growing stays."""
    write(tmp_path / "photos", patterns(120, 16))
    for minutes in ("45", "400"):
        monkeypatch.setattr(train_generator, "Stop", lambda: Stopped(after=6))
        assert command(tmp_path, "--minutes", minutes) == 130
        assert f"of {minutes}.0 min trained" in (tmp_path / "work" / "index.html").read_text()


def test_a_generator_of_another_pile_is_never_replaced(quick, tmp_path, capsys):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "own.npz").write_bytes(b"somebody else's")
    write(tmp_path / "photos", patterns(5, 16))
    assert command(tmp_path) == 78
    assert "choose another --name" in capsys.readouterr().err
    assert (tmp_path / "models" / "own.npz").read_bytes() == b"somebody else's"


def test_a_name_that_is_a_path_is_refused(capsys):
    with pytest.raises(SystemExit):
        train_generator.arguments(["photos", "--name", "../own"])
    assert "letters" in capsys.readouterr().err


def test_the_page_renews_itself_until_it_ends():
    adversaries = type("Networks", (), {"arguments": type("Arguments", (), {"resolution": 16, "log2": 4})})
    training = samples.Training(patterns(4, 16), adversaries, 60.0)
    assert "reload" in samples.page(training, "own", "told", 60.0, "")
    assert "reload" not in samples.page(training, "own", "told", 60.0, "Ended.")
    assert "&lt;b&gt;" in samples.page(training, "own", "<b>", 60.0, "")
    assert json.dumps(samples.RENEWED * 1000) in samples.page(training, "own", "told", 60.0, "")


def test_measuring_ends_when_it_is_asked_to(generator, drawn):
    with pytest.raises(KeyboardInterrupt):
        figures.measure(generator, drawn, np.arange(8), np.arange(8, 32), 0, lambda: True)
