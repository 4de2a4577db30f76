"""Whoever hangs up, the mirror ends in order: a terminal that is closed is a request like SIGTERM."""

import fcntl
import os
import signal
import subprocess
import sys
import termios
import time

import pytest
from conftest import ROOT


def test_a_closed_terminal_ends_it_and_the_film_is_kept(tmp_path):
    """SIGHUP, as ssh or a terminal sends it when it goes, and nobody is there to read any more. Seconds."""
    ours, theirs = os.openpty()
    mirror = subprocess.Popen(
        [sys.executable, ROOT / "run_mirror.py", "--scene", "dream", "--offscreen", tmp_path],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    said = b""
    while b"drawn by" not in said:
        said += os.read(ours, 4096)
    time.sleep(2.0)
    os.close(ours)
    assert mirror.wait(60) == 0
    left = {path.suffix: path.stat().st_size for path in tmp_path.iterdir()}
    assert left[".webm"] > 0
    assert left[".json"] > 0


def test_nohup_is_heeded(tmp_path):
    """Seconds: the process must first have got that far."""
    command = ["nohup", sys.executable, ROOT / "run_mirror.py", "--scene", "dream", "--offscreen", tmp_path]
    mirror = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    while b"drawn by" not in mirror.stdout.readline():
        assert mirror.poll() is None
    mirror.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        mirror.wait(2.0)
    mirror.send_signal(signal.SIGTERM)
    assert mirror.wait(60) == 0
    mirror.stdout.close()
