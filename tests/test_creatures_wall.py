"""The wall: any number of cells in any shape, and births that are small events and never jumps."""

from itertools import pairwise

import numpy as np
import pytest

from narcissus.scenes.creatures.layout import even, laid_out
from narcissus.scenes.creatures.wall import BACKGROUND, FADE, RISE, Wall

SIZES = [(1920, 1080), (1080, 1920), (1024, 768), (3840, 1080), (800, 800), (720, 2560)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cells", [12, 13, 31, 48, 61, 96])
def test_any_number_of_cells_hangs_on_a_wall_of_any_shape(cells, size):
    layout = laid_out(cells, size)
    assert len(layout.corners) == cells
    taken = np.zeros(size[::-1], int)
    for cell in range(cells):
        rows, columns = layout.boxed(cell)
        assert rows.start >= 0 <= columns.start
        taken[rows, columns] += 1
    assert taken.sum() == cells * layout.side**2, "all of every cell is on the wall"
    assert taken.max() == 1, "and no two share a pixel"
    assert taken.mean() > 0.55


def test_rows_are_even_and_the_longer_ones_are_spread():
    assert even(48, 5) == [10, 9, 10, 9, 10]
    assert even(12, 3) == [4, 4, 4]
    assert all(sum(even(cells, rows)) == cells for cells in range(12, 97) for rows in range(1, 13))


FACES = np.random.default_rng(0).integers(60, 250, (14, 32, 32, 3)).astype(np.uint8)


@pytest.fixture
def wall():
    return Wall(laid_out(12, (480, 270)), FACES[:12], 0.7)


def part(wall, image, cell):
    return image[wall.layout.boxed(cell)].astype(int)


def test_a_birth_changes_three_cells_and_no_other(wall):
    before = wall.picture(10.0)
    wall.born(3, FACES[12], (5, 7), 10.0, 11.0)
    after = wall.picture(10.7)
    changed = {cell for cell in range(12) if (part(wall, before, cell) != part(wall, after, cell)).any()}
    assert changed == {3, 5, 7}


def test_no_birth_is_a_jump(wall):
    """At 60 pictures a second no pixel changes by more than a tenth of its range from one to the next."""
    pictures = [wall.picture(10.0)]
    for number in range(130):
        if number == 5:
            wall.born(3, FACES[12], (5, 7), 10 + number / 60, 11 + number / 60)
        if number == 65:
            wall.born(6, FACES[13], (3, 7), 10 + number / 60, 11 + number / 60)
        pictures.append(wall.picture(10 + number / 60))
    steps = [np.abs(one.astype(int) - other).max() for one, other in pairwise(pictures)]
    assert max(steps) <= 25
    assert np.abs(pictures[0].astype(int) - pictures[-1]).max() > 100, "the control: somebody else hangs there"


def test_the_newest_and_its_parents_are_told_apart(wall):
    """By their rings: the mother's colour, the father's, and of the child a half of each."""
    wall.born(3, FACES[12], (5, 7), 10.0, 11.0)
    image = wall.picture(10.9)
    ring = lambda cell: part(wall, image, cell)[wall.layout.side // 2, [3, -4]]
    warm = lambda pixel: pixel[0] - pixel[2]
    assert warm(ring(3)[0]) > 40 > 0 > -40 > warm(ring(3)[1])
    assert min(warm(pixel) for pixel in ring(5)) > 20
    assert max(warm(pixel) for pixel in ring(7)) < -20
    assert np.abs(ring(4) - BACKGROUND).max() <= 2


def test_the_others_hang_a_little_darker_and_rings_go(wall):
    wall.born(3, FACES[12], (5, 7), 10.0, 11.0)
    lit, later = wall.picture(10.9), wall.picture(11.0 + FADE + RISE)
    middle = slice(wall.layout.side // 3, 2 * wall.layout.side // 3)
    glow = lambda image, cell: part(wall, image, cell)[middle, middle].mean()
    assert glow(later, 5) == pytest.approx(0.7 * glow(lit, 5), rel=0.03)
    assert glow(lit, 4) == glow(later, 4)


def test_who_changes_between_two_pictures_is_shown_however_far_they_are_apart(wall):
    before = wall.picture(10.0)
    wall.change(3, FACES[12], 10.0)
    assert (part(wall, before, 3) != part(wall, wall.picture(10.0 + 2 * RISE), 3)).any()


def test_who_has_gone_is_kept_nowhere(wall):
    wall.change(3, FACES[12], 10.0)
    wall.picture(10.0 + 2 * RISE)
    assert wall._cells[3].before is wall._cells[3].now


def test_what_stands_in_the_middle_comes_and_goes_softly(wall):
    width, height = wall.middle
    guest = np.full((height, width, 3), 200, np.uint8)
    bare = wall.picture(10.0)
    wall.lay(guest, 10.0)
    levels = [int(wall.picture(10 + n / 60)[135, 240, 0]) for n in range(80)]
    assert levels[-1] == 200
    assert max(np.diff(levels)) < 12
    wall.lay(None, 12.0)
    assert np.array_equal(wall.picture(13.0), bare)
    assert wall.picture(13.0) is wall.picture(13.1)
