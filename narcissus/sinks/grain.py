"""Film grain: a soft picture gets the surface of a print."""

from functools import lru_cache
from statistics import NormalDist

import cv2
import numpy as np

RATE = 12.0  # how often a second the grain lies differently
SHIFT = 64  # pixels by which it is shifted at most
STEPS = 16.0  # of 255: the standard deviation of the coarsest
REACH = 2.0  # standard deviations to which a speck reaches
GRAINY = 56  # of 255: from here on there are all specks, and up to its half none: the dark is no snow
ROUND = 256  # pixels to which the noise's sides are rounded up: a picture that grows a little needs no other
FINENESS = 16  # parts of a standard deviation that are kept apart in `noise`


class Grain:
    """Specks only take light away, so that what is black stays black; `lifted` gives as much before.

    Its tables are made when the size of the picture changes, and quickly adapted when its strength does.
    """

    def __init__(self) -> None:
        self._noise: np.ndarray | None = None  # uint8 (height + SHIFT, width + SHIFT): 128 is none
        self._strength: float | None = None
        self._specks = self._lift = None
        self._grainy: np.ndarray | None = None  # uint8, as the specks: GRAINY everywhere

    def lifted(self, image: np.ndarray, strength: float) -> np.ndarray:
        """uint8 of any shape, brighter by what the specks will take on average; `strength` 0 to 1."""
        self._tune(strength)
        return cv2.LUT(image, self._lift)

    def over(self, image: np.ndarray, strength: float, now: float, out: np.ndarray | None = None) -> np.ndarray:
        """uint8 (H, W, 4), `lifted`, under the grain as it lies at `now`: into `out`, or `image` changes."""
        self._tune(strength)
        height, width = image.shape[:2]
        wanted = tuple(-(-(side + SHIFT) // ROUND) * ROUND for side in (height, width))
        if self._noise is None or self._noise.shape != wanted:
            self._noise, self._specks = noise(*wanted), None
        if self._specks is None:
            self._specks = specks(self._noise, STEPS * strength)
            self._grainy = np.full_like(self._specks, GRAINY)
        x, y = np.random.default_rng(int(now * RATE)).integers(0, SHIFT, 2)
        least = cv2.min(image, cv2.subtract(self._grainy[:height, :width], image))  # as `floor`
        out = cv2.subtract(image, self._specks[y : y + height, x : x + width], dst=image if out is None else out)
        return cv2.max(out, least, dst=out)

    def _tune(self, strength: float) -> None:
        if strength != self._strength:
            self._strength, self._specks = strength, None
            self._lift = lift(STEPS * strength)


@lru_cache(maxsize=4)
def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Soft specks, uint8 (height, width): 128 and FINENESS for every standard deviation, rounded down."""
    found = np.random.default_rng(seed).standard_normal((height, width)).astype(np.float32)
    found = cv2.GaussianBlur(found, (0, 0), 0.9, borderType=cv2.BORDER_REFLECT)
    return np.clip(np.floor(found * (FINENESS / found.std())) + 128, 0, 255).astype(np.uint8)


def specks(noise: np.ndarray, deviation: float) -> np.ndarray:
    """What `noise` takes at this standard deviation, in steps of 255: uint8 (H, W, 4), the same in all colours."""
    steps = (np.arange(256) - 128 + 0.5) / FINENESS  # in standard deviations
    table = np.rint((np.clip(steps, -REACH, REACH) + REACH) * deviation).astype(np.uint8)
    taken = cv2.LUT(noise, table)
    return cv2.merge([taken, taken, taken, np.zeros_like(taken)])


def floor(levels: np.ndarray) -> np.ndarray:
    """What no speck takes of each level: all of a dark one, nothing of a bright one."""
    return np.minimum(levels, np.maximum(GRAINY - levels, 0))


def lift(deviation: float) -> np.ndarray:
    """What each of 256 levels must become, uint8 (256,), for the specks to leave it on average as it was.

    Black stays black: nothing glows in a dark room.
    """
    quantiles = np.array([NormalDist().inv_cdf((number + 0.5) / 200) for number in range(200)])
    taken = (np.clip(quantiles, -REACH, REACH) + REACH) * deviation  # (200,)
    before = np.arange(2 * 256, dtype=np.float64)
    after = np.maximum(before[:, None] - taken, floor(before)[:, None]).mean(axis=1)  # (512,)
    after = np.maximum.accumulate(after)
    return np.rint(np.clip(np.interp(np.arange(256), after, before), 0, 255)).astype(np.uint8)
