"""What all sources share: how a picture becomes a frame, and how a source is left."""

import cv2
import numpy as np

from narcissus.core.types import Frame

cv2.setNumThreads(1)  # the cores belong to the generator and to perception; nothing here gains by a second thread
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # a file that is no video is for us to explain


def mirrored(image: np.ndarray, time: float, cut: bool = False) -> Frame:
    """OpenCV's picture, uint8 (H, W, 3) BGR, as the frame a mirror sees: RGB, left on the wall left in the picture."""
    return Frame(cv2.cvtColor(cv2.flip(image, 1), cv2.COLOR_BGR2RGB), time, cut)


class Leavable:
    """Leaving a source frees its device or file."""

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held."""
