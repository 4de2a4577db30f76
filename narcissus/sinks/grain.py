"""Film grain: a soft picture gets the surface of a print."""

import cv2
import numpy as np

RATE = 12.0  # how often a second the grain lies differently
SHIFT = 64  # pixels by which it is shifted at most
STEPS = 16.0  # of 255: the standard deviation of the coarsest
FINENESS = 16  # parts of a standard deviation that are kept apart; a byte then reaches to eight of them


class Grain:
    """Its tables are made when the size of the picture changes, and quickly adapted when its strength does."""

    def __init__(self) -> None:
        self._noise: np.ndarray | None = None  # uint8 (height + SHIFT, width + SHIFT): 128 is none
        self._strength: float | None = None
        self._light = self._dark = None  # what it adds and what it takes, each uint8 (…, …, 4)

    def over(self, image: np.ndarray, strength: float, now: float) -> np.ndarray:
        """uint8 (H, W, 4) under the grain as it lies at `now`; `strength` 0 to 1. Changes `image`."""
        height, width = image.shape[:2]
        if self._noise is None or self._noise.shape != (height + SHIFT, width + SHIFT):
            self._noise, self._strength = noise(height + SHIFT, width + SHIFT), None
        if self._strength != strength:
            self._strength = strength
            self._light, self._dark = scaled(self._noise, STEPS * strength)
        x, y = np.random.default_rng(int(now * RATE)).integers(0, SHIFT, 2)
        cv2.add(image, self._light[y : y + height, x : x + width], dst=image)
        return cv2.subtract(image, self._dark[y : y + height, x : x + width], dst=image)


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Soft specks, uint8 (height, width): 128 and FINENESS for every standard deviation, rounded down."""
    specks = np.random.default_rng(seed).standard_normal((height, width)).astype(np.float32)
    specks = cv2.GaussianBlur(specks, (0, 0), 0.9, borderType=cv2.BORDER_REFLECT)
    return np.clip(np.floor(specks * (FINENESS / specks.std())) + 128, 0, 255).astype(np.uint8)


def scaled(specks: np.ndarray, deviation: float) -> tuple[np.ndarray, np.ndarray]:
    """`noise` at this standard deviation in steps of 255: what it adds and what it takes, each uint8 (H, W, 4)."""
    steps = np.rint((np.arange(256) - 128 + 0.5) * (deviation / FINENESS))
    both = (np.clip(part, 0, 255).astype(np.uint8) for part in (steps, -steps))
    light, dark = (cv2.merge([cv2.LUT(specks, part)] * 4) for part in both)
    return light, dark
