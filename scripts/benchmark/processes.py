"""Runs a program of the project by itself, and watches what it takes."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmark.rows import Absent

LOOK = 0.2  # seconds between two looks at the memory


class Ran(NamedTuple):
    seconds: float
    processor: float  # seconds of all its threads and of the processes it started
    most_memory: int  # bytes, of all of them together


def finished(command: list[str], folder: Path) -> Ran:
    """Run `python command…` in `folder` to its end. Raises Absent with its last words when it fails."""
    if not (folder / command[0]).is_file():
        raise Absent(f"{command[0]} is not here")
    start = time.monotonic()
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen([sys.executable, *command], cwd=folder, stdout=subprocess.DEVNULL, stderr=said) as process,
    ):
        try:
            ran = _watched(process, start)
        except BaseException:
            process.terminate()
            raise
        said.seek(0)
        words = said.read().split("\n")
    if process.returncode:
        last = next((line for line in reversed(words) if line.strip()), "without a word")
        raise Absent(f"{command[0]} ended with {process.returncode}: {last}")
    return ran


def _watched(process: subprocess.Popen, start: float) -> Ran:
    most = 0
    while True:
        ended, status, used = os.wait4(process.pid, os.WNOHANG)
        if ended:
            process.returncode = os.waitstatus_to_exitcode(status)
            return Ran(time.monotonic() - start, used.ru_utime + used.ru_stime, most)
        most = max(most, _memory(process.pid))
        time.sleep(LOOK)


def _memory(pid: int) -> int:
    """Bytes that the process and its children hold, what they share counted once."""
    total = 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for one in family:
        try:
            total += one.memory_full_info().pss
        except psutil.Error:  # it has just ended
            continue
    return total
