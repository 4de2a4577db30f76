"""How a reflection sits on a plain wall: nothing changes unless it is asked for, and what is asked for is seen.

The composed picture that comes by itself has its own tests in test_composition.py.
"""

import re

import numpy as np
import pygame
import pytest
from conftest import ROOT
from pydantic import ValidationError

from narcissus.app.settings import Settings, load
from narcissus.core.errors import ConfigError
from narcissus.core.sections import Display, Framing
from narcissus.core.types import Picture
from narcissus.sinks.enlarge import FINE, enlarge
from narcissus.sinks.framing import Framer
from narcissus.sinks.grain import Grain, lift, noise, specks
from narcissus.sinks.place import Place, part, placed
from narcissus.sinks.window import Window

SQUARE = (64, 64)
FACE = np.zeros((64, 64, 3), np.uint8) + np.array([200, 120, 60], np.uint8)
SPECKLED = np.random.default_rng(0).integers(40, 216, (64, 64, 3)).astype(np.uint8)
STILL = {"grain": 0.0}  # without grain a flat picture stays flat


def framed(image=FACE, wall=(320, 180), rotation=0, mirrored=False, **framing) -> np.ndarray:
    """The wall, uint8 (height, width, 3) RGB."""
    surface = pygame.Surface(wall, depth=32)
    Framer(Framing(**{"fit": "whole"} | framing), rotation, mirrored).draw(surface, image, 0.0)
    return pygame.surfarray.array3d(surface).transpose(1, 0, 2)


def bare(wall: np.ndarray, background=(0, 0, 0)) -> np.ndarray:
    """Where nothing but the background is: bool (height, width)."""
    return (wall == background).all(axis=2)


def test_whole_is_the_plain_soft_picture_in_the_middle_of_black():
    wall = framed(SPECKLED, grain=0.0)
    assert bare(wall)[:, :70].all()
    assert bare(wall)[:, 250:].all()
    np.testing.assert_array_equal(wall[:, 70:250], enlarge(SPECKLED, 180))


def test_the_grain_that_comes_by_itself_is_that_of_a_quarter_and_only_where_a_soft_picture_is_much_enlarged():
    np.testing.assert_array_equal(framed(SPECKLED, (320, 320)), framed(SPECKLED, (320, 320), grain=0.25))
    large = SPECKLED.repeat(3, 0).repeat(3, 1)
    for image, more in ((large, {}), (SPECKLED, {"filter": "cubic"}), (SPECKLED, {"filter": "pixels"})):
        np.testing.assert_array_equal(framed(image, (320, 320), **more), framed(image, (320, 320), grain=0.0, **more))


@pytest.mark.parametrize(
    ("framing", "wall", "rotation", "place"),
    [
        ({}, (1920, 1080), 0, (420, 0, 1080, 1080)),
        ({"zoom": 0.5}, (1920, 1080), 0, (690, 270, 540, 540)),
        ({"fit": "fill"}, (1920, 1080), 0, (0, -420, 1920, 1920)),
        ({"fit": "fill", "centre": 0.0}, (1920, 1080), 0, (0, 0, 1920, 1920)),
        ({"fit": "fill", "centre": 1.0}, (1920, 1080), 0, (0, -840, 1920, 1920)),
        ({"centre": 0.0}, (1080, 1920), 0, (0, 0, 1080, 1080)),
        ({"centre": 0.0}, (1920, 1080), 90, (840, 0, 1080, 1080)),  # its upper edge is the display's right one
        ({"centre": 0.0}, (1080, 1920), 180, (0, 840, 1080, 1080)),
        ({"centre": 0.0}, (1920, 1080), 270, (0, 0, 1080, 1080)),
        ({"zoom": 2.0}, (1080, 1080), 0, (-540, -540, 2160, 2160)),
    ],
)
def test_where_it_stands(framing, wall, rotation, place):
    assert placed(SQUARE, wall, Framing(**{"fit": "whole"} | framing), rotation) == Place(*place, wall)


@pytest.mark.parametrize("wall", [(320, 180), (180, 320), (333, 77)])
@pytest.mark.parametrize("zoom", [1.0, 1.37, 3.9])
def test_filling_leaves_nothing_of_the_background(wall, zoom):
    for more in ({}, {"filter": "pixels"}, {"centre": 0.0}, {"centre": 1.0}):
        assert not bare(
            framed(FACE, wall, fit="fill", zoom=zoom, background="#010203", **STILL, **more), (1, 2, 3)
        ).any()


@pytest.mark.parametrize("zoom", [1.0, 1.21, 2.0, 3.3])
def test_what_is_cut_off_is_cut_off_and_the_rest_is_as_large_as_if_it_were_not(zoom):
    """A ramp from left to right: its value says which part of the picture stands at a place of the wall."""
    ramp = np.zeros((64, 64, 3), np.uint8) + np.arange(64, dtype=np.uint8)[None, :, None] * 3 + 20
    row = framed(ramp, (400, 400), zoom=zoom, filter="cubic", **STILL)[200, :, 0].astype(float)
    expected = ((np.arange(400) + 0.5 - 200) / (400 * zoom) + 0.5) * 64 - 0.5  # in pixels of the picture
    inside = (expected > 1) & (expected < 62)
    np.testing.assert_allclose(row[inside], expected[inside] * 3 + 20, atol=1.5)


