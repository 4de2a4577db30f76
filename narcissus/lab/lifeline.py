"""Worker processes that end with the process they work for, however that one ends: SIGTERM, SIGHUP, SIGKILL or a crash.

The parent holds the one end of a pipe that it never writes to, and every worker reads the other: when the parent is
gone the kernel closes its end, and the reader wakes. PR_SET_PDEATHSIG (prctl(2)) does the same without the help of a
thread, so also for a worker that never lets another thread run.
"""

import ctypes
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing import Pipe, resource_tracker
from multiprocessing.connection import Connection

PR_SET_PDEATHSIG = 1  # linux/prctl.h


@cache
def lifeline() -> Connection:
    """The end of the pipe for the workers of this process: give it to them as the argument of `end_with_parent`."""
    workers_end, kept = Pipe(duplex=False)
    _KEPT.append(kept)
    return workers_end


_KEPT: list[Connection] = []  # open as long as this process lives


@contextmanager
def starting() -> Iterator[None]:
    """A worker that this thread starts inside hears no Ctrl-C before `end_with_parent` leaves it to the parent."""
    resource_tracker.ensure_running()  # it comes with the first worker, and its start would undo what follows
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with_parent(line: Connection) -> None:
    """To be called in a worker before its work. Ctrl-C, which reaches the whole group, is left to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    prctl = getattr(ctypes.CDLL(None), "prctl", None)  # Linux alone has it
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    threading.Thread(target=_watch, args=(line,), name="lifeline", daemon=True).start()


def _watch(line: Connection) -> None:
    line.poll(None)  # nothing is ever sent: it returns when the other end is closed
    os._exit(1)
