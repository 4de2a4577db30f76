"""What shows a live viewer goes to the window and nowhere else, unless all have agreed to more."""

import json
import logging
import sys
import types

import cv2
import numpy as np
import pygame
import pytest
from gallery import IMAGE, First, Guesser, Linear, Painter, Script, face
from hanging import Lens, Until, Wall

from narcissus.app import desktop, kiosk
from narcissus.app.build import Doors, Installation
from narcissus.app.settings import Settings
from narcissus.core.figures import Figures
from narcissus.core.permit import REFUSED, Permit
from narcissus.core.play import run
from narcissus.core.sections import Display
from narcissus.core.types import Frame, Picture
from narcissus.people.sketch import sketch
from narcissus.scenes import SCENES
from narcissus.scenes.contract import BaseScene, Work
from narcissus.scenes.mirror.scene import Mirror
from narcissus.sinks import recording
from narcissus.sinks.pace import Pace
from narcissus.sinks.recorder import Recorder
from narcissus.sinks.virtual_camera import Cast
from narcissus.sinks.window import Window

LIVE, AGREED, FILE = Permit(live=True), Permit(live=True, agreed=True), Permit(live=False)
SKIN = np.full((64, 64, 3), 150, np.uint8)
VIEWER = Picture(SKIN, answers=1.0, captions=("one viewer",), shows_viewer=True, behind=lambda height: SKIN)


@pytest.fixture(autouse=True)
def journal(caplog):
    caplog.set_level(logging.INFO, "narcissus")


def refusals(caplog) -> list[str]:
    return [record.message for record in caplog.records if REFUSED in record.message]


@pytest.fixture
def window(monkeypatch, tmp_path):
    """window(permit): on SDL's dummy display, saving into reflections/."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr(recording, "PATIENCE", 20.0)  # however slow the machine is that finishes the film
    made = []

    def make(permit):
        now = [50.0]
        pace = Pace(30.0, lambda: now[0], lambda seconds: now.__setitem__(0, now[0] + seconds))
        folder = tmp_path / "reflections"
        made.append(Window(Display(fullscreen=False), permit=permit, folder=folder, clock=lambda: now[0], pace=pace))
        pygame.event.clear()
        return made[-1]

    yield make
    for one in made:
        one.close()


def press(window, key) -> list[str]:
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))
    return window.commands()


def test_the_window_shows_the_viewer(window):
    wall = window(LIVE)
    wall.show(VIEWER)
    assert pygame.surfarray.array3d(wall._surface).max() >= 150


def test_the_save_key_is_refused_and_the_wall_says_why(window, tmp_path):
    wall = window(LIVE)
    wall.show(VIEWER)
    press(wall, pygame.K_s)
    assert wall._message == f"not saved: {REFUSED}"
    assert not (tmp_path / "reflections").exists()


def test_the_record_key_is_refused_and_the_wall_says_why(window, tmp_path):
    wall = window(LIVE)
    wall.show(VIEWER)
    for command in press(wall, pygame.K_r):
        wall.obey(command)
    assert wall._message == f"not recorded: {REFUSED}"
    assert wall._recording is None
    assert not (tmp_path / "reflections").exists()


def test_another_program_that_asks_for_a_film_is_refused_too(window, tmp_path):
    """OSC's words come to the sink by the loop, as the keys do."""
    wall, asked = window(LIVE), iter([[], ["record"], [], ["quit"]])

    class Osc:
        def hear(self, pressed):
            return next(asked)

        def turn(self, commands, now):
            return None

        def presented(self, picture, shown):
            """It counts nothing."""

    scene = BaseScene()
    scene.draw = lambda seen, now: VIEWER
    run(None, scene, wall, Figures(), Osc(), Until())
    assert wall._message == f"not recorded: {REFUSED}"
    assert not (tmp_path / "reflections").exists()


def test_a_film_that_runs_ends_where_a_viewer_is_shown(window, tmp_path):
    wall = window(LIVE)
    for _ in range(5):
        wall.show(Picture(np.full((64, 64, 3), 60, np.uint8)))
        wall.obey("record")
    film = wall._recording
    for _ in range(5):
        wall.show(VIEWER)
    film._thread.join(20)
    assert not film.running
    film = cv2.VideoCapture(str(next((tmp_path / "reflections").iterdir())))
    while (read := film.read())[0]:
        assert read[1].max() < 100, "the viewer is on none of its pictures"


@pytest.mark.parametrize("permit", [AGREED, FILE], ids=["all have agreed", "nobody is live"])
def test_where_nothing_is_against_it_everything_may_leave_the_window(window, tmp_path, permit, caplog):
    wall, sent = window(permit), []
    wall.show(VIEWER)
    press(wall, pygame.K_s)
    wall.obey("record")
    for _ in range(4):
        wall.show(VIEWER)
    wall.close()
    assert sorted(path.suffix for path in (tmp_path / "reflections").iterdir()) == [".png", ".webm"]
    camera = types.SimpleNamespace(put=sent.append)
    Cast(Wall(), camera, permit).show(VIEWER)
    assert sent[0] is SKIN
    recorder = Recorder(Pace(1e6), permit)
    recorder.show(VIEWER)
    assert recorder._moments[0].reflection is SKIN
    assert recorder._moments[0].viewer is not None
    assert refusals(caplog) == []