def test_a_part_reaches_over_the_edges_of_what_is_seen_by_a_pixel_and_no_more():
    place = Place(-420, -33, 1920, 1920, (1080, 1080))
    cut = part(place, (FINE, FINE))
    assert cut.left <= 0
    assert cut.top <= 0
    assert cut.left + cut.size[0] >= 1080
    assert cut.top + cut.size[1] >= 1080
    assert cut.size[0] <= 1080 + 4 * 1920 / FINE


def test_every_pixel_of_the_network_is_a_square():
    wall = framed(SPECKLED, (640, 640), filter="pixels")
    np.testing.assert_array_equal(wall, SPECKLED.repeat(10, 0).repeat(10, 1))


def test_pixels_of_a_picture_larger_than_the_wall_are_not_left_out():
    fine = np.zeros((1024, 1024, 3), np.uint8)
    fine[::2] = 200
    assert np.abs(framed(fine, (256, 256), filter="pixels").astype(int) - 100).max() <= 2


@pytest.mark.parametrize("fit", ["whole", "fill"])
@pytest.mark.parametrize("wall", [(320, 180), (180, 320)])
def test_a_vignette_leaves_the_middle_and_takes_the_edge(fit, wall):
    plain = framed(FACE, wall, fit=fit, **STILL).astype(int)
    for strength, rest in ((0.5, 0.5), (1.0, 0.0)):
        dark = framed(FACE, wall, fit=fit, vignette=strength, **STILL).astype(int)
        down, across = wall[1] // 2, wall[0] // 2
        assert np.abs(dark[down, across] - plain[down, across]).max() <= 1
        left, top, right, bottom = placed(SQUARE, wall, Framing(fit=fit), 0).seen
        for y, x in ((down, left), (down, right - 1), (top, across), (bottom - 1, across), (top, left)):
            np.testing.assert_allclose(dark[y, x], plain[y, x] * rest, atol=6)


def test_a_full_vignette_melts_into_the_background():
    wall = framed(FACE, (320, 180), vignette=1.0, background="#405060", **STILL).astype(int)
    np.testing.assert_allclose(wall[0], np.broadcast_to((0x40, 0x50, 0x60), (320, 3)), atol=2)
    assert np.abs(wall[90, 160] - FACE[0, 0]).max() <= 1


def test_where_the_edge_is_gone_the_grain_is_gone_with_it():
    wall = framed(FACE, (320, 180), vignette=1.0, background="#405060", grain=1.0).astype(int)
    for row in (wall[0], wall[-1], wall[:, 70], wall[:, 249]):
        np.testing.assert_allclose(row, np.broadcast_to((0x40, 0x50, 0x60), row.shape), atol=2)
    assert wall[85:95, 155:165, 0].std() > 8, "the control: there is grain in the middle"


def test_the_wall_around_it_has_its_colour():
    assert bare(framed(background="#102030", **STILL), (0x10, 0x20, 0x30)).sum() == (320 - 180) * 180


