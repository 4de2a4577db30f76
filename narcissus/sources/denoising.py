"""A still camera gives a still picture: a filter would turn a sensor's noise into strokes that boil.

Each pixel follows the frames slowly while nothing moves there, and at once where something does (motion-adaptive
temporal noise reduction; Dubois and Sabri 1984). What tells them apart is the difference to the frames before,
averaged over a small neighbourhood: noise averages out there, movement does not.
"""

import cv2
import numpy as np

CELL, CELLS = 4, 3  # pixels; cells: a neighbourhood has 12 × 12 pixels, where noise of σ = 3 has a mean of σ = 0.25
STILL, MOVING = 2.0, 8.0  # levels of mean difference: below it is noise, above it is movement, between it is both
SLOW = 0.06  # of the difference is followed a frame where nothing moves: noise goes down to √(0.06/1.94) = 0.18
AROUND = np.ones((3, 3), np.uint8)  # cells: an edge that moves takes its surroundings along


class TemporalDenoiser:
    """Remembers the picture. One for a camera, or a film."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """After a cut: nothing of before is there any more."""
        self._held: np.ndarray | None = None  # float32 (H, W, 3)

    def denoise(self, image: np.ndarray) -> np.ndarray:
        """The next frame, uint8 (H, W, 3), without its noise where nothing moves: uint8 (H, W, 3)."""
        if self._held is None or self._held.shape != image.shape:
            self._held = image.astype(np.float32)
            return image
        difference = cv2.subtract(image, self._held, dtype=cv2.CV_32F)
        difference *= _pace(difference)[..., None]
        self._held += difference
        return cv2.convertScaleAbs(self._held)


def _pace(difference: np.ndarray) -> np.ndarray:
    """How far each pixel follows, SLOW to 1: float32 (H, W), of differences float32 (H, W, 3)."""
    height, width = difference.shape[:2]
    cells = max(1, width // CELL), max(1, height // CELL)
    mean = cv2.blur(cv2.resize(difference, cells, interpolation=cv2.INTER_AREA), (CELLS, CELLS))
    moved = np.abs(mean).max(axis=2)
    pace = np.clip((moved - STILL) * ((1 - SLOW) / (MOVING - STILL)) + SLOW, SLOW, 1.0)
    return cv2.resize(cv2.dilate(pace, AROUND), (width, height), interpolation=cv2.INTER_LINEAR)
