"""Joining: shown, and forgotten unless a second act keeps it; the code is nowhere, and nothing leaves the window."""

import types
from concurrent.futures import Future

import cv2
import numpy as np
import pytest

from narcissus.colony import Colony
from narcissus.core.permit import Door, Permit
from narcissus.core.types import Picture
from narcissus.scenes.creatures.joining import card, codes
from narcissus.scenes.creatures.joining.joining import Joining
from narcissus.scenes.creatures.joining.observer import Caught, Noticed
from narcissus.scenes.creatures.joining.opening import closing
from narcissus.scenes.creatures.joining.visit import OFFERED, SHOWN
from narcissus.scenes.creatures.profile.measures import ALSO, MEASURED
from narcissus.scenes.creatures.profile.profile import path_of, read_profiles

PROFILES = read_profiles(path_of("auto", "en"))
GUESSED = {"age": 40.0, "age_spread": 9.0, "neutral": 1.0, "happiness": 0.0, "surprise": 0.0, "other": 0.0}
PORTRAIT = np.full((64, 64, 3), 90, np.uint8)


class AtOnce:
    """A worker that has done it when it is asked."""

    def submit(self, work, *words):
        done = Future()
        done.set_result(work(*words))
        return done


class Nursery:
    """Keeps whoever is adopted in a real colony."""

    def __init__(self) -> None:
        self.colony = Colony()

    def hybrid(self, latent, seed):
        return types.SimpleNamespace(portrait=PORTRAIT)

    def adopt(self, hybrid, latent, attributes, seed, code, until):
        return self.colony.join(latent, attributes, seed, code, until)


@pytest.fixture
def nursery():
    return Nursery()


@pytest.fixture
def joining(nursery):
    guest = Joining(None, nursery, AtOnce(), PROFILES, lambda: 2e9, "http://wall.local:8001")
    guest.fit((800, 450))
    return guest


def caught(number=1, now=0.0):
    """What perception hands over when the ring has closed."""
    told = dict.fromkeys((*MEASURED, *ALSO), 0.5)
    latent = np.random.default_rng(number).standard_normal(128).astype(np.float32)
    return Noticed(now, True, "captured", now, Caught(latent, told, GUESSED))


def code_of(guest) -> str:
    return guest._visit.code


def test_a_visitor_who_does_nothing_is_forgotten_and_the_latent_overwritten(joining, nursery):
    noticed = caught()
    assert joining.picture(noticed, 0.0) is not None
    assert joining.picture(None, OFFERED - 0.1) is not None
    assert noticed.caught.latent.any()
    assert joining.picture(None, OFFERED + 0.1) is None
    assert not noticed.caught.latent.any()
    assert nursery.colony.visitors() == []
    assert code_of(joining) == ""


def test_a_key_keeps_numbers_alone_and_the_four_words_delete_them(joining, nursery):
    noticed = caught()
    latent = noticed.caught.latent.copy()
    joining.picture(noticed, 0.0)
    code = code_of(joining)
    joining.obey("keep")
    joining.picture(None, 0.1)
    (visitor,) = nursery.colony.visitors()
    assert np.array_equal(visitor.latent, latent)
    assert set(visitor.attributes) == {"name", "invented", "guessed"}
    assert joining.newborn() == visitor.name
    assert joining.newborn() is None
    nursery.colony.delete(codes.spoken(code))
    assert nursery.colony.visitors() == []


def test_a_page_keeps_only_with_the_right_words(joining, nursery):
    joining.picture(caught(), 0.0)
    for wrong in ("keep amber amber amber amber", "keep not four", "keep " + code_of(joining)[:-1]):
        joining.obey(wrong)
        joining.picture(None, 0.1)
    assert nursery.colony.visitors() == []
    joining.obey("keep " + codes.spoken(code_of(joining)).upper())
    joining.picture(None, 0.2)
    assert len(nursery.colony.visitors()) == 1


def test_the_code_is_shown_once_and_then_no_more(joining):
    joining.picture(caught(), 0.0)
    joining.obey("keep")
    assert joining.picture(None, 0.1) is not None
    assert joining.picture(None, SHOWN + 0.2) is None
    assert code_of(joining) == ""


