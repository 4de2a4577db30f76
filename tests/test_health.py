"""The watchdog is fed by a living mirror and by nothing else."""

import logging
import os
import socket

import numpy as np
import pytest

from narcissus.app.health import PATIENCE, STATUS_PERIOD, Health, Notifier
from narcissus.core.journal import Journal
from narcissus.core.types import Frame, Picture


class Manager:
    """Stands in for systemd's end: what was said to it."""

    watchdog_seconds = 20.0

    def __init__(self):
        self._lines = []

    def send(self, *lines):
        self._lines += lines
        return True

    def heard(self):
        lines, self._lines = self._lines, []
        return lines


@pytest.fixture
def manager():
    return Manager()


@pytest.fixture
def health(manager):
    return Health(manager, Journal())


def picture(shown, stalled=False):
    return Picture(np.full((16, 16, 3), int(shown * 7) % 256, np.uint8), stalled=stalled)


def test_ready_is_said_with_the_first_picture_and_never_again(health, manager):
    assert manager.heard() == []
    for step in range(5):
        health.presented(picture(step), 100.0 + step)
    assert manager.heard().count("READY=1") == 1


def test_ready_is_said_again_until_a_slow_manager_has_heard_it(health, manager, monkeypatch):
    monkeypatch.setattr(manager, "send", lambda *lines: False)
    health.presented(picture(0), 0.0)
    monkeypatch.undo()
    for step in range(1, 5):
        health.presented(picture(step), step)
    assert manager.heard().count("READY=1") == 1


def test_with_too_many_files_open_the_wall_goes_on(tmp_path, monkeypatch):
    def none_left(*_):
        raise OSError(24, "Too many open files")

    health = Health(Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000000"}), Journal())
    monkeypatch.setattr("narcissus.app.health.socket.socket", none_left)
    monkeypatch.setattr("narcissus.app.health.psutil.Process", none_left)
    health.presented(picture(0), 0.0)
    assert "0 MB" in health.status(0.0)


def test_a_thread_that_nobody_expects_any_more_is_at_fault_no_longer(manager):
    journal = Journal()
    health = Health(manager, journal)
    health.expect("camera", 0.0)
    health.presented(picture(0), PATIENCE + 1)
    assert "camera thread" in journal.faults
    health.excuse("camera")
    health.presented(picture(1), PATIENCE + 2)
    assert journal.faults == {}
    assert "WATCHDOG=1" in manager.heard()


def test_the_watchdog_is_fed_while_every_heart_beats(health, manager):
    for name in ("camera", "perception"):
        health.expect(name, 0.0)
    for now in range(120):
        health.beat("camera", now)
        health.beat("perception", now)
        health.presented(picture(now), now)
    assert manager.heard().count("WATCHDOG=1") == 24, "every quarter of the period asked for"


@pytest.mark.parametrize("hung", ["camera", "perception"])
def test_one_hung_thread_silences_the_watchdog_until_it_lives_again(health, manager, caplog, hung):
    for name in ("camera", "perception"):
        health.expect(name, 0.0)
    for now in range(60):
        health.beat({"camera": "perception", "perception": "camera"}[hung], now)
        health.presented(picture(now), now)
        if now == PATIENCE:
            manager.heard()
    assert "WATCHDOG=1" not in manager.heard()
    assert sum(f"{hung} thread" in record.message for record in caplog.records) == 1
    health.beat(hung, 60)
    health.presented(picture(60), 60)
    assert "WATCHDOG=1" in manager.heard()


def test_a_display_that_hangs_feeds_nothing(health, manager):
    health.presented(picture(0), 0.0)
    manager.heard()
    for now in range(60):
        health.beat("perception", now)
    assert manager.heard() == []


def test_a_picture_that_stands_still_while_the_viewer_moves_silences_the_watchdog(health, manager, caplog):
    for now in range(60):
        health.presented(picture(0, stalled=now > 5), now)
        if now == 10:
            manager.heard()
    assert "WATCHDOG=1" not in manager.heard()
    assert sum("stands still" in record.message for record in caplog.records) == 1
    health.presented(picture(5), 60)
    assert "WATCHDOG=1" in manager.heard()


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_what_is_sent(tmp_path, abstract):
    name = f"@narcissus-test-{tmp_path.name}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name.replace("@", "\0", 1))
        manager.settimeout(10)
        notifier = Notifier({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "20000000", "WATCHDOG_PID": str(os.getpid())})
        assert notifier.watchdog_seconds == 20
        notifier.send("READY=1", "STATUS=37 reflections a second")
        assert manager.recv(4096).decode() == "READY=1\nSTATUS=37 reflections a second"


def test_where_nobody_watches_nothing_is_fed(tmp_path):
    other_process = {"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1", "NOTIFY_SOCKET": ""}
    assert Notifier(other_process).watchdog_seconds is None
    assert Notifier({}).watchdog_seconds is None
    Notifier({}).send("READY=1")
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).send("READY=1")


def test_the_status_line_tells_how_it_is(health, manager):
    health.restarted("camera")
    health.captured(Frame(np.zeros((2, 2, 3), np.uint8), 99.5))
    for step in range(50):
        health.presented(picture(step), 100 + step / 50)
    (status,) = [line for line in manager.heard() if line.startswith("STATUS=")]
    assert "frame 0.5 s old" in status
    assert "camera restarted 1×" in status
    figures = health.figures(101.0)
    assert figures["reflections_per_second"] == 25
    assert figures["frame_age_s"] == 1.5
    assert figures["memory_mb"] > 1
    health.presented(picture(51), 100 + STATUS_PERIOD)
    assert any(line.startswith("STATUS=") for line in manager.heard())


def test_a_fault_is_said_once_and_once_when_it_is_over(caplog):
    journal = Journal()
    for _ in range(1000):
        journal.fault("camera", "is black")
    journal.fault("camera", "is absent")
    assert journal.faults == {"camera": "is black"}
    for _ in range(1000):
        journal.recovered("camera")
    assert [record.message for record in caplog.records] == ["camera: is black", "camera: well again"]


@pytest.fixture(autouse=True)
def journal(caplog):
    caplog.set_level(logging.INFO, "narcissus")
