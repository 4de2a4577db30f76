"""The whole process where its surroundings are broken: it says one line where it can, and ends as it was meant to.

Each test starts run_mirror.py and takes some seconds.
"""

import os
import subprocess
import sys

import pytest
from conftest import ROOT

CHECK = [sys.executable, str(ROOT / "run_mirror.py"), "--scene", "dream", "--check"]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_full_disk_behind_a_standard_stream_is_no_fault(stream):
    with open("/dev/full", "w") as full:
        done = subprocess.run(CHECK, **{stream: full}, check=False, timeout=120)
    assert done.returncode == 0


def test_closed_standard_streams_are_no_fault():
    done = subprocess.run(["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *CHECK], check=False, timeout=120)
    assert done.returncode == 0


def test_a_terminal_that_knows_no_sign_but_ascii_is_told_all_the_same():
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = subprocess.run(CHECK, capture_output=True, env=environment, check=False, timeout=120)
    assert done.returncode == 0
    assert b"All is well" in done.stdout


def test_a_deleted_working_directory_is_no_fault(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    command = 'cd "$0" && rmdir "$0" && exec "$@"'
    done = subprocess.run(["sh", "-c", command, gone, *CHECK], capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("source", ["~nobody-of-that-name/x", "x" * 300, "\x1b[31mred", b"a\xff"], ids=range(4))
def test_a_source_that_cannot_be_is_refused_in_one_line(source, tmp_path):
    command = [*CHECK[:2], "--source", source, "--offscreen", tmp_path]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    assert done.returncode == 66
    assert done.stderr.count(b"\n") == 1
    assert b"\x1b" not in done.stderr
