"""One picture on disk. Apart from the film's room: a window must not wait for the film's library."""

from pathlib import Path

import cv2
import numpy as np

from narcissus.core.files import write_whole


def write_png(path: Path, image: np.ndarray) -> None:
    """Write uint8 (H, W, 3) RGB as a PNG, whole. Raises OSError."""
    write_whole(path, png(image))


def png(image: np.ndarray) -> bytes:
    """uint8 (H, W, 3) RGB as a PNG's bytes."""
    return cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes()
