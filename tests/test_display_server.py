"""A wall without a display server, with one that comes late, and with one that dies: a real process before a real X.

Each takes some seconds: the work is started as an attendant's machine starts it.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb, a display server without a screen")

NUMBER = 1100 + os.getpid() % 900  # of the display; no other test process has it, and no other module of this one
PATIENCE = 60.0  # seconds that something is waited for on a busy machine


@pytest.fixture
def server():
    """Starts the X server when it is called; what it has left behind is cleared away."""
    running = []

    def start():
        running.append(
            subprocess.Popen(["Xvfb", f":{NUMBER}", "-screen", "0", "320x240x24"], stderr=subprocess.DEVNULL)
        )
        return running[-1]

    yield start
    for one in running:
        one.kill()
        one.wait()
    for left in (f"/tmp/.X{NUMBER}-lock", f"/tmp/.X11-unix/X{NUMBER}"):  # by a server that was killed
        Path(left).unlink(missing_ok=True)


@pytest.fixture
def kiosk(tmp_path):
    """A kiosk that dreams before that display, and everything that it says."""
    said = tmp_path / "said"
    unset = {name: value for name, value in os.environ.items() if name not in ("SDL_VIDEODRIVER", "WAYLAND_DISPLAY")}
    with said.open("w") as journal:
        command = [sys.executable, "run_mirror.py", "--kiosk", "--scene", "dream"]
        process = subprocess.Popen(command, cwd=ROOT, env=unset | {"DISPLAY": f":{NUMBER}"}, stderr=journal)
    process.said = said.read_text
    yield process
    process.kill()
    process.wait()


def wait_until(true, process):
    ends = time.monotonic() + PATIENCE
    while not true() and process.poll() is None and time.monotonic() < ends:
        time.sleep(0.1)
    assert true(), process.said()


def test_without_a_server_the_wall_is_waited_for_and_never_drawn_on_nothing(kiosk):
    wait_until(lambda: "the dream: on the wall" in kiosk.said() or "no display answers" in kiosk.said(), kiosk)
    assert "no display answers" in kiosk.said()
    kiosk.send_signal(signal.SIGTERM)
    assert kiosk.wait(PATIENCE) == 0


def test_a_server_that_comes_late_is_taken_up_and_one_that_dies_ends_the_process(kiosk, server):
    """The process ends with its X server, for the service manager to start it anew; that one waits, as tested above."""
    wait_until(lambda: "no display answers" in kiosk.said(), kiosk)
    late = server()
    wait_until(lambda: "display: well again" in kiosk.said(), kiosk)
    late.kill()
    assert kiosk.wait(PATIENCE) != 0


def test_a_desktop_without_a_server_leaves_a_film(tmp_path):
    unset = {name: value for name, value in os.environ.items() if name not in ("SDL_VIDEODRIVER", "WAYLAND_DISPLAY")}
    command = [sys.executable, ROOT / "run_mirror.py", "--scene", "dream", "--seconds", "1"]
    done = subprocess.run(
        command, cwd=tmp_path, env=unset | {"DISPLAY": f":{NUMBER}"}, capture_output=True, text=True, check=True
    )
    assert "no display answers" in done.stdout
    assert (tmp_path / "out" / "mirror.webm").is_file()
