"""Who holds in a clip, and how late and how far the reflection answers: on clips whose answer is known."""

import dataclasses

import cv2
import numpy as np
import pytest

from narcissus.core.types import Box, Face, Frame, Picture
from narcissus.features.spatial import MEAN_SHAPE
from narcissus.lab.likeness import clip_figures
from narcissus.lab.likeness.clips import RATE, SIGNALS, Clip, read, screened, sharpness
from narcissus.networks.attributes import Guesses
from narcissus.scenes.mirror.seen import Seen, Shown, Target


def clip(person: int, *, lag: float = 0.0, amplitude: float = 1.0, noise: float = 0.1, women=(1.0,) * 20) -> Clip:
    """Eight seconds of a viewer who turns and talks, answered by a person with descriptors of their own."""
    rng = np.random.default_rng(person)
    film, wall = np.arange(0, 8, 1 / 25), np.arange(0, 8, 1 / 60)
    doing = lambda t: np.stack([20 * np.sin(2 * t + np.sin(5 * t))] * 3 + [0.2 + 0.2 * np.sin(4 * t)] * 2, axis=1)
    codes = np.zeros((len(women), 128))
    codes[:, person] = 1.0
    codes += noise * rng.standard_normal(codes.shape) / np.sqrt(128)
    guesses = np.stack([np.full(len(women), 30.0), np.array(women)], axis=1)
    asked = 2 + 0.4 * np.arange(len(women))
    sharp = np.full(len(women), 12.0)
    seats = np.ones(len(women), int)
    return Clip(
        film, doing(film), wall, amplitude * doing(wall - lag), asked, seats, codes, guesses, guesses, guesses, sharp
    )


def test_three_people_who_hold_are_told_apart():
    figures = clip_figures.identity_held([clip(person) for person in range(3)])
    assert figures == {"hold_auc": 1.0, "hold_share": 1.0}


def test_people_who_change_all_the_time_are_not():
    figures = clip_figures.identity_held([clip(person, noise=20.0) for person in range(3)])
    assert figures["hold_auc"] == pytest.approx(0.5, abs=0.1)
    assert figures["hold_share"] < 0.2


def test_one_clip_alone_has_nobody_to_be_told_from():
    assert np.isnan(clip_figures.identity_held([clip(0)])["hold_auc"])


def test_two_viewers_of_one_clip_need_not_be_alike():
    one, other = clip(0), clip(1)
    codes, seats = np.concatenate([one.codes, other.codes]), np.repeat([1, 2], 20)
    twice = [np.tile(one.guesses, (2, 1))] * 3
    both = Clip(one.seen_at, one.seen, one.shown_at, one.shown, np.arange(40.0), seats, codes, *twice, np.zeros(40))
    assert clip_figures.identity_held([both, clip(2)])["hold_auc"] == 1.0


@pytest.mark.parametrize("lag", [0.0, 0.05, 0.12])
def test_the_felt_latency_is_the_lag(lag):
    assert clip_figures.felt_latency(clip(0, lag=lag)) == pytest.approx(1000 * lag, abs=15)


def test_amplitude_correlation_and_slope_are_those_of_the_signals():
    half = clip(0, amplitude=0.5)
    assert clip_figures.amplitude(half) == pytest.approx(0.5, abs=0.02)
    assert clip_figures.slope(half, "roll") == pytest.approx(0.5, abs=0.02)
    assert clip_figures.correlation(half, "yaw") > 0.99


def test_flips_are_counted_between_pictures_of_one_viewer():
    count, minutes = clip_figures.flips(clip(0, women=(1.0, 0.0, 0.0, 1.0)))
    assert count == 2
    assert minutes == pytest.approx(1.2 / 60)


def test_flips_are_counted_of_the_reflection_of_the_viewer_and_of_what_is_told_apart():
    trembling = clip(0, women=(1.0, 0.0, 0.0, 1.0))
    quiet = dataclasses.replace(trembling, told=np.full((4, 2), np.nan), own=np.ones((4, 2)))
    figures = clip_figures.figures([quiet, quiet], ["a", "b"])["all"]
    assert figures["flips_a_minute"] == pytest.approx(2 / (1.2 / 60))
    assert figures["flips_a_minute_own"] == 0
    assert figures["flips_a_minute_told"] is None


def test_shown_faces_are_held_against_drawn_ones():
    shown = clip(0, noise=0.0)
    drawn = np.zeros((3, 128))
    drawn[0, 0], drawn[1, 1], drawn[2, 2] = 0.9, 1.0, 1.0
    figures = clip_figures.figures([shown], ["a"], drawn, 6.0)["all"]
    assert figures["nearest_drawn"] == pytest.approx(0.1, abs=1e-3)
    assert figures["nearest_among_drawn"] == pytest.approx((2 * np.hypot(0.9, 1) + np.sqrt(2)) / 3, abs=0.05)
    assert figures["sharpness"] == pytest.approx(2.0)


def test_a_blurred_picture_is_less_sharp():
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert sharpness(cv2.GaussianBlur(picture, (0, 0), 2)) < 0.2 * sharpness(picture)


def test_the_figures_of_a_report_are_plain_numbers():
    figures = clip_figures.figures([clip(0), clip(1)], ["a", "b"])
    assert figures["all"]["flips_a_minute"] == 0
    assert figures["each"]["a"]["age_spread"] == 0
    assert all(value is None or isinstance(value, float | int) for value in figures["each"]["b"].values())


class Echo:
    """A scene that shows in grey which frame it saw last."""

    def observe(self, frame):
        face = Face((MEAN_SHAPE * 30 + 60).astype(np.float32), Box(20, 20, 100, 100), 1)
        target = Target(face, np.ones(4, np.float32), frame.time)
        return Seen(frame, (face,), face, target.latent, 1.0, None, (target,))

    def draw(self, seen, now):
        assert seen.frame.time <= now
        shade = np.full((32, 32, 3), round(40 * seen.frame.time), np.uint8)
        return Picture(shade, state=Shown(seen.latent, "following"))


def film(seconds: float, rate: float):
    return [Frame(np.zeros((120, 120, 3), np.uint8), number / rate) for number in range(round(seconds * rate))]


def test_the_screen_shows_every_frame_at_its_own_rate():
    shown = list(screened(Echo(), film(1.0, 25)))
    assert [now for now, _, _ in shown] == pytest.approx(np.arange(len(shown)) / RATE)
    assert len(shown) == pytest.approx(0.96 * RATE, abs=2)
    assert len({seen.frame.time for _, seen, _ in shown}) >= 24


def test_pictures_without_a_face_are_counted_as_such():
    seen = read(Echo(), film(2.5, 25), guess=lambda image, landmarks: Guesses(40.0, 5.0, 0.2, {}), every=30)
    assert seen.found == 0.0
    assert seen.shown.shape[1] == len(SIGNALS)
    assert np.isnan(seen.codes).all()
    assert len(seen.codes) == 2
    assert seen.own == pytest.approx(np.array([[40.0, 0.2]] * 2))
    assert np.isnan(seen.told).all()


class Late(Echo):
    """It follows nobody for the first four seconds."""

    def draw(self, seen, now):
        shown = super().draw(seen, now)
        return shown if now >= 4 else dataclasses.replace(shown, state=Shown(seen.latent, "dreaming"))


def test_after_a_gap_nobody_is_asked_more_often_than_before():
    seen = read(Late(), film(5.0, 25), guess=lambda image, landmarks: Guesses(40.0, 5.0, 0.2, {}), every=30)
    assert seen.asked_at == pytest.approx([4.0, 4.4, 4.8], abs=1.5 / RATE)
