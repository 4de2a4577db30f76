"""Whoever hangs up, the mirror ends in order: a terminal that is closed is a request like SIGTERM."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import termios

import pytest
from conftest import ROOT
from ports import free_port

from narcissus.app.tuning.addresses import FPS


def test_a_closed_terminal_ends_it_and_the_film_is_kept(tmp_path):
    """SIGHUP, as ssh or a terminal sends it when it goes, and nobody is there to read any more. Seconds."""
    ours, theirs = os.openpty()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(300)
        config, film = tmp_path / "config.yaml", tmp_path / "film"
        told = f"127.0.0.1:{ear.getsockname()[1]}"
        config.write_text(f"osc: {{enabled: true, listen: '127.0.0.1:{free_port()}', send_to: ['{told}']}}\n")
        mirror = subprocess.Popen(
            [sys.executable, ROOT / "run_mirror.py", "--scene", "dream", "--offscreen", film, "--config", config],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)
        while not ear.recv(4096).startswith(FPS.encode()):  # the proof that pictures are shown
            pass
    os.close(ours)
    assert mirror.wait(60) == 0
    left = {path.suffix: path.stat().st_size for path in film.iterdir()}
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