@pytest.mark.parametrize("more", [{}, {"background": "#ffffff"}, {"grain": 1.0, "fit": "fill"}])
def test_where_nobody_is_shown_the_wall_is_black(more):
    """So it is outside the opening hours, whatever the framing."""
    assert not framed(np.zeros((64, 64, 3), np.uint8), **more).any()
    almost = np.zeros((64, 64, 3), np.uint8)
    almost[3, 5] = 9  # one dim pixel: somebody
    assert framed(almost, background="#ffffff").any()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_mirrored_is_swapped_as_people_see_it(rotation):
    image = np.zeros((64, 64, 3), np.uint8)
    image[:20, :20] = 255  # the upper left corner, as people see it
    wall = framed(image, (300, 300), rotation, True, **STILL).mean(axis=2)
    corners = [wall[:50, :50].mean(), wall[:50, -50:].mean(), wall[-50:, -50:].mean(), wall[-50:, :50].mean()]
    assert int(np.argmax(corners)) == (1 + rotation // 90) % 4


def grainy(brightness: int, strength: float, now: float = 0.0, grain: Grain | None = None) -> np.ndarray:
    grain = grain or Grain()
    flat = np.full((256, 256, 4), brightness, np.uint8)
    return grain.over(grain.lifted(flat, strength), strength, now)


def test_grain_leaves_the_brightness_and_its_specks_are_small():
    for brightness in (40, 128, 215):
        for strength in (0.25, 1.0):
            print_ = grainy(brightness, strength)
            assert print_[..., :3].mean() == pytest.approx(brightness, abs=0.6)
            if brightness > 40 or strength < 1:  # darker than the specks are deep, there is less of it
                assert print_[..., 0].std() == pytest.approx(16 * strength, rel=0.15)


def test_grain_lets_nothing_glow_in_the_dark():
    for strength in (0.25, 1.0):
        assert not grainy(0, strength)[..., :3].any()
        assert grainy(6, strength)[..., :3].mean() == pytest.approx(6, abs=0.6)


def test_grain_is_the_same_speck_in_all_colours_and_moves():
    grain = Grain()
    first = grainy(128, 0.5, 1.0, grain)
    assert (first[..., 0] == first[..., 1]).all()
    np.testing.assert_array_equal(grainy(128, 0.5, 1.0 + 1 / 100, grain), first)
    assert (grainy(128, 0.5, 1.0 + 1 / 12, grain) != first).any()


def test_another_strength_is_found_without_drawing_the_noise_again(monkeypatch):
    grain = Grain()
    faint = grainy(128, 0.5, 0.0, grain)
    monkeypatch.setattr("narcissus.sinks.grain.noise", lambda *_: pytest.fail("drawn again"))
    assert grainy(128, 1.0, 0.0, grain)[..., 0].std() > faint[..., 0].std()


def test_grain_of_a_quarter_is_that_of_a_plain_rounding():
    """The second witness: the tables in bytes against the noise itself."""
    import cv2

    plain = np.random.default_rng(0).standard_normal((96, 96)).astype(np.float32)
    plain = cv2.GaussianBlur(plain, (0, 0), 0.9, borderType=cv2.BORDER_REFLECT)
    plain = np.clip(plain * (4 / plain.std()), -8, 8)
    taken = lift(4.0)[128] - specks(noise(96, 96), 4.0)[..., 0].astype(int) - 128
    assert np.abs(-taken - plain).max() <= 1
    assert specks(noise(96, 96), 4.0)[..., 3].max() == 0


def test_tables_are_made_once_and_again_only_when_something_changes(monkeypatch):
    framer, surface = Framer(Framing(fit="whole", vignette=0.5)), pygame.Surface((320, 180), depth=32)
    framer.draw(surface, FACE, 0.0)
    made = []
    measure = Framer._measure
    monkeypatch.setattr(Framer, "_measure", lambda *parts: (made.append(1), measure(*parts)))
    for now in range(5):
        framer.draw(surface, FACE, float(now))
        framer.tune(Framing(fit="whole", vignette=0.5), 0, False)
    assert made == []
    framer.tune(Framing(fit="whole", vignette=0.6), 0, False)
    framer.draw(surface, FACE, 0.0)
    framer.draw(pygame.Surface((180, 320), depth=32), FACE, 0.0)
    framer.draw(pygame.Surface((180, 320), depth=32), SPECKLED[:32], 0.0)
    assert len(made) == 3


def test_a_window_takes_up_new_settings_at_once(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    with Window(Display(fullscreen=False)) as window:
        shown = Picture(FACE)
        window.show(shown)
        window.tune(
            Settings(framing=Framing(fit="whole", zoom=0.5, background="#ffffff"), screen=Display(mirrored=True))
        )
        window.show(shown)
        assert bare(pygame.surfarray.array3d(window._surface), (255, 255, 255)).mean() == pytest.approx(0.75, abs=0.01)
        assert window._wall.mirrored


@pytest.mark.parametrize(
    "framing",
    [
        {"zoom": 0.1}, {"zoom": 5.0}, {"centre": 1.1}, {"vignette": -0.1}, {"grain": 2.0}, {"grain": "much"},
        {"background": "black"}, {"background": "#12345"}, {"background": "#12345g"}, {"fit": "stretch"},
        {"filter": "sharp"}, {"background": None}, {"vignette": "much"},
    ],
)  # fmt: skip
def test_a_framing_that_means_nothing_is_refused(framing):
    with pytest.raises(ValidationError):
        Framing(**framing)


def test_a_colour_without_quotes_is_a_comment_and_is_said_so(tmp_path):
    (tmp_path / "config.yaml").write_text("framing:\n  background: #102030\n")
    with pytest.raises(ConfigError, match=r"line 2: 'framing\.background' should stand in quotes"):
        load(tmp_path / "config.yaml")


def test_the_settings_file_brings_a_preset_for_an_upright_wall_and_one_for_a_landscape_wall():
    presets = load(ROOT / "config.yaml").presets
    for name, wall in (("portrait", (1080, 1920)), ("landscape", (1920, 1080))):
        framing = presets[name].framing
        left, top, right, bottom = placed(SQUARE, wall, framing, 0).seen
        assert (right - left) * (bottom - top) > 0.3 * wall[0] * wall[1], "the face is what is seen"
        assert framing.vignette == 1.0, "and no edge"
        assert framing.model_fields_set == {"fit", "zoom", "centre", "vignette"}, "each undoes the other"


def test_every_picture_of_the_page_is_there():
    page = (ROOT / "docs" / "framing.md").read_text()
    shown = set(re.findall(r"\]\((framing-[a-z-]+\.png)\)", page))
    assert shown == {path.name for path in (ROOT / "docs").glob("framing-*.png")}