def test_a_virtual_camera_is_sent_black_and_the_journal_says_why_once(caplog):
    sent, wall = [], Wall()
    both = Cast(wall, types.SimpleNamespace(put=sent.append), LIVE)
    for _ in range(50):
        both.show(VIEWER)
    assert all(not image.any() and image.shape == SKIN.shape for image in sent)
    assert all(picture is VIEWER for picture in wall.shown), "the wall shows it"
    assert len(refusals(caplog)) == 1
    assert refusals(caplog)[0].startswith("virtual camera: ")
    reflection = Picture(np.full((4, 4, 3), 9, np.uint8))
    both.show(reflection)
    assert sent[-1] is reflection.image, "a reflection shows nobody who exists"


def test_the_installation_decides_and_a_file_is_not_live():
    permits = {
        (source, consent): Installation(Settings(source=source, consent=consent)).permit
        for source in ("camera", "rtsp://10.0.0.9/video", "clip.mp4", "demo")
        for consent in ("none", "pictures")
    }
    refused = {key for key, permit in permits.items() if permit.refusal(VIEWER)}
    assert refused == {("camera", "none"), ("rtsp://10.0.0.9/video", "none")}


class Showing(BaseScene):
    """A work that shows the viewer bare."""

    def draw(self, seen, now):
        if seen is None:
            return Picture(np.zeros((48, 64, 3), np.uint8))
        behind = lambda height: sketch(seen, (), (), height)
        return Picture(seen.image, seen.time, captions=("1",), shows_viewer=True, behind=behind)


def mirror(settings, kit):
    script = Script()
    script.faces = [face()]
    return Mirror(script, First(), Linear(), Painter(), Guesser(), live=kit.live, stage=kit.stage, tell=True)


WORKS = {"showing": lambda settings, kit: Showing(), "small mirror": mirror}


@pytest.fixture
def filmed(monkeypatch, tmp_path):
    """filmed(work, **settings): what a few pictures of it leave, a viewer before it: the film's and its report."""
    monkeypatch.setattr(desktop, "forbid_dumps", lambda: None)
    lens = lambda what, *_, **__: Lens(live=what == "camera")
    monkeypatch.setattr("narcissus.sources.open_source", lens)
    for name, opening in WORKS.items():
        module = types.ModuleType(name)
        module.WORK = Work(name, opening, wants_source=True)
        monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.setitem(SCENES, name, name)

    answering, keep = [], Recorder.keep
    heard = lambda self, picture, now: (answering.append(picture.answers is not None), keep(self, picture, now))
    monkeypatch.setattr(Recorder, "keep", heard)

    def make(name, **more):
        settings = Settings(scene=name, **more)
        folder = tmp_path / "film"
        nothing = tmp_path / "none.yaml"
        ending = Until(lambda: sum(answering) > 10)
        desktop.run_desktop(
            settings, ending, lambda: settings, settings_file=nothing, started=0.0, seconds=60, folder=folder
        )
        film, images = cv2.VideoCapture(str(folder / "mirror.webm")), []
        while (read := film.read())[0]:
            images.append(read[1])
        return images, json.loads((folder / "report.json").read_text())

    return make


def test_the_film_of_a_live_camera_is_black_where_it_shows_the_viewer(filmed):
    images, _ = filmed("showing", source="camera")
    assert images
    assert max(image.max() for image in images) < 20


@pytest.mark.parametrize(
    "more", [{"source": "camera", "consent": "pictures"}, {"source": "clip.mp4"}], ids=["agreed", "a file"]
)
def test_the_film_shows_the_viewer_where_nothing_is_against_it(filmed, more):
    images, _ = filmed("showing", **more)
    assert images[-1].max() > 100


COUNTS = {"frames", "frames_with_viewer", "latent_step_degrees"}  # what is counted or measured of viewers


def test_a_film_of_a_live_camera_holds_no_frame_behind_and_its_report_tells_of_nobody(filmed):
    images, report = filmed("small mirror", source="camera")
    assert images[-1].shape == (480, 480, 3), "the reflection alone"
    assert not COUNTS & report.keys()
    assert report["latency_ms"] == {"p50": None, "p95": None}
    assert set(report["stages_ms"]) <= {"draw", "render"}
    assert report["screen_fps"] > 0


def test_a_film_of_a_file_holds_all_of_it(filmed):
    """The control: what the test above looks for is there when it may be."""
    images, report = filmed("small mirror", source="clip.mp4")
    assert images[-1].shape[1] > 480
    assert report["frames_with_viewer"] > 0
    assert report["latency_ms"]["p50"] > 0
    assert {"observe", "find", "portray", "invert"} <= set(report["stages_ms"])


def test_nobody_is_counted_by_a_live_mirror():
    for live in (True, False):
        scene = mirror(Settings(), types.SimpleNamespace(live=live, stage=Figures().stage))
        scene.observe(Frame(IMAGE, 1.0))
        assert (scene.report().keys() >= COUNTS) is not live
        assert COUNTS.isdisjoint(scene.report()) is live


def test_a_bug_below_the_camera_ends_the_kiosk_as_a_bug(monkeypatch):
    monkeypatch.setattr(kiosk, "forbid_dumps", lambda: None)
    opened = []

    def source(settings, painter, once):
        opened.append(1)
        raise ValueError("a bug")

    doors = Doors(source=source, scene=lambda *_: Showing(), window=lambda settings, report, permit: Wall())
    with pytest.raises(ValueError, match="a bug"):
        kiosk.run_kiosk(lambda: Settings(scene="mirror"), Until(), doors)
    assert len(opened) == 1, "it is not tried for ever"
