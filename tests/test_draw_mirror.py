"""The README's picture: its moments are chosen by what viewers do, each of another viewer."""

import sys

import numpy as np
from conftest import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
from draw_mirror import chosen_of

# (yaw, mouth, smile) of four moments of each of five viewers, who does one thing each.
TOLD = np.zeros((20, 3))
TOLD[2], TOLD[6], TOLD[10], TOLD[14] = (-30, 0, 0), (30, 0, 0), (0, 0.5, 0), (0, 0, 0.5)
PEOPLE = [number // 4 for number in range(20)]


def test_every_movement_is_shown_by_whoever_makes_it_most():
    assert chosen_of(TOLD, PEOPLE)[:4] == [2, 6, 10, 14]


def test_each_is_another_viewer_even_where_one_makes_them_all():
    told = TOLD.copy()
    told[:4] = [(-40, 0, 0), (40, 0, 0), (0, 0.9, 0), (0, 0, 0.9)]
    assert sorted(PEOPLE[number] for number in chosen_of(told, PEOPLE)) == [0, 1, 2, 3, 4]


def test_a_single_viewer_shows_all_of_them():
    assert len(chosen_of(TOLD, [7] * 20)) == 5
