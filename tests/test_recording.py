"""A film of the reflections: whole or not at all, in real time, and never in the mirror's way."""

import errno
import threading
import time

import av
import cv2
import numpy as np
import pygame
import pytest

from narcissus.core.sections import Display
from narcissus.core.types import Picture
from narcissus.sinks import recording as room
from narcissus.sinks.bare import bare, size_of
from narcissus.sinks.kiosk import KioskWindow
from narcissus.sinks.pace import Pace
from narcissus.sinks.recording import RATE, WAITING, Recording
from narcissus.sinks.window import Window

PLENTY = lambda folder: 2**40


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """However slow the machine is that the tests run on."""
    monkeypatch.setattr(room, "PATIENCE", 20.0)


def grey(value, shape=(16, 16)) -> np.ndarray:
    return np.full((*shape, 3), value, np.uint8)


def filmed(path) -> list[tuple[float, np.ndarray]]:
    """The film's pictures, uint8 (H, W, 3) RGB, and their moments in seconds."""
    with av.open(str(path)) as film:
        return [(frame.time, frame.to_ndarray(format="rgb24")) for frame in film.decode(video=0)]


def offered(recording, reflections) -> str:
    """Offer every (image, time) as soon as there is room, and finish."""
    for image, shown in reflections:
        while recording._waiting.full() and recording.running:
            time.sleep(0.001)
        recording.offer(image, shown)
    recording.stop()
    recording._thread.join(20)
    return recording.over


def test_reflections_stand_in_the_film_as_long_as_they_stood_on_the_wall(tmp_path):
    """Sixty a second, then seven, then a stall: the film keeps the time of the wall."""
    times = [*np.arange(0, 1, 1 / 60), *np.arange(1, 2, 1 / 7), 4.5, 4.6]
    said = offered(
        Recording(tmp_path / "a.webm", PLENTY), [(grey(40 + 30 * (t >= 1) + 60 * (t >= 2)), 70.0 + t) for t in times]
    )
    assert said == f"recorded as {tmp_path / 'a.webm'}"
    frames = filmed(tmp_path / "a.webm")
    moments = np.array([moment for moment, _ in frames])
    assert (np.diff(moments) > 0).all()
    assert moments[0] == 0
    assert moments[-1] == pytest.approx(4.6, abs=0.51 / RATE)
    for t in times:
        assert np.abs(moments - t).min() < 1.01 / RATE
    for moment, image in frames:
        expected = 40 + 30 * (moment > 1 - 0.5 / RATE) + 60 * (moment > 2)
        assert abs(int(np.median(image)) - expected) <= 3, moment


def test_what_the_encoder_cannot_take_is_left_out_and_the_time_stays_right(tmp_path, monkeypatch):
    import narcissus.sinks.reel as reel

    held, enlarged = threading.Event(), reel.bare
    monkeypatch.setattr(reel, "bare", lambda *parts: (held.wait(20), enlarged(*parts))[1])
    recording = Recording(tmp_path / "a.webm", PLENTY)
    for n in range(300):
        recording.offer(grey(100), n / 30)
    assert recording._waiting.qsize() <= WAITING
    held.set()
    while not recording._waiting.empty():
        time.sleep(0.001)
    recording.offer(grey(200), 10.0)
    assert recording.finish().startswith("recorded as")
    frames = filmed(tmp_path / "a.webm")
    assert len(frames) <= WAITING + 3
    assert frames[-1][0] == pytest.approx(10.0, abs=0.5 / RATE)
    assert np.median(frames[-1][1]) == pytest.approx(200, abs=3)


def test_offering_never_waits_for_a_disk_that_hangs(tmp_path, monkeypatch):
    import narcissus.sinks.reel as reel

    held = threading.Event()
    gone_on = []
    monkeypatch.setattr(reel, "size_of", lambda image: (gone_on.append(held.wait(20)), size_of(image))[1])
    monkeypatch.setattr(room, "PATIENCE", 0.01)
    recording = Recording(tmp_path / "a.webm", PLENTY)
    for n in range(100):
        recording.offer(grey(100), n / 30)
    assert recording._waiting.full(), "what came meanwhile was left out"
    assert gone_on == [], "and the disk still hangs"
    assert "the disk takes too long" in recording.finish()
    held.set()
    recording._thread.join(20)


def test_nothing_is_there_until_the_film_is_whole(tmp_path):
    recording = Recording(tmp_path / "films" / "a.webm", PLENTY)
    for n in range(10):
        recording.offer(grey(100), n / 30)
    while not recording._waiting.empty():
        time.sleep(0.001)
    assert not (tmp_path / "films" / "a.webm").exists()
    recording.finish()
    assert [path.name for path in (tmp_path / "films").iterdir()] == ["a.webm"]


def test_a_film_of_nothing_is_no_film(tmp_path):
    assert Recording(tmp_path / "a.webm").finish() == f"{tmp_path / 'a.webm'}: not recorded"
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_up_ends_the_film_while_it_can_be_finished(tmp_path):
    left = iter([2**40, 2**40, 2**20])
    said = offered(Recording(tmp_path / "a.webm", lambda folder: next(left)), [(grey(9), n / 30) for n in range(150)])
    assert said == f"the disk is nearly full: recorded as {tmp_path / 'a.webm'}"
    assert filmed(tmp_path / "a.webm")[-1][0] == pytest.approx(2.0, abs=0.1)


