"""The measures of motion, on scenes whose motion is known."""

import time
from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from narcissus.core.types import Box, Face, Frame, Picture
from narcissus.lab.likeness import film
from narcissus.scenes.mirror.seen import Seen, Shown
from narcissus.sources.lockstep import every_frame

SIZE = 32


def turned(degrees: float) -> np.ndarray:
    """A latent (32,) of length √32, so many degrees from the first axis."""
    latent = np.zeros(SIZE, np.float32)
    latent[:2] = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return latent * np.sqrt(SIZE)


@dataclass
class Scene:
    """Follows whoever is brighter than 0; its target is the brightness in degrees, its way there a fixed speed."""

    speed: float  # degrees per second
    tremble: float = 0.0  # degrees, every other picture
    here: float = 0.0
    last: float | None = None
    count: int = 0

    def observe(self, frame):
        bright = round(float(frame.image.mean()) / 10) * 10
        face = Face(np.zeros((68, 2), np.float32), Box(0, 0, 9, 9), identity=bright)
        seen = bright > 0
        return Seen(frame, (face,) if seen else (), face if seen else None, turned(bright) if seen else None, 1.0)

    def draw(self, seen, now):
        elapsed, self.last = (0.0 if self.last is None else now - self.last), now
        goal = float(seen.viewer.identity) if seen.viewer else 0.0
        self.here += float(np.clip(goal - self.here, -self.speed * elapsed, self.speed * elapsed))
        self.count += 1
        shown = Shown(turned(self.here + self.tremble * (self.count % 2)))
        return Picture(np.zeros((8, 8, 3), np.uint8), seen.frame.time, state=shown)


def grey(value):
    return np.full((48, 48, 3), value, np.uint8)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_the_angle_of_two_latents_is_exact_also_when_tiny():
    assert film.angle(turned(0), turned(30)) == pytest.approx(30, abs=1e-4)
    assert film.angle(turned(0), turned(1e-3)) == pytest.approx(1e-3, rel=1e-2)


def test_a_trembling_reflection_is_measured_by_its_largest_step(rng):
    assert film.still_degrees(Scene(500, tremble=0.7), grey(60), rng) == pytest.approx(0.7, abs=0.01)
    assert film.still_degrees(Scene(500), grey(60), rng) == pytest.approx(0, abs=0.01)


def test_an_arrival_does_not_count_as_unrest(rng):
    assert film.still_degrees(Scene(100), grey(60), rng) == pytest.approx(0, abs=0.01)


def test_nobody_followed_is_no_calm(rng):
    assert film.still_degrees(Scene(100), grey(0), rng) is None


def test_ninety_per_cent_of_the_way_at_a_known_speed(rng):
    waited = film.t90(Scene(200), grey(40), grey(140), rng)  # 100° at 200°/s: 90 % after 450 ms
    assert waited == pytest.approx(450, abs=40)


def test_a_viewer_who_is_never_reached_has_no_arrival(rng):
    assert film.t90(Scene(1), grey(40), grey(140), rng) is None
    assert film.t90(Scene(200), grey(40), grey(0), rng) is None


def test_noise_is_grey_and_as_strong_as_was_said(rng):
    noisy = film.noisy(np.full((200, 200, 3), 128, np.uint8), rng).astype(float)
    assert noisy.mean() == pytest.approx(128, abs=0.5)
    assert 1.5 < noisy.mean(axis=2).std() < 3.5  # JPEG takes some of σ = 3 back
    assert (noisy.max(axis=2) - noisy.min(axis=2)).mean() < 3


def test_half_the_movement_is_half_kept_and_a_film_without_movement_does_not_matter():
    opening = 0.2 + 0.15 * np.sin(np.linspace(0, 20, 120))
    halved = film.spread(0.2 + (opening - 0.2) / 2), film.spread(opening)
    assert film.kept([halved]).value == pytest.approx(0.5, abs=0.01)
    assert film.kept([halved, (0.002, 0.001), None]).value == pytest.approx(0.5, abs=0.02)
    assert film.kept([None]).value is None


def test_tremor_of_single_pictures_is_no_movement():
    opening = 0.2 + 0.15 * np.sin(np.linspace(0, 20, 120))
    spiky = opening.copy()
    spiky[::12] += 0.5
    assert film.spread(spiky) == pytest.approx(film.spread(opening), rel=0.05)


def test_a_film_is_played_whole_however_slow_the_machine(tmp_path):
    """Whoever takes its frames is ten times slower than the film; a source in real time would leave most of it out."""
    path, count = tmp_path / "film.avi", 12
    out = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 100.0, (64, 48))
    for number in range(count):
        out.write(np.full((48, 64, 3), 20 * number, np.uint8))
    out.release()
    brightness = []
    for frame in every_frame(path):
        time.sleep(0.1)
        brightness.append(float(frame.image.mean()))
    assert brightness == pytest.approx([20 * number for number in range(count)], abs=4)


def test_every_frame_of_a_film_comes_with_its_own_time(shared):
    path = shared / "viewers" / "man_480.mp4"
    frames = [frame for _, frame in zip(range(20), every_frame(path), strict=False)]
    steps = np.diff([frame.time for frame in frames])
    assert len(frames) == 20
    assert steps.min() > 0
    assert np.ptp(steps) < 0.02


def test_stills_begin_with_a_cut_and_keep_the_rate(rng):
    frames = list(film.still(grey(9), 2.0, 0.5, rng))
    assert [frame.cut for frame in frames] == [True] + [False] * 14
    assert isinstance(frames[0], Frame)
    assert frames[-1].time == pytest.approx(2 + 14 / 30)
