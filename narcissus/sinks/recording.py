"""A film of the reflections, written while they are shown, in a thread that the mirror never waits for."""

import contextlib
import errno
import os
import queue
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

RATE = 30  # moments a second at which the film may change
WAITING = 12  # reflections that may wait to be written; what comes while they do is left out
NICE = 10  # how far its thread steps back behind the mirror's
ROOM = 256 * 2**20  # bytes: with less on the disk the film ends while it can still be finished
LOOK = 0.2  # seconds after which a thread that waits looks whether it should end
PATIENCE = 1.5  # seconds that leaving waits for the film: a stop within three is promised

Reflection = tuple[np.ndarray, int]  # uint8 (H, W, 3) RGB and its moment in 1/RATE seconds since the first


class Recording:
    """One film, from the first reflection that is offered until `stop`. Whole, or not there at all.

    Every reflection stands in it as long as it stood on the wall, to 1/30 s, however many a second there were, and
    however many were left out. `offer` and `stop` belong to the display's thread and never wait.
    """

    def __init__(self, path: Path, free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free) -> None:
        """`free`: how many bytes the disk of a folder has left."""
        self.path = Path(path)
        self.over: str | None = None  # what became of it, for people to read, once it is over
        self._free = free
        self._waiting: queue.Queue[Reflection] = queue.Queue(WAITING)
        self._begun: float | None = None  # when the first was shown
        self._last: Reflection | None = None  # the newest, not yet handed over
        self._looked = 0  # the moment at which the disk was looked at last
        self._cut = False  # whether the disk ended the film
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return not self._stopping.is_set()

    def offer(self, image: np.ndarray, shown: float) -> None:
        """A reflection, uint8 (H, W, 3) RGB, was shown at this time. Nobody changes it afterwards."""
        if not self.running:
            return
        if self._begun is None:
            self._begun = shown
        moment = round((shown - self._begun) * RATE)
        if self._last is not None and moment > self._last[1]:  # of several at one moment the last one stands
            with contextlib.suppress(queue.Full):
                self._waiting.put_nowait(self._last)
        self._last = (image, moment)

    def stop(self) -> None:
        """The film ends here; `over` says when it has been finished."""
        self._stopping.set()

    def finish(self) -> str:
        """Stop, and wait for the film a little. Returns what became of it."""
        self.stop()
        self._thread.join(PATIENCE)
        return self.over or f"{self.path}: not recorded (the disk takes too long)"

    def _run(self) -> None:
        from narcissus.sinks.reel import write_reel  # the film's library takes a while to load

        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        over = f"{self.path}: not recorded"
        try:
            if write_reel(self.path, self._reflections(), RATE, self._full):
                over = f"{'the disk is nearly full: ' if self._cut else ''}recorded as {self.path}"
        except OSError as fault:
            over = f"{self.path}: not recorded ({fault.strerror or fault})"
        finally:
            self._stopping.set()
            self.over = over

    def _reflections(self) -> Iterator[Reflection]:
        """What is offered, until it has been stopped and nothing waits any more."""
        while True:
            ending = self._stopping.is_set()  # asked first: what was offered before the end is still written
            try:
                yield self._waiting.get(timeout=0 if ending else LOOK)
            except queue.Empty:
                if ending:
                    if self._last is not None:
                        yield self._last
                    return

    def _full(self, moment: int) -> bool:
        """Whether the disk has no room for more. Raises OSError where it never had."""
        if moment and moment - self._looked < RATE:
            return False
        self._looked = moment
        self._cut = self._free(self.path.parent) < ROOM
        if self._cut and not moment:
            raise OSError(errno.ENOSPC, "the disk is nearly full")
        return self._cut
