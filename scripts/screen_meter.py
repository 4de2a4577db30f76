"""What a wall really shows, seen from outside: an X server without a screen, whose memory is looked at.

Whatever the mirror says of its pictures and of its clock, the bytes of the screen are what a viewer sees.
"""

import mmap
import os
import shutil
import subprocess
import tempfile
import threading
import time
import zlib
from collections import deque
from pathlib import Path

import numpy as np

SIZE = (640, 360)  # pixels of the screen
LOOK = 0.02  # seconds between two looks
LIT = 4.0  # of 255, on average: what is brighter is no black wall with a cursor on it
SPARSE = 61  # every so many pixels are looked at for light


class ScreenMeter:
    """`with ScreenMeter() as screen`: an X server, to be shown on with `screen.environment`.

    `begin` counts anew: seconds until the first light, the longest time without a change, changes a second.
    Raises SystemExit where there is no Xvfb.
    """

    def __init__(self) -> None:
        if not shutil.which("Xvfb"):
            raise SystemExit("Xvfb is not here: install the package xvfb")
        self._folder, self._ending = tempfile.TemporaryDirectory(), threading.Event()
        self._changes: deque[float] = deque()
        self.begin()

    def __enter__(self) -> "ScreenMeter":
        reading, writing = os.pipe()
        screen = "{}x{}x24".format(*SIZE)
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", screen, "-br", "-fbdir", self._folder.name]
        self._server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as said:
            self.display = f":{said.readline().strip()}"
        with open(Path(self._folder.name) / "Xvfb_screen0", "rb") as file:
            self._memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._ending.set()
        self._thread.join()
        self._memory.close()
        self._server.terminate()
        self._server.wait()

    @property
    def environment(self) -> dict[str, str]:
        return {"DISPLAY": self.display, "SDL_VIDEODRIVER": "x11"}

    def begin(self) -> None:
        """Count anew from now on."""
        self.begun = self._changed = time.monotonic()
        self.lit_after: float | None = None  # seconds until something was to be seen
        self.stillest = 0.0  # seconds
        self._changes.clear()
        self.looks = 0

    def forget(self) -> None:
        """Only what comes now counts for the longest time without a change."""
        self._changed, self.stillest = time.monotonic(), 0.0

    def changes_a_second(self, window: float = 5.0) -> float:
        since = time.monotonic() - window
        return sum(moment > since for moment in tuple(self._changes)) / window

    def _watch(self) -> None:
        pixels = SIZE[0] * SIZE[1] * 4
        before = None
        while not self._ending.wait(LOOK):
            now, picture = time.monotonic(), self._memory[-pixels:]  # behind a header and a palette
            self.looks += 1
            if self.lit_after is None and _brightness(picture) > LIT:
                self.lit_after = now - self.begun
            seen = zlib.crc32(picture)
            if seen != before:
                before, self._changed = seen, now
                self._changes.append(now)
                while self._changes and self._changes[0] < now - 60:
                    self._changes.popleft()
            self.stillest = max(self.stillest, now - self._changed)


def _brightness(picture: bytes) -> float:
    """The mean of blue, green and red; the fourth byte of a pixel may be anything."""
    return float(np.frombuffer(picture, np.uint8).reshape(-1, 4)[::SPARSE, :3].mean())
