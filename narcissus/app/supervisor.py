"""A camera that is looked after: whoever reads gets a frame, or learns that there is nobody to be seen.

While there is no camera, `read` hands out small black frames, each a cut: perception finds nobody in them and the
mirror dreams, so nothing behind this room needs to know that a camera can fail. The first frame of a camera that is
back is a cut too.
"""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import numpy as np

from narcissus.app.inspection import Inspector
from narcissus.core.errors import DeviceLost, DrawingError, SourceEnded, SourceError
from narcissus.core.journal import Journal
from narcissus.core.newest import Newest
from narcissus.core.sections import SharedSettings
from narcissus.core.types import Frame, Source

WAITED_OUT = (SourceError, DrawingError)  # a camera that is away, or an imaginary viewer that cannot be drawn now
PATIENCE = 1.5  # seconds without a good frame until the mirror dreams; the promise is 2
OPENING = 10.0  # seconds a camera may take to open: a USB device that wakes up takes three
BACK_OFF = (1.0, 2.0, 4.0, 8.0, 10.0)  # seconds between attempts, the last for ever
HOPELESS = 30.0  # seconds a thread may hang in the driver before a new process is the only remedy
MOST_STUCK = 3  # threads that may hang in the driver at once
LETTING_GO = 0.5  # seconds that closing waits for the camera to be free
SLOW, STEADY = 0.6, 0.8  # of the rate asked for: below the first is slow, above the second well again
FAULTS = ("camera", "camera size", "camera rate", "camera controls")  # by which the journal knows them
BLANK_PERIOD = 0.25  # seconds between the black frames of a lost camera
BLANK = np.zeros((48, 64, 3), np.uint8)


