"""The reflection as a camera for other programs: the newest one, bare, and never in the mirror's way."""

import builtins
import logging
import struct
import sys
import threading
import types
from contextlib import ExitStack

import numpy as np
import pytest

from narcissus.app.settings import load
from narcissus.core.permit import Permit
from narcissus.core.types import Picture
from narcissus.sinks.pace import Pace
from narcissus.sinks.virtual_camera import Cast, VirtualCamera, cast
from narcissus.sources import devices

AT_ONCE = Pace(1e6)


def grey(value) -> np.ndarray:
    return np.full((16, 16, 3), value, np.uint8)


class Loopback(types.ModuleType):
    """In pyvirtualcam's place."""

    def __init__(self, fault=None, lost=None):
        super().__init__("pyvirtualcam")
        self.opened, self.sent, self.closed = [], [], threading.Event()
        self.got, self.wait = threading.Event(), None
        module = self

        class Camera:
            def __init__(self, width, height, fps, *, device=None):
                if fault:
                    raise fault
                module.opened.append((width, height, fps, device))
                self.device = device or "/dev/video10"

            def __enter__(self):
                return self

            def __exit__(self, *_):
                module.closed.set()

            def send(self, frame):
                if lost:
                    raise lost
                assert frame.dtype == np.uint8
                assert frame.flags["C_CONTIGUOUS"]
                module.sent.append(frame)
                module.got.set()
                if module.wait:
                    module.wait.wait(20)

        self.Camera = Camera


@pytest.fixture
def loopback(monkeypatch):
    def install(**faults):
        module = Loopback(**faults)
        monkeypatch.setitem(sys.modules, "pyvirtualcam", module)
        return module

    return install


@pytest.fixture(autouse=True)
def journal(caplog):
    caplog.set_level(logging.INFO, "narcissus")


def said(caplog) -> list[str]:
    return [record.message for record in caplog.records]


def test_it_sends_the_bare_reflection_at_a_size_that_other_programs_take(loopback, caplog):
    module = loopback()
    with VirtualCamera("auto", AT_ONCE) as camera:
        camera.put(grey(90))
        assert module.got.wait(20)
    assert module.closed.wait(20)
    assert module.opened == [(720, 720, 30.0, None)]
    assert module.sent[0].shape == (720, 720, 3)
    assert (module.sent[0] == 90).all()
    assert said(caplog) == ["virtual camera: the reflection is at /dev/video10, 720×720"]


def test_a_device_that_is_named_is_the_one(loopback):
    module = loopback()
    with VirtualCamera("/dev/video42", AT_ONCE) as camera:
        camera.put(grey(90))
        assert module.got.wait(20)
    assert module.opened[0][3] == "/dev/video42"


def test_only_the_newest_is_sent_and_putting_never_waits(loopback):
    module = loopback()
    module.wait = threading.Event()
    with VirtualCamera("auto", AT_ONCE) as camera:
        camera.put(grey(0))
        assert module.got.wait(20)
        for value in range(1, 200):  # while the first is still being sent
            camera.put(grey(value))
        module.got.clear()
        module.wait.set()
        assert module.got.wait(20)
    assert np.abs(module.sent[1].astype(int) - 199).max() <= 1  # rounded on the way


def test_a_picture_that_still_stands_is_sent_again(loopback, monkeypatch):
    monkeypatch.setattr("narcissus.sinks.virtual_camera.AGAIN", 0.001)
    module = loopback()
    with VirtualCamera("auto", AT_ONCE) as camera:
        camera.put(grey(7))
        assert module.got.wait(20)
        module.got.clear()
        assert module.got.wait(20)
    assert (module.sent[1] == 7).all()


def finished(camera) -> None:
    camera._thread.join(20)
    assert not camera._thread.is_alive()


def test_without_the_package_one_line_says_what_to_install(monkeypatch, caplog):
    monkeypatch.delitem(sys.modules, "pyvirtualcam", raising=False)
    plain = builtins.__import__
    missing = lambda name, *more: plain("no_such_package" if name == "pyvirtualcam" else name, *more)
    monkeypatch.setattr(builtins, "__import__", missing)
    with VirtualCamera("auto", AT_ONCE) as camera:
        camera.put(grey(1))
        finished(camera)
        camera.put(grey(2))  # the mirror goes on
    (line,) = said(caplog)
    assert "pip install -r requirements-sinks.txt" in line


@pytest.mark.parametrize("when", ["fault", "lost"])
def test_without_a_device_one_line_says_how_to_make_one(loopback, caplog, when):
    fault = RuntimeError("'v4l2loopback' backend: No v4l2 loopback device found at /dev/video[0-99].\nDid you run it?")
    loopback(**{when: fault})
    with VirtualCamera("auto", AT_ONCE) as camera:
        camera.put(grey(1))
        finished(camera)
        camera.put(grey(2))
    line = said(caplog)[-1]
    assert "\n" not in line
    assert "No v4l2 loopback device found" in line
    assert "sudo modprobe v4l2loopback video_nr=10 card_label=Narcissus exclusive_caps=1" in line


class Screen:
    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda *given: (self.calls.append((name, *given)), 5.0)[1]


def test_the_screen_beside_it_is_the_same_screen(loopback):
    loopback()
    screen, camera = Screen(), VirtualCamera("auto", AT_ONCE)
    both, picture = Cast(screen, camera, Permit()), Picture(grey(3))
    assert both.show(picture) == 5.0
    both.commands(), both.obey("record"), both.tune("settings"), both.close()
    assert screen.calls == [("show", picture), ("commands",), ("obey", "record"), ("tune", "settings"), ("close",)]
    assert camera._newest.peek() is picture.image


def test_switched_off_it_is_not_there_at_all():
    screen = Screen()
    with ExitStack() as parts:
        assert cast(screen, "off", Permit(), parts) is screen


@pytest.mark.parametrize(
    ("written", "meant"), [("off", "off"), ("on", "auto"), ("auto", "auto"), ("/dev/video10", "/dev/video10")]
)
def test_the_setting_is_a_word_however_yaml_reads_it(tmp_path, written, meant):
    (tmp_path / "config.yaml").write_text(f"screen:\n  virtual_camera: {written}\n")
    assert load(tmp_path / "config.yaml").screen.virtual_camera == meant


def test_the_mirror_does_not_take_its_own_reflection_for_a_viewer(tmp_path):
    """A loopback says that it captures as soon as somebody writes to it; it is no camera for `auto`."""
    (tmp_path / "video10").write_text("")

    def answer(driver):
        def ioctl(handle, request, about):
            about[: len(driver)] = driver
            struct.pack_into("=I", about, devices.DEVICE_CAPABILITIES_AT, 0x1)

        return ioctl

    assert devices.captures(str(tmp_path / "video10"), answer(b"uvcvideo")) is True
    assert devices.captures(str(tmp_path / "video10"), answer(b"v4l2 loopback")) is False
