"""Whether new pictures reach the wall: seen from a thread of its own, so that a display that hangs is noticed too."""

import time
from collections.abc import Callable

import numpy as np

from narcissus.core.journal import Journal
from narcissus.core.types import Picture

SILENT = 5.0  # seconds without any picture: the display, or what draws for it, hangs
STILL = 20.0  # seconds of the same picture before somebody who is there; nobody stands so still
LOOK = 0.5  # seconds between two looks


class WallWatch:
    """`presented` is told of every picture, `step` is the work of a thread; what is wrong stands in the journal."""

    def __init__(self, journal: Journal, clock: Callable[[], float] = time.monotonic) -> None:
        self._journal, self._clock = journal, clock
        self._image: np.ndarray | None = None
        self._presented: float | None = None  # when the last picture was shown
        self._still = 0.0  # seconds for which somebody has been shown the same picture
        self.frozen = False  # True: it stands still on purpose

    def presented(self, picture: Picture, shown: float) -> None:
        moved = picture.image is not self._image and not _same(picture.image, self._image)
        if moved or picture.answers is None or self.frozen or self._presented is None:
            self._still = 0.0
        else:
            self._still += shown - self._presented
        self._image, self._presented = picture.image, shown

    def obey(self, command: str) -> None:
        self.frozen = {"freeze": True, "thaw": False}.get(command, self.frozen)

    def step(self) -> None:
        """One look, and the pause after it."""
        self.look()
        time.sleep(LOOK)

    def look(self) -> None:
        if self._presented is None:
            return
        silent = self._clock() - self._presented
        if silent >= SILENT:
            self._journal.fault("wall", f"no picture has reached it for {SILENT:.0f} s")
        elif self._still >= STILL:
            self._journal.fault("wall", f"has shown the same picture for {STILL:.0f} s")
        else:
            self._journal.recovered("wall")


def _same(one: np.ndarray, other: np.ndarray | None) -> bool:
    """Whether two pictures are alike to the byte, as far as every eighth row tells."""
    return other is not None and one.shape == other.shape and np.array_equal(one[::8], other[::8])
