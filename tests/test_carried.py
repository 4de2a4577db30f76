"""Paint goes with what moves: strokes neither boil on what stands still nor swim on what moves."""

import numpy as np
import pytest

from narcissus.sources.carried import Carried


def cloud(seed, height=96, width=128):
    """A soft pattern uint8 (H, W, 3) in which a flow can be found."""
    small = np.random.default_rng(seed).uniform(30, 225, (height // 8, width // 8, 3))
    return np.kron(small, np.ones((8, 8, 1))).astype(np.uint8)


def strokes(seed, shape=(96, 128, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def difference(one, other):
    return float(np.abs(one.astype(float) - other).mean())


def test_paint_that_boils_on_a_still_picture_comes_to_rest():
    carried, frame = Carried(), cloud(0)
    shown = [carried.carry(frame, strokes(n)) for n in range(60)]
    assert difference(shown[-1], shown[-2]) < 0.15 * difference(strokes(0), strokes(1))


def test_a_new_painting_of_a_still_picture_is_there_after_a_while():
    """A dial that is turned is followed to the end."""
    carried, frame = Carried(), cloud(0)
    carried.carry(frame, strokes(0))
    for _ in range(80):
        last = carried.carry(frame, strokes(1))
    assert np.abs(last.astype(int) - strokes(1)).max() <= 1


def test_strokes_go_with_what_moves():
    """A wide picture moves to the left under paint that stays on the screen: the paint on the wall moves along."""
    carried, world, still = Carried(), cloud(3, width=256), strokes(5)
    frames = [world[:, 2 * n : 2 * n + 128].copy() for n in range(12)]
    shown = [carried.carry(frame, still) for frame in frames]
    inner = np.s_[16:-16, 24:-24]
    along = difference(shown[-1][inner], np.roll(shown[-2], -2, axis=1)[inner])
    assert along < 0.6 * difference(still[inner], np.roll(still, -2, axis=1)[inner])


@pytest.mark.parametrize("cut", [True, False], ids=["told", "seen"])
def test_of_another_picture_nothing_of_before_is_left(cut):
    carried, bright = Carried(), np.full((96, 128, 3), 255, np.uint8)
    carried.carry(cloud(0) // 4, strokes(0))
    if cut:
        carried.forget()
    assert np.abs(carried.carry(bright, bright).astype(int) - bright).max() <= 1


def test_another_size_begins_anew():
    carried = Carried()
    carried.carry(cloud(0), strokes(0))
    smaller = strokes(1, (48, 64, 3))
    assert np.array_equal(carried.carry(cloud(0, 48, 64), smaller), smaller)


def test_it_goes_on_from_what_another_remembers():
    one, other = Carried(), Carried()
    assert one.state == {}
    for n in range(3):
        one.carry(cloud(0), strokes(n))
    other.go_on({name: array.copy() for name, array in one.state.items()})
    assert np.array_equal(one.carry(cloud(0), strokes(9)), other.carry(cloud(0), strokes(9)))
