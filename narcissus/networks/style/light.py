"""A dim picture is painted as richly as a bright one: before it is painted, it is lit as those that filters learn from.

Mean and spread of its colours become theirs, as far as the strength goes. Instance normalisation (Ulyanov et al. 2016)
does the like for every map inside the network, of every frame by itself, and pumps; here it is done once, to the whole
picture, and of a film it is followed slowly.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

MEAN = np.array([123.0, 115.0, 100.0])  # of the photographs and faces of ../shared together: R, G, B, 0 to 255
SPREAD = np.array([68.0, 64.0, 66.0])  # their standard deviation
STEEPER = 1.5  # times as much contrast, at most, and as little: noise and flicker grow with it
MOVED = 64.0  # levels that the mean is moved at most: a night stays darker than a day
PACE = 3.0  # seconds: time constant with which the light of a film is followed


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """Mean and standard deviation of each channel, float64 (3,), 0 to 255."""

    mean: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, picture: np.ndarray) -> "Light":
        """Of uint8 (H, W, 3) RGB."""
        mean, spread = cv2.meanStdDev(picture)
        return cls(mean[:, 0], spread[:, 0])

    def lit(self, picture: np.ndarray, share: float) -> np.ndarray:
        """A picture in this light, or a part of one, lit as filters know it: uint8 (H, W, 3) -> the same shape.

        `share` 0 leaves it as it is, 1 lights it fully.
        """
        return picture if share == 0 else cv2.LUT(picture, self._levels(share))

    def _levels(self, share: float) -> np.ndarray:
        """What becomes of each level: uint8 (1, 256, 3)."""
        steeper = np.clip(SPREAD / np.maximum(self.spread, 1.0), 1 / STEEPER, STEEPER)
        mean = self.mean + np.clip(MEAN - self.mean, -MOVED, MOVED)
        level = np.arange(256.0)[:, None]
        wanted = (level - self.mean) * steeper + mean  # (256, 3)
        return np.clip(np.rint(level + share * (wanted - level)), 0, 255).astype(np.uint8)[None]


class SlowLight:
    """Follows the light of a film or a camera. One for each."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """After a cut: the next picture's own light."""
        self._light: Light | None = None
        self._last = 0.0

    def follow(self, picture: np.ndarray, now: float) -> Light:
        """The light at `now`, in seconds, of the next picture, uint8 (H, W, 3)."""
        light, before = Light.of(picture), self._light
        if before is not None:
            share = 1 - math.exp(min(0.0, self._last - now) / PACE)
            mean = before.mean + share * (light.mean - before.mean)
            light = Light(mean, before.spread + share * (light.spread - before.spread))
        self._light, self._last = light, now
        return light
