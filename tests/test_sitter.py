"""A sitter is one person: held, seen in one light, and told of in words that do not flip."""

from itertools import pairwise

import numpy as np
import pytest

from narcissus.core.types import Box, Face
from narcissus.features.portrait import COLUMNS
from narcissus.features.spatial import MEAN_SHAPE
from narcissus.motion import angle
from narcissus.scenes.mirror.sitter import AGE, FEMALE, HELD_LIMIT, Sitter

SIZE = 32


class Compass:
    """An inverter whose person is where `way` points, whatever is seen."""

    def __init__(self) -> None:
        self.way = np.eye(SIZE)[0]

    def person(self, resting, habit):
        return resting

    def fill(self, row):
        return np.eye(SIZE)[:1]

    def explain(self, row):
        return self.way[None], np.ones(1)

    def compose(self, explained, fill, exaggeration):
        return (np.sqrt(SIZE) * explained / np.linalg.norm(explained)).astype(np.float32)


def sit(sitter: Sitter, seconds: float, start: float = 0.0, female: float = 0.5, inverter=None):
    """What the sitter's person is over time, of frames thirty a second."""
    row = np.zeros(len(COLUMNS))
    row[AGE], row[FEMALE] = 40.0, female
    people = []
    for step in range(round(seconds * 30)):
        sitter.gather(row, np.zeros(6), 1.0, start + step / 30)
        if inverter is not None:
            people.append(sitter.person(inverter, 1.0, start + step / 30))
    return people


def test_whoever_is_known_changes_slowly_and_gets_there():
    compass, sitter = Compass(), Sitter(0.5)
    sit(sitter, 2.0, inverter=compass)
    compass.way = np.eye(SIZE)[0] + 0.2 * np.eye(SIZE)[1]
    people = sit(sitter, 10.0, start=2.0, inverter=compass)
    steps = [float(angle(a, b)) for a, b in pairwise(people)]
    assert max(steps) <= HELD_LIMIT / 30 + 1e-3
    assert angle(people[-1], compass.way) < 0.5


def test_whoever_is_not_known_yet_is_taken_at_once():
    compass, sitter = Compass(), Sitter(0.5)
    sit(sitter, 0.1, inverter=compass)
    compass.way = np.eye(SIZE)[1]
    assert angle(sit(sitter, 0.1, start=0.1, inverter=compass)[-1], compass.way) < 1e-3


def test_a_dial_is_answered_at_once():
    compass, sitter = Compass(), Sitter(0.5)
    sit(sitter, 2.0, inverter=compass)
    compass.way = np.eye(SIZE)[1]
    assert angle(sitter.person(compass, 1.5, 2.0), compass.way) < 1e-3


def test_the_light_is_that_of_the_last_seconds_and_a_switched_lamp_is_followed():
    sitter, rng = Sitter(0.5), np.random.default_rng(0)
    gains = lambda level: np.float32(level * np.exp(rng.normal(0, 0.05, 3)))
    held = np.array([sitter.light(gains(1.0), step / 30) for step in range(120)])
    assert np.log(held[60:]).std(axis=0).max() < 0.02
    switched = np.array([sitter.light(gains(2.0), 4 + step / 30) for step in range(60)])
    assert switched[-1] == pytest.approx(2.0, rel=0.1)


def test_what_is_told_does_not_flip_where_the_guess_trembles_about_one_half():
    sitter, told = Sitter(0.5), []
    for second, female in enumerate((0.55, 0.45, 0.48, 0.52, 0.47, 0.4)):
        sit(sitter, 1.0, start=second, female=female)
        told.append(sitter.told()["female"] >= 0.5)
    assert all(told)
    assert sitter.told()["age"] == pytest.approx(40.0)


def test_what_is_told_changes_where_the_evidence_does():
    sitter = Sitter(0.5)
    sit(sitter, 1.0, female=0.55)
    assert sitter.told()["female"] >= 0.5
    sit(sitter, 20.0, start=1.0, female=0.05)
    assert sitter.told()["female"] < 0.5


def test_whoever_comes_back_after_a_cut_has_no_light_yet():
    """A cut makes new sitters (Sitters.forget); a new one begins with the light that it is shown."""
    assert Sitter(0.5).light(np.float32([3.0, 2.0, 1.0]), 0.0) == pytest.approx([3.0, 2.0, 1.0])


def test_landmarks_keep_their_place():
    face = Face((MEAN_SHAPE * 60 + 100).astype(np.float32), Box(60, 60, 140, 140), 1)
    assert Sitter(0.5).landmarks(face, 0.0) == pytest.approx(face.landmarks, abs=1e-3)
