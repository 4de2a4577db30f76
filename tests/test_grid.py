"""Where several reflections hang on one wall, and the one picture that they become."""

import numpy as np
import pytest

from narcissus.scenes.mirror import grid


@pytest.mark.parametrize("count", range(1, grid.MOST + 1))
def test_places_lie_apart_on_the_wall_from_left_to_right(count):
    places = grid.places(count)
    assert places.shape == (count, 3)
    x, y, width = places.T
    assert np.all(np.diff(x) >= 0)
    assert x.mean() == pytest.approx(0.5)
    assert (x - width / 2).min() >= 0
    assert (x + width / 2).max() <= 1
    assert (y - width / 2).min() >= 0
    assert (y + width / 2).max() <= 1
    apart = np.maximum(np.abs(x[:, None] - x), np.abs(y[:, None] - y)) + np.eye(count)
    assert apart.min() >= width[0] * 0.999


def test_a_picture_hangs_where_it_should_and_moves_between_the_pixels():
    image = np.full((1, 8, 8, 3), 200, np.uint8)
    wall = grid.composed(image, np.array([[0.5, 0.5, 0.5, 1.0]]), 16)
    assert wall[4:12, 4:12].min() == 200
    assert wall.sum() == 8 * 8 * 3 * 200
    moved = grid.composed(image, np.array([[0.5 + 0.25 / 16, 0.5, 0.5, 1.0]]), 16)
    assert moved[8, [3, 4, 11, 12], 0].tolist() == [0, 150, 200, 50]


def test_a_picture_that_fills_the_wall_is_itself_and_one_without_opacity_is_not_seen():
    image = np.random.default_rng(0).integers(0, 255, (1, 16, 16, 3), np.uint8)
    assert np.array_equal(grid.composed(image, np.array([[0.5, 0.5, 1.0, 1.0]]), 16), image[0])
    assert not grid.composed(image, np.array([[0.5, 0.5, 1.0, 0.0]]), 16).any()
    half = grid.composed(image, np.array([[0.5, 0.5, 1.0, 0.5]]), 16).astype(float)
    assert np.abs(half - image[0] / 2).max() <= 1
    assert not grid.composed(image, np.array([[3.0, 0.5, 1.0, 1.0]]), 16).any()


def test_a_far_smaller_picture_keeps_its_mean():
    lines = np.zeros((1, 64, 64, 3), np.uint8)
    lines[:, :, ::4] = 255
    wall = grid.composed(lines, np.array([[0.5, 0.5, 0.25, 1.0]]), 64)
    assert abs(float(wall[26:38, 26:38].mean()) - 255 / 4) < 3


def test_every_reflection_of_a_full_wall_keeps_its_own_pixels():
    assert grid.size_for(64) == 192
    assert grid.size_for(512) == grid.LARGEST
    assert grid.size_for(2048) == 2048
