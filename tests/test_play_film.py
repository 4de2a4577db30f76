"""A film goes through a work in lockstep: the same film out each time, every picture of it, with its sound.

Each test decodes and writes a real film of a second or two.
"""

from fractions import Fraction

import av
import numpy as np
import pytest

from narcissus.app.build import Doors, Installation
from narcissus.app.offline import RATE, play_film
from narcissus.app.settings import Settings
from narcissus.core.errors import ScreenError, SourceMissing
from narcissus.core.play import played
from narcissus.core.types import Frame, Picture
from narcissus.scenes.contract import BaseScene

SECONDS, PICTURES = 2, 50  # of the film: 25 a second


class Brightness(BaseScene):
    """Answers each frame with its mean, as a grey wall."""

    def observe(self, frame):
        return round(float(frame.image.mean()))

    def draw(self, seen, now):
        return Picture(np.full((64, 64, 3), 0 if seen is None else seen, np.uint8))


@pytest.fixture
def video(tmp_path):
    """It grows lighter, and hums."""
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as film:
        track = film.add_stream("mpeg4", rate=25)
        track.width, track.height, track.pix_fmt = 64, 64, "yuv420p"
        heard = film.add_stream("aac", rate=44_100, layout="mono")
        for number in range(PICTURES):
            image = np.full((64, 64, 3), 40 + 3 * number, np.uint8)
            film.mux(track.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        film.mux(track.encode())
        wave = np.sin(np.arange(44_100 * SECONDS) / 44_100 * 2 * np.pi * 440, dtype=np.float32)
        for start in range(0, len(wave), 1024):
            part = wave[None, start : start + 1024]
            frame = av.AudioFrame.from_ndarray(part, "fltp", "mono")
            frame.sample_rate, frame.pts, frame.time_base = 44_100, start, Fraction(1, 44_100)
            film.mux(heard.encode(frame))
        film.mux(heard.encode())
    return path


@pytest.fixture
def built(video):
    doors = Doors(scene=lambda step, settings, kit: Brightness(), live=False)
    return Installation(Settings(source=str(video), scene="dream"), doors)


def pictures(path) -> list[np.ndarray]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def test_the_film_is_as_long_and_answers_every_frame(built, video, tmp_path):
    play_film(built, video, tmp_path / "out" / "a.webm")
    shown = pictures(tmp_path / "out" / "a.webm")
    assert len(shown) == pytest.approx(SECONDS * RATE, abs=2)
    greys = [picture.mean() for picture in shown]
    assert greys[0] == pytest.approx(40, abs=4)
    assert greys[-1] == pytest.approx(40 + 3 * (PICTURES - 1), abs=4)
    assert np.all(np.diff(greys) > -2)


def test_the_same_film_comes_out_each_time(built, video, tmp_path):
    for name in ("a.webm", "b.webm"):
        play_film(built, video, tmp_path / name)
    both = zip(pictures(tmp_path / "a.webm"), pictures(tmp_path / "b.webm"), strict=True)
    assert all(np.array_equal(one, other) for one, other in both)


def test_the_sound_is_kept(built, video, tmp_path):
    play_film(built, video, tmp_path / "a.webm")
    with av.open(str(tmp_path / "a.webm")) as film:
        heard = np.concatenate([frame.to_ndarray() for frame in film.decode(audio=0)], axis=1)  # (channels, n)
    assert heard.shape[1] / 48_000 == pytest.approx(SECONDS, abs=0.15)
    spectrum = np.abs(np.fft.rfft(heard[0]))
    assert np.argmax(spectrum) / heard.shape[1] * 48_000 == pytest.approx(440, abs=3)


def test_nothing_is_overwritten_and_a_film_that_is_not_there_leaves_nothing(built, tmp_path):
    there = tmp_path / "there.webm"
    there.touch()
    with pytest.raises(ScreenError, match="is there already"):
        play_film(built, tmp_path / "nowhere.mp4", there)
    with pytest.raises(SourceMissing):
        play_film(built, tmp_path / "nowhere.mp4", tmp_path / "new.webm")
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".webm"] == ["there.webm"]


def test_in_lockstep_a_frame_stands_until_the_next_ones_moment():
    frames = [Frame(np.full((2, 2, 3), value, np.uint8), moment) for value, moment in ((10, 0.0), (20, 0.5))]
    shown = [(seen, round(moment, 3)) for seen, _, moment in played(Brightness(), frames, rate=10)]
    assert shown == [(10, 0.0), (10, 0.1), (10, 0.2), (10, 0.3), (10, 0.4), (20, 0.5)]


class Passing(BaseScene):
    """Answers each frame with itself."""

    def draw(self, seen, now):
        return Picture(seen.image if seen is not None else np.zeros((64, 64, 3), np.uint8))


def test_left_and_right_are_a_mirrors_or_the_films_own(video, tmp_path):
    half = tmp_path / "half.mp4"
    with av.open(str(half), "w") as film:
        track = film.add_stream("mpeg4", rate=25)
        track.width, track.height, track.pix_fmt = 64, 64, "yuv420p"
        image = np.zeros((64, 64, 3), np.uint8)
        image[:, :32] = 250
        for _ in range(5):
            film.mux(track.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        film.mux(track.encode())
    built = Installation(Settings(scene="dream"), Doors(scene=lambda step, settings, kit: Passing(), live=False))
    play_film(built, half, tmp_path / "mirror.webm")
    play_film(built, half, tmp_path / "film.webm", as_in_the_film=True)
    assert pictures(tmp_path / "mirror.webm")[-1][32, 100].mean() < 50
    assert pictures(tmp_path / "film.webm")[-1][32, 100].mean() > 200
