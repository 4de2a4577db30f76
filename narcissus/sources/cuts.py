"""Hard cuts in an edited video: the frame after one shows another place, and whoever was followed is not there."""

import cv2
import numpy as np

SIZE = (32, 18)  # pixels; so small that a moving person changes little
UNLIKE = 0.45  # correlation of two thumbnails; cuts of a broadcast: under 0.3, a head tossed by the lens: over 0.6
SUDDEN = 3.0  # times the largest of the last changes: a fast pan is not a cut
CHANGES = 3
LEAST = 4.0  # grey levels of mean difference: below it is noise in a dark picture


class Cuts:
    """Says of each picture whether it is the first after a cut."""

    def __init__(self) -> None:
        self._last: np.ndarray | None = None  # float32 (18, 32), of mean 0
        self._changes: list[float] = []

    def forget(self) -> None:
        self._last, self._changes = None, []

    def at(self, image: np.ndarray) -> bool:
        """Take the next picture, uint8 (H, W, 3)."""
        small = cv2.resize(image, SIZE, interpolation=cv2.INTER_AREA).astype(np.float32).mean(axis=2)
        small -= small.mean()
        last, self._last = self._last, small
        if last is None:
            return False
        change = float(np.abs(small - last).mean())
        alike = float((small * last).sum() / np.sqrt((small**2).sum() * (last**2).sum() + 1.0))
        cut = alike < UNLIKE and change > max(LEAST, SUDDEN * max(self._changes, default=0.0))
        self._changes = [] if cut else [*self._changes[1 - CHANGES :], change]
        return cut
