"""A still camera gives a still picture: a filter would turn a sensor's noise into strokes that boil.

Each pixel follows the frames slowly while nothing moves there, and at once where something does (motion-adaptive
temporal noise reduction; Dubois and Sabri 1984). What tells them apart is the difference to the frames before,
averaged over a small neighbourhood: noise averages out there, movement does not.
"""

import cv2
import numpy as np

NEIGHBOURHOOD = 7  # pixels: noise of σ = 3 has a mean of σ = 0.4 there
STILL, MOVING = 2.5, 9.0  # levels of mean difference: below it is noise, above it is movement, between it is both
SLOW = 0.06  # of the difference is followed a frame where nothing moves: noise goes down to √(0.06/1.94) = 0.18


class Steady:
    """Remembers the picture. One for a camera."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """After a cut: nothing of before is there any more."""
        self._held: np.ndarray | None = None  # float32 (H, W, 3)

    def calm(self, image: np.ndarray) -> np.ndarray:
        """The next frame, uint8 (H, W, 3), without its noise where nothing moves: uint8 (H, W, 3)."""
        frame = image.astype(np.float32)
        if self._held is None or self._held.shape != frame.shape:
            self._held = frame
            return image
        difference = frame - self._held
        self._held += difference * _pace(difference)[..., None]
        return cv2.convertScaleAbs(self._held)


def _pace(difference: np.ndarray) -> np.ndarray:
    """How far each pixel follows, SLOW to 1: float32 (H, W), of differences float32 (H, W, 3)."""
    mean = cv2.blur(difference, (NEIGHBOURHOOD, NEIGHBOURHOOD))
    moved = np.abs(mean).max(axis=2)
    pace = np.clip((moved - STILL) * ((1 - SLOW) / (MOVING - STILL)) + SLOW, SLOW, 1.0)
    return cv2.dilate(pace, np.ones((5, 5), np.uint8))  # an edge that moves takes its surroundings along
