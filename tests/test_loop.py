"""Camera, perception and display run side by side, end together, and what they took is known."""

import threading
import time

import numpy as np
import pytest

from narcissus.app.settings import Settings
from narcissus.app.tuning import Tuning
from narcissus.core.errors import SourceEnded, SourceError
from narcissus.core.figures import KEPT, Figures, Latest
from narcissus.core.journal import Journal
from narcissus.core.play import run
from narcissus.core.types import Frame, Picture
from narcissus.core.worker import Worker

IMAGE = np.zeros((8, 8, 3), np.uint8)


class Camera:
    live, name = False, "fake"

    def __init__(self, frames: int | None = None, fault: Exception | None = None) -> None:
        self.left, self.fault = frames, fault

    def read(self) -> Frame:
        time.sleep(0.002)
        if self.left == 0:
            raise self.fault or SourceEnded("fake: played to its end")
        if self.left is not None:
            self.left -= 1
        return Frame(IMAGE, time.monotonic())


class Scene:
    """Counts, and answers every frame."""

    def __init__(self) -> None:
        self.obeyed, self.tuned, self.threads = [], [], {}

    def observe(self, frame):
        self.threads["observe"] = threading.current_thread().name
        return frame

    def draw(self, seen, now):
        self.threads["draw"] = threading.current_thread().name
        return Picture(IMAGE, None if seen is None else seen.time)

    def obey(self, command):
        self.obeyed.append(command)

    def tune(self, settings):
        self.tuned.append(settings)


class Screen:
    def __init__(self, commands=()) -> None:
        self.shown, self.obeyed, self.tuned, self.asked = [], [], [], list(commands)

    def show(self, picture) -> float:
        self.shown.append(picture)
        time.sleep(0.001)
        return time.monotonic()

    def commands(self):
        return [self.asked.pop(0)] if self.asked and len(self.shown) > 3 else []

    def obey(self, command):
        self.obeyed.append(command)

    def tune(self, settings):
        self.tuned.append(settings)


def after(pictures: int, screen: Screen):
    return lambda now: len(screen.shown) >= pictures


def hang(scene, screen, source=None, ended=None, figures=None) -> bool:
    tuning = Tuning(Settings(), Journal())
    return run(source, scene, screen, figures or Figures(), tuning, ended or (lambda now: False))


def test_what_the_camera_sees_reaches_the_screen_each_in_its_thread():
    scene, screen, figures = Scene(), Screen(), Figures()
    seen = lambda now: len(screen.shown) > 20 and screen.shown[-1].answers is not None
    assert hang(scene, screen, Camera(), seen, figures)
    assert scene.threads == {"observe": "perception", "draw": "MainThread"}
    assert figures.report()["latency_ms"]["p50"] > 0


def test_a_scene_without_a_source_lives_by_itself():
    screen = Screen()
    assert hang(Scene(), screen, ended=after(5, screen))
    assert all(picture.answers is None for picture in screen.shown)


def test_it_ends_with_its_source():
    assert hang(Scene(), Screen(), Camera(frames=3))


def test_it_ends_when_the_keyboard_says_so_and_obeys_before():
    scene = Scene()
    assert hang(scene, Screen(["more", "freeze", "quit", "less"]))
    assert scene.obeyed == ["more", "freeze"]


def test_what_was_turned_reaches_scene_and_screen_once():
    scene, screen = Scene(), Screen(["less", "freeze", "quit"])
    assert hang(scene, screen)
    assert [settings.scenes.mirror.exaggeration for settings in scene.tuned] == [0.9]
    assert screen.tuned == scene.tuned


def test_a_fault_in_a_thread_is_raised_where_the_loop_was_called():
    with pytest.raises(SourceError, match="replug"):
        hang(Scene(), Screen(), Camera(frames=2, fault=SourceError("camera: gone; replug it")))
    blind = Scene()
    blind.observe = lambda frame: 1 / 0
    with pytest.raises(ZeroDivisionError):
        hang(blind, Screen(), Camera())


def workers():
    """The loop's threads; whatever a library of another test starts meanwhile is none of them."""
    return {thread for thread in threading.enumerate() if thread.name in ("camera", "perception")}


def test_no_thread_is_left_behind():
    before = workers()
    hang(Scene(), Screen(), Camera(frames=3))
    with pytest.raises(SourceError):
        hang(Scene(), Screen(), Camera(frames=3, fault=SourceError("gone")))
    assert not workers() - before


def test_a_thread_that_hangs_is_given_up():
    hung = threading.Event()
    with Worker("hung", hung.wait, patience=0.01) as worker:
        pass
    assert worker.alive
    hung.set()


def shown(figures: Figures, images, *, rate=60.0) -> None:
    """Present one picture per image, `rate` a second."""
    for n, image in enumerate(images):
        figures.presented(Picture(image), n / rate)


def test_only_new_images_are_reflections():
    figures = Figures()
    images = [IMAGE.copy() for _ in range(31)]
    shown(figures, [image for image in images for _ in range(2)])
    report = figures.report()
    assert report["screen_fps"] == pytest.approx(60, rel=0.02)
    assert report["reflections_per_second"] == pytest.approx(30, rel=0.04)


def test_latency_is_from_capture_to_the_first_picture_that_answers():
    figures = Figures()
    for n in range(10):
        figures.presented(Picture(IMAGE, 1.0), 1.05 + n)
    assert figures.report()["latency_ms"] == {"p50": 50.0, "p95": 50.0}


def test_busy_cores_are_counted_while_pictures_are_shown():
    busy = iter([7.0, 8.0, 10.0])
    figures = Figures(processor=lambda: next(busy))
    shown(figures, [IMAGE] * 3, rate=0.5)
    assert figures.first == 0.0
    assert figures.report()["cores_busy"] == 0.75


def test_the_figures_of_weeks_fit_into_bounded_memory():
    figures = Figures()
    shown(figures, [IMAGE] * 100)
    for _ in range(KEPT + 100):
        with figures.stage("find"):
            pass
    assert len(figures._stages["find"]) == KEPT


def test_the_newest_measurements_are_the_ones_that_count():
    latest = Latest()
    for value in [9.0] * 100 + [1.0] * (KEPT - 1) + [2.0]:
        latest.append(value)
    assert sorted(set(latest.values())) == [1.0, 2.0]


def test_nothing_measured_is_not_zero():
    report = Figures().report()
    assert report["reflections_per_second"] is None
    assert report["latency_ms"] == {"p50": None, "p95": None}
