"""Checks of a camera's frames: broken, resized, out of order, too old, black or frozen."""

from collections import deque

import numpy as np

from narcissus.core.types import Frame

DARKEST = 16  # of 255: video black; a lens cap or a dead sensor stays under it, a dim room does not
STALE = 1.5  # seconds after which a frame shows somebody who may have left
PACED_OVER = 60  # frames over which the rate is measured


class Inspector:
    """Judges the frames of one camera from its opening on.

    Before a live camera nothing is ever quite still: its sensor's noise changes every picture. So a frame equal to the
    one before is a frozen one, and the first, which has nothing to be compared with, proves nothing yet.
    """

    def __init__(self, live: bool) -> None:
        self._live = live
        self._shape: tuple[int, ...] | None = None
        self._last: Frame | None = None
        self._times: deque[float] = deque(maxlen=PACED_OVER)

    def judge(self, frame: Frame, now: float) -> str | None:
        """Why the frame may not be used; None when it may."""
        image, last = frame.image, self._last
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
            return f"hands over a broken picture ({image.dtype} {image.shape})"
        if self._shape is None:
            self._shape = image.shape
        if image.shape != self._shape:
            return f"changed its size from {self._named(self._shape)} to {self._named(image.shape)}"
        if last is not None and not frame.time > last.time:
            return "hands over a frame that is no newer than the one before"
        self._last = frame
        self._times.append(frame.time)
        if now - frame.time > STALE:
            return "hands over frames that are too old"
        if not self._live:
            return None
        if image[::4, ::4].max() < DARKEST:
            return "is black"
        if last is None or np.array_equal(image, last.image):
            return "is frozen"
        return None

    @property
    def pace(self) -> float | None:
        """Pictures a second, by their own times; None until there are enough of them."""
        if len(self._times) < PACED_OVER:
            return None
        return (len(self._times) - 1) / (self._times[-1] - self._times[0])

    @staticmethod
    def _named(shape: tuple[int, ...]) -> str:
        return f"{shape[1]}×{shape[0]}"