def test_on_a_full_disk_there_is_no_film_and_one_line(tmp_path):
    said = offered(Recording(tmp_path / "a.webm", lambda folder: 2**20), [(grey(9), n / 30) for n in range(5)])
    assert said == f"{tmp_path / 'a.webm'}: not recorded (the disk is nearly full)"
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fails_in_the_middle_leaves_no_part_of_a_film(tmp_path, monkeypatch):
    import narcissus.sinks.reel as reel

    whole = reel.writing_whole

    class Failing:
        def __init__(self, path):
            self._whole = whole(path)

        def __enter__(self):
            self._file = self._whole.__enter__()
            self.seek, self.tell, self.read = self._file.seek, self._file.tell, self._file.read
            return self

        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

        def __exit__(self, *fault):
            return self._whole.__exit__(*fault)

    monkeypatch.setattr(reel, "writing_whole", Failing)
    said = offered(Recording(tmp_path / "a.webm", PLENTY), [(grey(n), n / 30) for n in range(200)])
    assert said == f"{tmp_path / 'a.webm'}: not recorded (No space left on device)"
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "films").write_text("in the way")
    said = offered(Recording(tmp_path / "films" / "a.webm"), [(grey(9), 0.0)])
    assert "not recorded (" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("shape", "size"),
    [((64, 64), (720, 720)), ((64, 48), (540, 720)), ((1024, 1024), (1024, 1024)), ((2000, 1000), (540, 1080))],
)
def test_a_film_is_large_enough_to_be_looked_at_and_even(shape, size):
    assert size_of(grey(0, shape)) == size
    assert bare(grey(90, shape), size).shape == (size[1], size[0], 3)


def test_a_picture_of_another_shape_stands_whole_on_black():
    whole = bare(grey(90, (32, 64)), (720, 720))
    assert whole.shape == (720, 720, 3)
    assert (whole[180:540] == 90).all()
    assert not whole[:179].any()


@pytest.fixture
def window(monkeypatch, tmp_path):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    now = [50.0]
    pace = Pace(30.0, lambda: now[0], lambda seconds: now.__setitem__(0, now[0] + seconds))
    with Window(Display(fullscreen=False), folder=tmp_path / "reflections", clock=lambda: now[0], pace=pace) as made:
        pygame.event.clear()
        yield made


def seen(value=100, camera=255) -> Picture:
    """A reflection, and behind it a camera's picture."""
    return Picture(grey(value), 0.0, behind=lambda height: grey(camera, (height, height)))


def test_the_key_begins_and_ends_a_film_of_the_reflection_and_nothing_else(window, tmp_path):
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_r))
    assert window.commands() == ["record"], "OSC asks for it by the same word"
    window.obey("stop recording")  # there is nothing to stop
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_c))
    window.commands()  # the camera is laid over the wall
    window.obey("record")
    for _ in range(12):
        window.show(seen())
    assert pygame.surfarray.array3d(window._surface).max() == 255, "the control: the wall shows the camera"
    window.obey("record")  # asked for twice: it goes on
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_r))
    assert window.commands() == ["stop recording"]
    window.obey("stop recording")
    window._recording._thread.join(20)
    window.show(seen())
    (film,) = (tmp_path / "reflections").iterdir()
    assert str(film) in window._message
    frames = filmed(film)
    assert len(frames) >= 10
    for _, image in frames:
        assert np.abs(image.astype(int) - 100).max() <= 4


def test_a_mark_stands_on_the_wall_while_a_film_is_written(window):
    def red() -> int:
        wall = pygame.surfarray.array3d(window._surface).astype(int)
        return int((wall[..., 0] - wall[..., 1] > 60).sum())

    window.show(seen())
    assert red() == 0
    window.obey("record")
    window.show(seen())
    assert 0 < red() < 0.01 * window._surface.get_width() * window._surface.get_height()
    window.obey("stop recording")
    window.show(seen())
    assert red() == 0


def test_leaving_finishes_the_film(window, tmp_path):
    window.obey("record")
    for _ in range(5):
        window.show(seen())
    window.close()
    (film,) = (tmp_path / "reflections").iterdir()
    assert len(filmed(film)) >= 4


def test_in_a_kiosk_nothing_is_recorded_whoever_asks_and_no_line_stands_on_the_wall(monkeypatch, tmp_path):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.chdir(tmp_path)
    with KioskWindow(Display(fullscreen=False)) as window:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_r))
        assert window.commands() == []
        window.obey("record")
        window.show(seen())
        window.say("recorded as …")
        assert window._words() == ()
    assert not list(tmp_path.iterdir())


def test_the_film_is_upright_and_bare_however_the_wall_is_framed(window, tmp_path):
    from narcissus.app.settings import Settings
    from narcissus.core.sections import Framing

    image = grey(60)
    image[:8] = 200
    framing = Framing(vignette=1.0, fit="fill", zoom=3.0, background="#ff0000")
    window.tune(Settings(framing=framing, screen=Display(rotation=90, mirrored=True)))
    window.obey("record")
    for _ in range(3):
        window.show(Picture(image))
    window.obey("stop recording")
    window._recording._thread.join(20)
    (film,) = (tmp_path / "reflections").iterdir()
    small = cv2.resize(filmed(film)[-1][1], (2, 2), interpolation=cv2.INTER_AREA).mean(axis=2)
    np.testing.assert_allclose(small, [[200, 200], [60, 60]], atol=6)
