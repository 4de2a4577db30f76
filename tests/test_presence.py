"""One identity for a person: kept while a face is followed, and when it is lost and found again near its place."""

import numpy as np
import pytest

from narcissus.core import timeouts
from narcissus.core.timeouts import REJOINED
from narcissus.core.types import Box, Face
from narcissus.people.presence import Presence


def face(identity, left=100.0, side=100.0):
    return Face(np.zeros((68, 2), np.float32), Box(left, 100.0, left + side, 100.0 + side), identity)


def numbers(presence, faces, now):
    return [one.identity for one in presence.named(faces, now)]


@pytest.fixture
def presence():
    return Presence()


def test_whoever_is_followed_keeps_a_number_of_their_own(presence):
    first = numbers(presence, [face(7), face(8, left=400)], 0.0)
    assert len(set(first)) == 2
    assert numbers(presence, [face(8, left=300), face(7, left=200)], 0.1) == first[::-1]


def test_whoever_is_lost_and_found_again_near_the_same_place_is_the_same_person(presence):
    (person,) = numbers(presence, [face(7)], 0.0)
    numbers(presence, [], 1.0)
    assert numbers(presence, [face(9, left=130)], REJOINED - 0.1) == [person]


@pytest.mark.parametrize(("widths", "same"), [(3.0, False), (0.3, True)], ids=["walking", "swaying"])
def test_whoever_walked_out_is_not_whoever_comes_in_by_the_same_side(presence, widths, same):
    lefts = [100 + widths * 100 * number / 30 for number in range(15)]  # in half a second, 30 frames a second
    (person,) = {number for tick, left in enumerate(lefts) for number in numbers(presence, [face(7, left)], tick / 30)}
    numbers(presence, [], 1.0)
    assert (numbers(presence, [face(9, left=lefts[-1])], 2.0) == [person]) is same


def test_whoever_came_in_quickly_and_stands_there_is_found_again(presence):
    lefts = [100 + 10 * number for number in range(15)] + [240] * 30
    (person,) = {number for tick, left in enumerate(lefts) for number in numbers(presence, [face(7, left)], tick / 30)}
    assert numbers(presence, [face(9, left=240)], 3.0) == [person]


@pytest.mark.parametrize(("left", "away"), [(100, REJOINED + 0.1), (500, 1.0)], ids=["too late", "elsewhere"])
def test_too_late_or_elsewhere_it_is_somebody_else(presence, left, away):
    (person,) = numbers(presence, [face(7)], 0.0)
    assert numbers(presence, [face(9, left=left)], away) != [person]


def test_nobody_takes_the_number_of_somebody_who_is_there(presence):
    (person,) = numbers(presence, [face(7)], 0.0)
    found = numbers(presence, [face(7), face(9, left=110)], 0.1)
    assert found[0] == person
    assert found[1] != person


def test_after_a_cut_everybody_is_somebody_else(presence):
    (person,) = numbers(presence, [face(7)], 0.0)
    presence.forget()
    assert numbers(presence, [face(7)], 0.1) != [person]


def test_the_table_of_times_grows_from_a_face_to_a_person():
    """Whoever is still believed in is not yet lost, and whoever is lost may still come back."""
    t = timeouts
    assert t.UNSEEN_FOR < t.DOUBTED_FOR <= t.GRACE <= t.HOLD <= t.REMEMBERED <= t.GONE < t.STALE < t.REJOINED