class Supervised:
    """A Source made of one that may fail at any moment. `open_camera` is called again for every new attempt.

    Raises SourceEnded when a finite source has ended; every other SourceError is waited out, and any other exception is
    raised unchanged.
    `alive` is called with the time whenever all is well or may yet become so; it falls silent when the driver holds a
    thread for good, so that a watchdog can start a new process. `asked` is the width, height and rate the camera was
    asked for; what it gives instead is said once.
    """

    def __init__(
        self,
        open_camera: Callable[[], Source],
        journal: Journal,
        *,
        name: str = "camera",
        live: bool = True,
        asked: tuple[int, int, float] | None = None,
        alive: Callable[[float], None] = lambda now: None,
        reopened: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.live, self.name = live, name
        self._open, self._alive, self._reopened, self._clock = open_camera, alive, reopened, clock
        self._journal, self._asked = journal, asked
        self._reader: _Reader | None = None
        self._stuck: list[_Reader] = []
        self._inspector = Inspector(live)
        self._tries = 0  # attempts that failed since the last good frame
        self._next_try = self._last_good = clock()
        self._lost = True  # nothing that comes now continues what was seen before
        self._closed = threading.Event()

    def __enter__(self) -> "Supervised":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the camera; a thread that hangs in the driver is left behind rather than waited for.

        What was at fault with it is at fault no more: nobody wants it.
        """
        self._closed.set()
        reader = self._reader
        self._let_go()
        if reader is not None:
            reader.join(LETTING_GO)
        for name in FAULTS:
            self._journal.forget(name)

    def read(self) -> Frame:
        while not self._closed.is_set():
            self._tend(self._clock())
            arrived = self._wait()
            now = self._clock()
            frame = None if arrived is None else self._examine(arrived, now)
            self._say_alive(now)
            if frame is not None:
                return frame
            if now - self._last_good >= PATIENCE:
                self._tend(now)  # if the driver hangs, that is the reason to be given
                self._journal.fault("camera", "no frame; the mirror dreams until there is one")
                self._lost = True
                return Frame(BLANK, now, cut=True)
        raise SourceEnded(f"{self.name}: closed")

    def _wait(self) -> Frame | BaseException | None:
        if self._reader is None:
            self._closed.wait(BLANK_PERIOD)
            return None
        return self._reader.arrivals.get(BLANK_PERIOD)

    def _tend(self, now: float) -> None:
        """Gives up a reader that hangs, and starts another when it is time."""
        self._stuck = [reader for reader in self._stuck if reader.is_alive()]
        reader = self._reader
        if reader is not None and now - reader.last_sign >= (PATIENCE if reader.opened else OPENING):
            self._lose("hangs in the driver" if reader.opened else "does not open", now)
        if self._reader is None and now >= self._next_try and len(self._stuck) <= MOST_STUCK:
            if self._tries:
                self._reopened()
            self._inspector = Inspector(self.live)
            self._reader = _Reader(self._open, self._clock)
            self._reader.start()

    def _examine(self, arrived: Frame | BaseException, now: float) -> Frame | None:
        """The frame, if it may be seen; None if not, and then perhaps the camera is given up."""
        if isinstance(arrived, WAITED_OUT) and not isinstance(arrived, SourceEnded | DeviceLost):
            self._lose(str(arrived), now)
            return None
        if isinstance(arrived, BaseException):
            raise arrived
        reason = self._inspector.judge(arrived, now)
        if reason is None:
            return self._accept(arrived, now)
        if now - max(self._last_good, self._reader.opened_at) >= PATIENCE:
            self._lose(reason, now)
        return None

    def _accept(self, frame: Frame, now: float) -> Frame:
        resumed, self._lost = self._lost, False
        self._tries, self._last_good = 0, now
        self._journal.recovered("camera")
        self._compare(frame)
        return replace(frame, cut=frame.cut or resumed)

    def _compare(self, frame: Frame) -> None:
        """Says where the camera gives something else than it was asked for; it is used all the same."""
        if self._asked is None:
            return
        width, height, rate = self._asked
        got = frame.image.shape[1], frame.image.shape[0]
        if got != (width, height):
            self._journal.fault("camera size", f"gives {got[0]}×{got[1]}, asked for {width}×{height}")
        else:
            self._journal.recovered("camera size")
        pace = self._inspector.pace
        if pace is not None and pace < SLOW * rate:
            self._journal.fault(
                "camera rate", f"gives {pace:.0f} pictures a second, asked for {rate:.0f}; it needs light"
            )
        elif pace is not None and pace > STEADY * rate:
            self._journal.recovered("camera rate")

    def _lose(self, reason: str, now: float) -> None:
        self._journal.fault("camera", f"{reason}; the mirror dreams and tries again, every 10 s at the latest")
        self._let_go()
        self._lost = True
        self._next_try = now + BACK_OFF[min(self._tries, len(BACK_OFF) - 1)]
        self._tries += 1

    def _let_go(self) -> None:
        if self._reader is not None:
            self._reader.leave()
            self._stuck.append(self._reader)
            self._reader = None

    def _say_alive(self, now: float) -> None:
        if not any(now - reader.last_sign > HOPELESS for reader in self._stuck if reader.is_alive()):
            self._alive(now)


def asked_of(settings: SharedSettings) -> tuple[int, int, float] | None:
    """The width, height and rate that a camera of this machine is asked for; None of any other source."""
    camera = settings.camera
    return (camera.width, camera.height, float(camera.fps)) if settings.source == "camera" else None


class _Reader(threading.Thread):
    """One attempt: opens a source, reads until told to leave or until it fails, and closes it itself.

    Only this thread ever touches the source, so a driver that hangs holds this thread and nobody else.
    """

    def __init__(self, open_source: Callable[[], Source], clock: Callable[[], float]) -> None:
        super().__init__(name="camera reader", daemon=True)
        self.arrivals: Newest[Frame | BaseException] = Newest()  # an error is the last thing that arrives
        self.opened_at = self.last_sign = clock()
        self.opened = False
        self._open, self._clock = open_source, clock
        self._leaving = threading.Event()

    def leave(self) -> None:
        """To be obeyed as soon as the driver gives the thread back."""
        self._leaving.set()

    def run(self) -> None:
        try:
            with closing(self._open()) as source:
                self._read(source)
        except BaseException as fault:  # nothing is swallowed: whoever reads waits it out, or raises it
            self.arrivals.put(fault)

    def _read(self, source: Source) -> None:
        self.opened_at = self.last_sign = self._clock()
        self.opened = True
        while not self._leaving.is_set():
            frame = source.read()
            self.last_sign = self._clock()
            self.arrivals.put(frame)
