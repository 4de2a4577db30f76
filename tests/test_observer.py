"""Perception's side of joining: who is captured is handed over once, as numbers, and one array is left of them."""

import numpy as np
import pytest
from test_joining import AtOnce, Nursery

from narcissus.core.timeouts import REJOINED, STALE
from narcissus.core.types import Box, Face, Frame
from narcissus.features.spatial.shape import MEAN_SHAPE
from narcissus.networks.attributes.guesses import Guesses
from narcissus.scenes.creatures.joining import observer as observers
from narcissus.scenes.creatures.joining.capture import HELD, RING, Sign
from narcissus.scenes.creatures.joining.joining import Joining
from narcissus.scenes.creatures.joining.observer import Observer
from narcissus.scenes.creatures.joining.signs import Signs
from narcissus.scenes.creatures.profile.measures import ALSO, MEASURED
from narcissus.scenes.creatures.profile.profile import path_of, read_profiles

RATE = 30
FACE = Face((MEAN_SHAPE * 100 + 200).astype(np.float32), Box(100, 100, 300, 300), 1)
EXPRESSION = {"neutral": 1.0, "happiness": 0.0, "surprise": 0.0, "other": 0.0}


class Finder:
    """Finds one face, until it has left."""

    faces = (FACE,)

    def find(self, frame):
        return list(self.faces)


class Still:
    """Signs of somebody who holds still and lives."""

    def look(self, frame, face):
        return Sign(face.identity, 2.0, 0.1, 0.5, 0.2, frame.time)

    def forget(self):
        """There is nothing to forget."""


class Sitter:
    """Composes the same person in an array of its own."""

    def __init__(self, calm):
        self.guesses, self.guessed = None, -np.inf
        self.array = np.linspace(1, 2, 64)

    def landmarks(self, face, now):
        return face.landmarks

    def light(self, gains, now):
        return gains

    def gather(self, *words):
        """One frame more."""

    def person(self, inverter, exaggeration, now):
        return self.array


class Inverter:
    def divide(self, row):
        return row, row

    def confidence(self, row):
        return np.ones(1)


class Attributes:
    def guess(self, image, outline, gains):
        return Guesses(40.0, 9.0, 0.5, EXPRESSION)


@pytest.fixture
def observer(monkeypatch):
    monkeypatch.setattr(observers, "Sitter", Sitter)
    monkeypatch.setattr(observers, "light_on", lambda *words: np.ones(3, np.float32))
    monkeypatch.setattr(observers, "portray", lambda *words: np.zeros(3, np.float32))
    monkeypatch.setattr(observers, "moment", lambda row: np.zeros((1, 6), np.float32))
    observer = Observer(Finder(), Inverter(), Attributes(), live=False)
    observer._signs = Still()
    return observer


def looked(observer, seconds, start=0.0, display=lambda noticed: noticed.caught is None or noticed.caught.take()):
    """What was noticed of each frame; `display` has seen each before the next frame."""
    image = np.zeros((480, 640, 3), np.uint8)
    noticed = []
    for number in range(round(seconds * RATE)):
        noticed.append(observer.look(Frame(image, start + number / RATE)))
        display(noticed[-1])
    return noticed


def test_whoever_is_captured_is_handed_over_once_with_what_profiles_speak_of(observer):
    noticed = looked(observer, HELD + RING + 1)
    (closed,) = [one for one in noticed if one.caught is not None]
    assert [one.phase for one in noticed].count("captured") == 1
    assert closed.caught.measured.keys() == {*MEASURED, *ALSO}
    assert closed.caught.guessed.keys() == {"age", "age_spread", *EXPRESSION}


@pytest.mark.parametrize("first", [0, 1, 2])
def test_a_display_that_sees_one_of_three_frames_misses_nobody(observer, first):
    profiles = read_profiles(path_of("auto", "en"))
    guest = Joining(observer, Nursery(), AtOnce(), profiles, lambda: 2e9)
    guest.fit((320, 180))
    number = iter(range(first, 1000))

    def display(noticed):
        if next(number) % 3 == 2:
            guest.picture(noticed, noticed.time)

    noticed = looked(observer, HELD + RING + 1, display=display)
    assert guest._visit.stage == "offered"
    assert guest._visit._caught is next(one.caught for one in noticed if one.caught is not None)
    assert guest._visit._caught.latent.any()
    assert noticed[-1].caught is None, "taken"


def test_whom_no_display_takes_within_a_second_is_wiped_and_nobody(observer):
    noticed = looked(observer, HELD + RING + STALE + 1, display=lambda noticed: None)
    told = [one for one in noticed if one.caught is not None]
    assert len({id(one.caught) for one in told}) == 1
    assert told[-1].time - told[0].time == pytest.approx(STALE, abs=1.5 / RATE)
    assert not told[0].caught.latent.any()
    guest = Joining(None, Nursery(), AtOnce(), read_profiles(path_of("auto", "en")), lambda: 2e9)
    guest.picture(told[-1], told[-1].time)
    assert guest._visit.stage == "nobody"


def test_one_array_holds_the_latent_and_whoever_has_it_wipes_it(observer):
    looked(observer, HELD + 1)
    working = observer._sitter.array
    (caught,) = [one.caught for one in looked(observer, RING, HELD + 1) if one.caught is not None]
    assert caught.latent.dtype == np.float32
    np.testing.assert_allclose(caught.latent, np.linspace(1, 2, 64), rtol=1e-6)
    assert not working.any(), "perception's own is overwritten"


def test_what_was_measured_is_forgotten_when_the_ring_is_cancelled(observer):
    looked(observer, HELD + 1)
    sitting = observer._sitter
    observer.finder.faces = ()
    assert [one.phase for one in looked(observer, 1.0, HELD + 1)][-1] == "nobody"
    assert observer._sitter is not sitting
    assert observer._person is None


def test_of_whoever_has_gone_no_picture_of_a_face_is_kept(observer):
    observer._signs = Signs()
    looked(observer, 2.0)
    liveness = observer._signs._liveness
    assert liveness.face is not None, "the control"
    assert liveness._moments
    observer.finder.faces = ()
    looked(observer, REJOINED - 0.5, start=2.0)
    assert observer._signs._liveness is liveness, "whoever is missed for a moment may come back"
    looked(observer, 1.0, start=2.0 + REJOINED)
    assert observer._signs._liveness.face is None
    assert not observer._signs._poses
