"""A frame as the mirror sees it: the picture, with the landmarks of everybody in it."""

from collections.abc import Sequence

import cv2
import numpy as np

from narcissus.core.types import Face, Frame

# The lines of the iBUG 300-W mark-up: jaw, brows and nose are open, eyes and lips closed
OPEN = (range(0, 17), range(17, 22), range(22, 27), range(27, 31), range(31, 36))
CLOSED = (range(36, 42), range(42, 48), range(48, 60), range(60, 68))
LINES = tuple((line, False) for line in OPEN) + tuple((line, True) for line in CLOSED)
VIEWER, OTHERS = (255, 255, 255), (120, 120, 120)  # RGB


def sketch(frame: Frame, faces: Sequence[Face], mirrored: Sequence[Face], height: int) -> np.ndarray:
    """The frame uint8 (height, W, 3) RGB with the landmarks of all `faces` drawn on it, those `mirrored` lighter."""
    tall, wide = frame.image.shape[:2]
    scale = height / tall
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    size = (max(1, round(wide * scale)), height)
    image = cv2.resize(np.ascontiguousarray(frame.image), size, interpolation=method)
    for face in faces:
        _draw(image, face, scale, VIEWER if any(face is one for one in mirrored) else OTHERS)
    return image


def _draw(image: np.ndarray, face: Face, scale: float, colour: tuple[int, int, int]) -> None:
    fine = 4  # bits behind the point: lines move by sixteenths of a pixel, so that they do not tremble
    points = np.rint((face.landmarks + 0.5) * scale * 2**fine).astype(np.int32)  # (68, 2)
    width = max(1, round(image.shape[0] / 480))
    for line, closed in LINES:
        cv2.polylines(image, [points[list(line)]], closed, colour, width, cv2.LINE_AA, fine)
