"""The whole process where its surroundings are broken: it says one line where it can, and ends as it was meant to.

Each test starts run_mirror.py and takes some seconds.
"""

import os
import subprocess
import sys

import pytest
from conftest import ROOT

CHECK = [sys.executable, str(ROOT / "run_mirror.py"), "--scene", "dream", "--check"]


def test_a_full_disk_behind_both_standard_streams_is_no_fault():
    with open("/dev/full", "w") as full:
        done = subprocess.run(CHECK, stdout=full, stderr=full, check=False, timeout=120)
    assert done.returncode == 0


def test_closed_standard_streams_are_no_fault():
    done = subprocess.run(["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *CHECK], check=False, timeout=120)
    assert done.returncode == 0


def test_in_a_deleted_folder_a_terminal_that_knows_no_sign_but_ascii_is_told_all_the_same(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    command = ["sh", "-c", 'cd "$0" && rmdir "$0" && exec "$@"', gone, *CHECK]
    done = subprocess.run(command, capture_output=True, env=environment, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert b"All is well" in done.stdout


@pytest.mark.parametrize("source", ["~nobody-of-that-name/x", "x" * 300, "\x1b[31mred", b"a\xff"], ids=range(4))
def test_a_source_that_cannot_be_is_refused_in_one_line(source, tmp_path):
    command = [*CHECK[:2], "--source", source, "--offscreen", tmp_path]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    assert done.returncode == 66
    assert done.stderr.count(b"\n") == 1
    assert b"\x1b" not in done.stderr
