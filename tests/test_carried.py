"""Paint goes with what moves: strokes neither boil on what stands still nor swim on what moves, at any rate."""

import numpy as np
import pytest

from narcissus.sources.carried import Carried


def cloud(seed, height=96, width=128):
    """A soft pattern uint8 (H, W, 3) in which a flow can be found."""
    small = np.random.default_rng(seed).uniform(30, 225, (height // 8, width // 8, 3))
    return np.kron(small, np.ones((8, 8, 1))).astype(np.uint8)


def strokes(seed, shape=(96, 128, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def at_rest(seconds, rate):
    """What is left of a painting, 0 to 1, after so many seconds of another one over a picture that stands still."""
    carried, frame = Carried(), cloud(0)
    black, white = np.zeros((96, 128, 3), np.uint8), np.full((96, 128, 3), 255, np.uint8)
    carried.carry(frame, white, 5.0)
    for n in range(1, round(seconds * rate) + 1):
        last = carried.carry(frame, black, 5.0 + n / rate)
    return float(last.mean()) / 255


def difference(one, other):
    return float(np.abs(one.astype(float) - other).mean())


def test_paint_that_boils_on_a_still_picture_comes_to_rest():
    carried, frame = Carried(), cloud(0)
    shown = [carried.carry(frame, strokes(n), n / 30) for n in range(60)]
    assert difference(shown[-1], shown[-2]) < 0.15 * difference(strokes(0), strokes(1))


def test_a_new_painting_of_a_still_picture_is_there_after_a_while():
    """A dial that is turned is followed to the end."""
    carried, frame = Carried(), cloud(0)
    carried.carry(frame, strokes(0), 0.0)
    for n in range(80):
        last = carried.carry(frame, strokes(1), (n + 1) / 30)
    assert np.abs(last.astype(int) - strokes(1)).max() <= 1


def test_strokes_go_with_what_moves():
    """A wide picture moves to the left under paint that stays on the screen: the paint on the wall moves along."""
    carried, world, still = Carried(), cloud(3, width=256), strokes(5)
    frames = [world[:, 2 * n : 2 * n + 128].copy() for n in range(12)]
    shown = [carried.carry(frame, still, n / 30) for n, frame in enumerate(frames)]
    inner = np.s_[16:-16, 24:-24]
    along = difference(shown[-1][inner], np.roll(shown[-2], -2, axis=1)[inner])
    assert along < 0.6 * difference(still[inner], np.roll(still, -2, axis=1)[inner])


@pytest.mark.parametrize("cut", [True, False], ids=["told", "seen"])
def test_of_another_picture_nothing_of_before_is_left(cut):
    carried, bright = Carried(), np.full((96, 128, 3), 255, np.uint8)
    carried.carry(cloud(0) // 4, strokes(0), 0.0)
    if cut:
        carried.forget()
    assert np.abs(carried.carry(bright, bright, 1 / 30).astype(int) - bright).max() <= 1


def test_another_size_begins_anew():
    carried = Carried()
    carried.carry(cloud(0), strokes(0), 0.0)
    smaller = strokes(1, (48, 64, 3))
    assert np.array_equal(carried.carry(cloud(0, 48, 64), smaller, 1 / 30), smaller)


def test_it_goes_on_from_what_another_remembers():
    one, other = Carried(), Carried()
    assert one.state == {}
    for n in range(3):
        one.carry(cloud(0), strokes(n), n / 30)
    other.go_on({name: array.copy() for name, array in one.state.items()})
    assert np.array_equal(one.carry(cloud(0), strokes(9), 0.1), other.carry(cloud(0), strokes(9), 0.1))


@pytest.mark.parametrize("rate", [12, 24, 60, 120])
def test_a_dial_is_followed_as_soon_at_any_rate(rate):
    assert at_rest(0.25, rate) == pytest.approx(at_rest(0.25, 240), abs=0.01)


def test_at_thirty_a_second_a_tenth_gives_way_with_each_picture():
    """The rate of the films at which the warped error was measured."""
    assert at_rest(1 / 30, 30) == pytest.approx(0.9, abs=0.003)


def test_a_frame_that_is_shown_again_changes_nothing():
    carried, frame = Carried(), cloud(0)
    first = carried.carry(frame, strokes(0), 1.0)
    assert np.array_equal(carried.carry(frame, strokes(1), 1.0), first)
