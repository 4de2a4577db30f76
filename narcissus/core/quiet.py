"""Libraries that write to the standard error themselves are not heard: what is wrong is for us to say, once."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_lock = threading.Lock()
_inside = 0  # how many threads are quiet now
_kept = -1  # the standard error, while anybody is


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing reaches the standard error inside. For the whole process, so only around a single call or import.

    Several threads may be quiet at the same time: the first silences it, and the last gives it back.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def own_voice() -> TextIO:
    """The standard error for our own log: what another thread says while a library is kept quiet is not lost."""
    return os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="backslashreplace")


def _enter() -> None:
    global _inside, _kept
    with _lock:
        if _inside == 0:
            _kept = _silenced()
        _inside += 1


def _silenced() -> int:
    """The standard error's own way out, to be given back; -1 where there is none, or no file can be opened now."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except OSError:
        return -1
    try:
        kept = os.dup(2)
        os.dup2(nowhere, 2)
        return kept
    except OSError:
        return -1
    finally:
        os.close(nowhere)


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if _inside == 0 and _kept >= 0:
            os.dup2(_kept, 2)
            os.close(_kept)
