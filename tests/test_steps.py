"""How far the latent goes in 1/30 s, and whether it stands still although what it aims at moves."""

import numpy as np
import pytest
from gallery import Gallery, face

from narcissus.app.health import Health
from narcissus.core.journal import Journal
from narcissus.scenes.mirror.seen import Shown
from narcissus.scenes.mirror.steps import Stall, Steps


def direction(degrees):
    """A latent of two axes, turned."""
    turn = np.radians(degrees)
    return np.array([np.cos(turn), np.sin(turn)], np.float32) * np.float32(np.sqrt(2))


def turned(steps: Steps, degrees_per_second, pictures, *, rate=60.0, phase="following", start=0.0) -> None:
    for n in range(pictures):
        steps.add(Shown(direction(degrees_per_second * n / rate), phase), 1, start + n / rate)


@pytest.mark.parametrize("rate", [15, 30, 60, 144])
def test_steps_are_given_per_thirtieth_of_a_second_at_any_rate(rate):
    steps = Steps()
    turned(steps, 60, 100, rate=rate)
    tolerance = 0.25 if rate == 144 else 0.01  # at 144 Hz 5 pictures are 1/29 s
    assert steps.report()["median"] == pytest.approx(2.0, rel=tolerance)


def test_the_largest_step_while_following_does_not_count_arrivals():
    steps = Steps()
    turned(steps, 300, 30, phase="arrival")
    turned(steps, 60, 30, start=10.0)
    assert steps.report()["max"] == pytest.approx(10, rel=0.01)
    assert steps.report()["max_while_following"] == pytest.approx(2, rel=0.01)


def test_the_steps_of_weeks_fit_into_bounded_memory():
    steps = Steps()
    turned(steps, 60, 1000)
    assert len(steps._waiting) < 5


def image(value):
    return np.full((16, 16, 3), int(value * 7) % 256, np.uint8)


def stalled(shown, wanted, images) -> list[bool]:
    """One look a second for a minute: `shown` and `images` as functions of time, `wanted` too (None: nobody)."""
    stall = Stall()
    return [stall.look(images(now), direction(shown(now)), wanted(now), now) for now in range(60)]


def test_a_picture_that_stands_still_while_the_viewer_moves_is_stalled():
    assert stalled(lambda now: 0, direction, lambda now: image(0))[-1]


def test_a_picture_that_moves_again_is_well_again():
    stall = Stall()
    assert any(stall.look(image(0), direction(0), direction(now), now) for now in range(60))
    assert not stall.look(image(5), direction(5), direction(60), 60)


def test_the_same_pixels_for_moving_latents_are_stalled_too():
    assert any(stalled(lambda now: now, direction, lambda now: image(0)))


@pytest.mark.parametrize("wanted", [None, direction(3.0)], ids=["nobody", "a viewer who stands still"])
def test_a_calm_picture_is_not_a_stalled_one(wanted):
    assert not any(stalled(lambda now: 0, lambda now: wanted, lambda now: image(0)))


class Manager:
    """Stands in for systemd's end."""

    watchdog_seconds = 20.0

    def __init__(self):
        self.heard = []

    def send(self, *lines):
        self.heard += lines


def fed_while(mirror_shows, seconds) -> int:
    """How often the watchdog is fed in the last half of `seconds` before a viewer who moves all the time."""
    gallery, manager = Gallery(), Manager()
    health = Health(manager, Journal())
    moving = lambda now: [face(mouth=0.8 * np.sin(now))]
    gallery.live(2.0, moving)
    mirror_shows(gallery)
    for second in range(seconds):
        if second == seconds // 2:
            manager.heard.clear()
        gallery.live(1.0, moving)
        health.presented(gallery.pictures[-1], gallery.now)
    return manager.heard.count("WATCHDOG=1")


def test_a_mirror_that_stands_still_by_itself_starves_the_watchdog():
    def broken(gallery):
        gallery.mirror._render = lambda: None

    assert fed_while(broken, 40) == 0


def test_a_mirror_that_was_told_to_stand_still_feeds_the_watchdog():
    assert fed_while(lambda gallery: gallery.mirror.obey("freeze"), 40) >= 3


def test_a_mirror_that_moves_on_after_a_long_freeze_is_not_taken_for_a_stalled_one():
    def frozen_and_thawed(gallery):
        gallery.mirror.obey("freeze")
        gallery.live(30.0, lambda now: [face(mouth=0.8 * np.sin(now))])
        gallery.mirror.obey("thaw")

    assert fed_while(frozen_and_thawed, 20) >= 1
