"""The composed picture that comes by itself: the face is what is seen, and its surroundings end in the dark."""

import numpy as np
import pygame
import pytest

from narcissus.core.sections import Framing
from narcissus.core.types import Panel, Picture
from narcissus.scenes.mirror import grid
from narcissus.sinks.framing import Framer
from narcissus.sinks.place import placed
from narcissus.sinks.wall import Wall

SQUARE = (128, 128)
LANDSCAPE, PORTRAIT = (480, 270), (270, 480)
FACE = np.zeros((128, 128, 3), np.uint8) + np.array([200, 120, 60], np.uint8)
SPECKLED = np.random.default_rng(0).integers(40, 216, (128, 128, 3)).astype(np.uint8)


def wall_of(image=FACE, wall=LANDSCAPE, rotation=0, **framing) -> np.ndarray:
    """The wall, uint8 (height, width, 3) RGB."""
    surface = pygame.Surface(wall, depth=32)
    Framer(Framing(**{"grain": 0.0} | framing), rotation).draw(surface, image, 0.0)
    return pygame.surfarray.array3d(surface).transpose(1, 0, 2)


def wide(image: np.ndarray) -> np.ndarray:
    """A picture of 16:9, as a camera's."""
    return np.ascontiguousarray(np.broadcast_to(image[:72, :1], (72, 128, 3)))


@pytest.mark.parametrize("wall", [LANDSCAPE, PORTRAIT, (960, 540), (400, 300), (960, 270)])
def test_the_middle_is_the_picture_as_it_is_and_the_corners_are_dark(wall):
    seen = wall_of(wall=wall).astype(int)
    down, across = wall[1] // 2, wall[0] // 2
    assert np.abs(seen[down, across] - FACE[0, 0]).max() <= 2
    for corner in (seen[0, 0], seen[0, -1], seen[-1, 0], seen[-1, -1]):
        assert corner.max() <= 12


