"""The mirror's own display: it is shut in, and of all users of the machine only the mirror's may draw on it."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from conftest import ROOT

KIOSK = ROOT / "scripts" / "kiosk"
PLACED = {"DISPLAY_USER": "narcissus-display", "USER": "narcissus", "PLACE": "/opt/narcissus", "CONFIG": "/etc/x.yaml"}
PLACED |= {"GROUPS": "video render", "DISPLAY_GROUPS": "video render input tty"}
EXPOSED = 20  # tenths: what systemd-analyze calls OK ends at 5.0; the display had 9.2, the mirror has 1.2


def unit(name: str) -> str:
    text = (KIOSK / f"{name}.service.in").read_text()
    for word, value in PLACED.items():
        text = text.replace(f"@{word}@", value)
    return text


@pytest.mark.parametrize("name", ["narcissus", "narcissus-display"])
def test_a_unit_is_shut_in(name, tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not here; it comes with the package systemd")
    path = tmp_path / f"{name}.service"
    path.write_text(unit(name))
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", f"--threshold={EXPOSED}", path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_each_service_has_a_user_and_devices_of_its_own():
    mirror, display = (set(unit(name).splitlines()) for name in ("narcissus", "narcissus-display"))
    assert "User=narcissus" in mirror
    assert "User=narcissus-display" in display
    assert "DeviceAllow=char-input rw" not in mirror, "the mirror reads no keyboard"
    assert "DeviceAllow=char-video4linux rw" not in display, "X reads no camera"


def as_user(number: int) -> list[str]:
    return ["setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups"]


@pytest.fixture
def display():
    """An X server that belongs to nobody (65534), with our session, for the user `daemon` (1)."""
    missing = [name for name in ("Xvfb", "xinit", "xset", "xhost", "setpriv") if not shutil.which(name)]
    if missing or os.geteuid() != 0:
        pytest.skip(f"needs root, and {' '.join(missing) or 'other users'}")
    number = f":{90 + os.getpid() % 900}"
    text = (KIOSK / "session").read_text()
    command = ["xinit", "/bin/sh", "-c", text, "session", "daemon", "--", shutil.which("Xvfb"), number, "-noreset"]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with tempfile.TemporaryDirectory() as room:  # as systemd makes /run/narcissus-display; pytest's own is root's alone
        os.chown(room, 65534, 65534)
        environment = os.environ | {"HOME": "/", "RUNTIME_DIRECTORY": room}
        x = subprocess.Popen([*as_user(65534), *command], env=environment, cwd="/", **quiet)
        yield number, Path(room) / "answers"
        x.terminate()
        x.wait(10)


def looks(number: int, display: str) -> bool:
    command = [*as_user(number), "xset", "q"]
    return subprocess.run(command, env=os.environ | {"DISPLAY": display}, capture_output=True).returncode == 0


def test_the_mirrors_user_alone_may_draw_on_it_or_look_at_it_from_the_moment_when_it_answers(display):
    number, answers = display
    end = time.monotonic() + 20
    while not answers.exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert looks(1, number)
    assert not looks(2, number)


def test_the_mirror_waits_for_a_display_that_answers_and_for_no_longer_than_a_while():
    lines = unit("narcissus-display").splitlines()
    (waiting,) = [line for line in lines if line.startswith("ExecStartPost=")]
    assert waiting.startswith("ExecStartPost=-/usr/bin/timeout 20 "), "a display that is late is no reason to end it"
    assert "RuntimeDirectory=narcissus-display" in lines, "which systemd empties with every start"
    assert "/run/narcissus-display/answers" in waiting
    assert "After=narcissus-display.service" in unit("narcissus").splitlines()
