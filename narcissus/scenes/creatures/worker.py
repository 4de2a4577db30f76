"""Who draws, letters and writes for the wall, so that the display's thread never does."""

import contextlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor

POLITE = 5  # how nice the worker's thread is


def births_worker() -> ThreadPoolExecutor:
    """One thread, which lets the display's go first wherever cores are few; it ends when nobody refers to it."""
    return ThreadPoolExecutor(1, "births", initializer=_step_back)


class AtOnce(Executor):
    """In lockstep nothing is late: what is asked for has been done when `submit` returns."""

    def submit(self, work: Callable, /, *words, **named) -> Future:
        done: Future = Future()
        try:
            done.set_result(work(*words, **named))
        except Exception as fault:
            done.set_exception(fault)
        return done


def _step_back() -> None:
    with contextlib.suppress(AttributeError, OSError):  # not Linux
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), POLITE)
