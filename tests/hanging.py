"""What a test hangs a work with: an end that comes, a wall that remembers, and a live camera before an empty room."""

import time
from collections.abc import Callable

import numpy as np

from narcissus.core.types import Frame


class Until:
    """In the place of `Ending`: it is time when `over()` says so, or after a minute, so that no test hangs."""

    def __init__(self, over: Callable[[], bool] = lambda: False) -> None:
        self._over, self._last, self._seconds = over, time.monotonic() + 60, None

    def begin(self, now, seconds):
        self._seconds = None if seconds is None else now + seconds

    def __call__(self, now) -> bool:
        return self._over() or now > self._last or (self._seconds is not None and now >= self._seconds)

    def hurried(self, now) -> bool:
        return False


class Wall:
    """A sink that remembers the pictures it showed."""

    def __init__(self) -> None:
        self.shown, self.obeyed, self.said, self.closed = [], [], [], 0

    def show(self, picture) -> float:
        self.shown.append(picture)
        time.sleep(0.002)
        return time.monotonic()

    def commands(self):
        return []

    def obey(self, command):
        self.obeyed.append(command)

    def tune(self, settings):
        """Nothing of it is live."""

    def say(self, message, seconds=4.0):
        self.said.append(message)

    def close(self):
        self.closed += 1


class Lens:
    """A live camera before an empty, lit room."""

    live, name = True, "lens"

    def __init__(self, live: bool = True) -> None:
        self.live, self.closed, self._random = live, 0, np.random.default_rng(0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def read(self) -> Frame:
        time.sleep(0.02)
        return Frame(self._random.integers(90, 200, (48, 64, 3), np.uint8), time.monotonic())

    def close(self):
        self.closed += 1
