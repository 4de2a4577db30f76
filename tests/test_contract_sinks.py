"""What the house asks of every sink: it shows at once, takes any picture, and what it does not know it ignores."""

import sys
import threading

import numpy as np
import pytest
from test_virtual_camera import AT_ONCE, Loopback

from narcissus.app.reopening_sink import ReopeningSink
from narcissus.app.settings import Settings
from narcissus.core.journal import Journal
from narcissus.core.permit import Permit
from narcissus.core.sections import Display
from narcissus.core.types import Picture
from narcissus.sinks.kiosk import KioskWindow
from narcissus.sinks.pace import Pace
from narcissus.sinks.publishing import Published, Publisher
from narcissus.sinks.recorder import Recorder
from narcissus.sinks.virtual_camera import Cast, VirtualCamera
from narcissus.sinks.window import Window

DISPLAY = Display(fullscreen=False, rate=240.0)


def pace() -> Pace:
    now = [50.0]
    return Pace(60.0, lambda: now[0], lambda seconds: now.__setitem__(0, now[0] + seconds))


def window(folder) -> Window:
    quick = pace()
    return Window(DISPLAY, report=dict, folder=folder, clock=quick.clock, pace=quick)


def kept(folder) -> ReopeningSink:
    quick = pace()
    made = lambda: Recorder(quick, Permit())
    return ReopeningSink(made, Journal(), lambda picture, shown: None, clock=quick.clock, sleep=lambda seconds: None)


SINKS = {
    "window": window,
    "kiosk": lambda folder: KioskWindow(DISPLAY),
    "film": lambda folder: Recorder(pace(), Permit()),
    "virtual camera": lambda folder: Cast(Recorder(pace(), Permit()), VirtualCamera("auto", AT_ONCE), Permit()),
    "published": lambda folder: Published(Recorder(pace(), Permit()), Publisher(folder / "wall.sock", Permit())),
    "kept": kept,
}


@pytest.fixture(params=SINKS)
def sink(request, tmp_path, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setitem(sys.modules, "pyvirtualcam", Loopback())
    made = SINKS[request.param](tmp_path / "kept")
    yield made
    made.close()


def picture(height=64, width=64, **more) -> Picture:
    image = np.arange(height * width * 3, dtype=np.uint32).reshape(height, width, 3).astype(np.uint8)
    return Picture(image, **more)


def test_it_says_when_it_showed_each_picture(sink):
    moments = [sink.show(picture()) for _ in range(5)]
    assert all(isinstance(moment, float) for moment in moments)
    assert sorted(moments) == moments


@pytest.mark.parametrize("shape", [(64, 64), (9, 16), (1, 1), (300, 20), (1024, 1024)])
def test_it_takes_a_picture_of_any_shape_and_changes_none(sink, shape):
    shown = picture(*shape, captions=("about 30 years",), answers=49.0, stalled=True)
    before = shown.image.copy()
    for _ in range(3):
        sink.show(shown)
    assert np.array_equal(shown.image, before)


def test_it_takes_a_picture_with_a_frame_behind_it_and_one_without_after_it(sink):
    behind = lambda height: np.full((height, 2 * height, 3), 90, np.uint8)
    for shown in (picture(answers=1.0, behind=behind), picture(), picture(shows_viewer=True)):
        sink.show(shown)


def test_nobody_at_the_keyboard_asks_for_nothing(sink):
    sink.show(picture())
    assert [command for command in sink.commands() if command != "quit"] == []


def test_what_it_does_not_know_it_ignores(sink, tmp_path):
    for command in ("freeze", "thaw", "more", "no such command", "stop recording"):
        sink.obey(command)
    sink.show(picture())
    assert not (tmp_path / "kept").exists()


def test_the_same_settings_twice_change_nothing_and_may_come_before_the_first_picture(sink):
    for _ in range(2):
        sink.tune(Settings())
    sink.show(picture())
    for _ in range(2):
        sink.tune(Settings())
    assert isinstance(sink.show(picture()), float)


def test_it_takes_a_line_for_people(sink):
    sink.say("the settings are read again")
    sink.show(picture())


def threads():
    """Those of sinks; whatever a library of another test starts meanwhile is none of them."""
    return {thread for thread in threading.enumerate() if thread.name in ("recording", "virtual camera", "publisher")}


def test_it_can_be_closed_twice_and_leaves_no_thread(sink):
    before = threads()
    sink.show(picture())
    sink.close()
    sink.close()
    assert not threads() - before