@pytest.mark.parametrize("wall", [LANDSCAPE, PORTRAIT])
def test_no_edge_says_where_the_picture_ends(wall):
    """Along the middle of the wall the light falls, and never by a step."""
    seen = wall_of(wall=wall).astype(int)[..., 0]
    line = seen[wall[1] // 2] if wall is LANDSCAPE else seen[:, wall[0] // 2]
    assert np.abs(np.diff(line)).max() <= 6
    assert line[0] < 40
    plain = wall_of(wall=wall, fit="whole").astype(int)[..., 0]
    control = plain[wall[1] // 2] if wall is LANDSCAPE else plain[:, wall[0] // 2]
    assert np.abs(np.diff(control)).max() > 100, "the control: black bars have an edge"


def test_the_surroundings_have_the_colours_of_the_picture_beside_them():
    image = FACE.copy()
    image[:, :64] = (40, 40, 220)
    seen = wall_of(image).astype(int)
    beside = seen[135, 80], seen[135, 400]  # beyond the picture, which stands from 105 to 375
    assert beside[0][2] > 3 * beside[0][0]
    assert beside[1][0] > 2 * beside[1][2]


def test_an_upright_wall_is_filled_by_the_face_and_nothing_of_eyes_and_mouth_is_cut_off():
    place = placed(SQUARE, (1080, 1920), Framing(), 0)
    left, top, right, bottom = place.seen
    assert (right - left) * (bottom - top) > 0.7 * 1080 * 1920
    assert -place.left / place.width < 0.125, "of the picture's width, on either side"


def test_a_landscape_wall_shows_the_whole_face():
    assert placed(SQUARE, (1920, 1080), Framing(), 0).seen == (420, 0, 1500, 1080)


@pytest.mark.parametrize("rotation", [90, 270])
def test_a_turned_screen_is_upright_if_it_is_so_for_people(rotation):
    slope = np.linspace(20, 230, 128).astype(np.uint8)
    image = np.stack([np.tile(slope, (128, 1)), np.tile(slope[:, None], (1, 128)), FACE[..., 0]], axis=2)
    turned, upright = wall_of(image, LANDSCAPE, rotation), wall_of(image, PORTRAIT)
    np.testing.assert_allclose(np.rot90(turned, rotation // 90).astype(int), upright.astype(int), atol=4)


@pytest.mark.parametrize("wall", [(480, 270), (480, 300), (470, 270)])
def test_a_picture_of_the_walls_shape_fills_it_and_stays_as_it_is(wall):
    np.testing.assert_allclose(wall_of(wide(FACE), wall), np.broadcast_to(FACE[0, 0], (wall[1], wall[0], 3)), atol=1)


def test_a_wide_picture_on_an_upright_wall_has_surroundings_above_and_below():
    seen = wall_of(wide(FACE), PORTRAIT).astype(int)
    assert seen[240, 135, 0] > 190
    assert 20 < seen[110, 135, 0] < 190
    assert seen[0].max() < 12


def shared(count: int, wall=LANDSCAPE, image=FACE, **framing) -> np.ndarray:
    """The wall of `count` reflections, all alike: uint8 (height, width, 3)."""
    parts = grid.parts(count, wall[0] / wall[1])
    panels = tuple(Panel(image, (x - w / 2, y - h / 2, w, h)) for x, y, w, h in parts.tolist())
    surface = pygame.Surface(wall, depth=32)
    Wall(Framing(**{"grain": 0.0} | framing)).draw(surface, Picture(image, panels=panels), 0.0)
    return pygame.surfarray.array3d(surface).transpose(1, 0, 2)


def middles(count: int, wall) -> list[tuple[int, int]]:
    return [(round(x * wall[0]), round(y * wall[1])) for x, y, *_ in grid.parts(count, wall[0] / wall[1]).tolist()]


@pytest.mark.parametrize("wall", [LANDSCAPE, PORTRAIT])
@pytest.mark.parametrize("framing", [{}, {"fit": "whole", "vignette": 1.0}])
@pytest.mark.parametrize("count", [2, 3, 5, 9])
def test_several_reflections_are_all_as_bright_and_each_is_shaded_by_itself(count, framing, wall):
    seen = shared(count, wall, **framing).astype(int)
    for x, y in middles(count, wall):
        np.testing.assert_allclose(seen[y, x], FACE[0, 0], atol=2)
    first, second = middles(count, wall)[:2]
    between = seen[(first[1] + second[1]) // 2, (first[0] + second[0]) // 2]
    assert between.max() < 30, "each ends in the dark before the next begins"


@pytest.mark.parametrize(("wall", "columns"), [((1920, 1080), 3), ((1080, 1920), 1), ((1000, 1000), 2)])
def test_three_share_the_wall_that_there_is(wall, columns):
    parts = grid.parts(3, round(wall[0] / wall[1], 2))
    assert round(1 / parts[0, 2]) == columns
    assert parts[:, 2].max() * parts[:, 3].max() >= 1 / 4, "and little of it is left over"


def test_the_wall_between_several_has_its_colour():
    seen = shared(2, background="#405060").astype(int)
    for place in ((0, 0), (135, 240), (0, 479)):
        np.testing.assert_allclose(seen[place], (0x40, 0x50, 0x60), atol=8)


@pytest.mark.parametrize("count", [2, 4])
def test_nothing_is_grainy_between_several(count):
    """Where the dark is dark it is dark in every moment: specks only take light away."""
    moments = []
    for now in (0.0, 1.0):
        surface, wall = pygame.Surface(LANDSCAPE, depth=32), Wall(Framing(grain=1.0))
        parts = grid.parts(count, 16 / 9)
        panels = tuple(Panel(SPECKLED, (x - w / 2, y - h / 2, w, h)) for x, y, w, h in parts.tolist())
        wall.draw(surface, Picture(SPECKLED, panels=panels), now)
        moments.append(pygame.surfarray.array3d(surface).transpose(1, 0, 2).astype(int))
    dark = np.maximum(*moments).max(axis=2) < 6
    assert dark.mean() > 0.05, "there is such a place"
    assert np.abs(moments[0] - moments[1])[dark].max() <= 5
    assert np.abs(moments[0] - moments[1]).max() > 20, "the control: there is grain"


def test_one_who_is_joined_by_another_goes_over_without_a_jump():
    """From a wall of one's own to half of it: each picture differs little from the one before."""
    surface, wall, before = pygame.Surface(LANDSCAPE, depth=32), Wall(Framing(grain=0.0)), None
    alone, joined = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 0.0, 0.5, 1.0])
    for share in np.linspace(0, 1, 61).tolist():
        place = tuple((alone + share * (joined - alone)).tolist())
        panels = () if share == 0 else (Panel(FACE, place, shared=share),)
        wall.draw(surface, Picture(FACE, panels=panels), 0.0)
        now = pygame.surfarray.array3d(surface).astype(float)
        assert before is None or np.abs(now - before).mean() < 4
        before = now


def test_the_wall_has_its_colour_where_the_surroundings_have_ended():
    seen = wall_of(background="#405060").astype(int)
    np.testing.assert_allclose(seen[0, 0], (0x40, 0x50, 0x60), atol=8)


def test_black_stays_black_under_grain():
    dark = FACE // 200
    assert wall_of(dark, grain=1.0)[:20, :20].max() == 0


@pytest.mark.parametrize(
    "more", [{"zoom": 0.3}, {"zoom": 3.0}, {"filter": "pixels"}, {"filter": "cubic"}, {"centre": 0.0}]
)
@pytest.mark.parametrize("wall", [(333, 77), (270, 480)])
def test_whatever_else_is_asked_for_the_wall_is_covered(more, wall):
    """By surroundings that are not dark: without a vignette nothing of a coloured wall is left."""
    seen = wall_of(FACE, wall, vignette=0.0, background="#010203", **more)
    np.testing.assert_allclose(seen.astype(int), np.broadcast_to(FACE[0, 0], seen.shape).astype(int), atol=2)


def test_every_pixel_of_the_network_is_a_square_among_its_surroundings():
    wall = wall_of(SPECKLED, (1280, 640), filter="pixels", vignette=0.0)
    blocks = wall.reshape(128, 5, 256, 5, 3)
    assert (blocks == blocks[:, :1, :, :1]).all()
    middle = slice(30, 98)
    np.testing.assert_array_equal(blocks[middle, 0, 64 + 30 : 64 + 98, 0], SPECKLED[middle, 30:98])