def test_nobody_is_kept_when_nobody_was_captured(joining, nursery):
    joining.picture(None, 0.0)
    joining.obey("keep")
    joining.picture(None, 0.1)
    assert nursery.colony.visitors() == []


def test_one_capture_is_one_visit_and_a_second_visitor_waits(joining):
    first, second = caught(1), caught(2)
    joining.picture(first, 0.0)
    code = code_of(joining)
    joining.picture(first, 0.1)
    joining.picture(second, 0.2)
    assert code_of(joining) == code
    assert not second.caught.latent.any()


def test_a_visitor_may_be_forgotten_at_once(joining):
    noticed = caught()
    joining.picture(noticed, 0.0)
    joining.obey("forget")
    assert joining.picture(None, 0.1) is None
    assert not noticed.caught.latent.any()


def test_no_code_is_in_any_log(joining, nursery, caplog):
    caplog.set_level(0)
    joining.picture(caught(), 0.0)
    words = code_of(joining).split()
    for command in (f"keep {code_of(joining)}", "keep"):
        joining.obey(command)
        joining.picture(None, 0.1)
    nursery.colony.delete(" ".join(words))
    assert not any(word in caplog.text for word in words)


def test_the_ring_counts_down_and_goes_with_the_frames(joining):
    ring = Noticed(5.0, True, "ring", 4.0)
    shown = joining.picture(ring, 5.0)
    assert shown.shape == (450, 800, 3)
    assert joining.picture(ring, 5.001) is shown, "nothing new"
    assert joining.picture(ring, 5.5) is not shown
    assert joining.picture(ring, 7.0) is None, "a camera that hangs runs no ring to its end"


def test_words_of_a_code_are_many_short_and_told_apart():
    words = codes.words()
    assert len(set(words)) == len(words) == 256
    assert all(3 <= len(word) <= 8 and word.isalpha() and word.islower() for word in words)
    assert len({codes.new_code() for _ in range(200)}) == 200
    assert codes.is_code("Amber-amber  AMBER amber")
    assert not codes.is_code("amber amber amber")
    assert not codes.is_code("amber amber amber ambre")


def test_the_qr_code_on_the_wall_is_read_by_a_phone():
    address = "http://wall.local:8001/creatures#amber-kettle-prism-walnut"
    image = cv2.resize(card.qr(address, 180), None, fx=3, fy=3, interpolation=cv2.INTER_LINEAR)
    assert cv2.QRCodeDetector().detectAndDecode(image)[0] == address


@pytest.mark.parametrize("size", [(1075, 605), (1015, 571), (269, 151)])
@pytest.mark.parametrize("address", ["", "http://wall.local:8001/creatures#amber-kettle-prism-walnut"])
def test_a_card_fits_walls_of_any_size(size, address):
    profile = PROFILES.of(dict.fromkeys((*MEASURED, *ALSO), 0.5), GUESSED, 3)
    below = [("To stay on the wall: press K, or scan.", False), ("amber kettle prism walnut", True)]
    image = card.card(size, PORTRAIT, profile, below, "guessed", "born", address, "scan")
    assert image.shape == (size[1], size[0], 3)
    assert card.folded("one two three", 20, 60) == ["one", "two", "three"]
    assert card.fitting("a very long value", 20, 60).endswith("…")


def test_who_joins_expires_at_closing_time():
    from datetime import datetime

    noon = datetime(2026, 5, 4, 12, 0).timestamp()
    assert closing("always", 12.0, noon) == noon + 12 * 3600
    assert closing("10:00-18:00", 12.0, noon) == noon + 6 * 3600
    assert closing("10:00-18:00", 2.0, noon) == noon + 2 * 3600
    assert closing("18:00-02:00", 24.0, noon) == noon + 14 * 3600


WALL, WITH_CODE = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 200, np.uint8)


@pytest.mark.parametrize("agreed", [False, True])
def test_what_is_meant_for_the_visitor_never_leaves_the_window(agreed):
    """Not even where all have agreed to pictures: a code is no picture."""
    sent = []
    Door("cast", Permit(live=True, agreed=agreed), sent.append)(Picture(WITH_CODE, public=WALL))
    assert sent[0].image is WALL
    assert sent[0].public is None


def test_of_a_film_all_is_shown():
    picture = Picture(WITH_CODE, public=WALL)
    assert Permit(live=False).outside(picture) is picture
