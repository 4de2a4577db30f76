"""The viewer as the mirror sees him: the camera's picture with landmarks, or the landmarks alone on black."""

from dataclasses import replace

import cv2
import numpy as np

from narcissus.core.types import Face, Frame, Observation, Picture

# The lines of the iBUG 300-W mark-up: jaw, brows and nose are open, eyes and lips closed
OPEN = (range(0, 17), range(17, 22), range(22, 27), range(27, 31), range(31, 36))
CLOSED = (range(36, 42), range(42, 48), range(48, 60), range(60, 68))
LINES = tuple((line, False) for line in OPEN) + tuple((line, True) for line in CLOSED)
VIEWER, OTHERS = (255, 255, 255), (120, 120, 120)  # RGB


def unseen(picture: Picture) -> Picture:
    """The same picture without the camera's image: in its place black of the same size, sharing no memory with it."""
    if picture.observation is None:
        return picture
    frame = picture.observation.frame
    black = np.broadcast_to(np.zeros((1, 1, 3), np.uint8), frame.image.shape)
    return replace(picture, observation=replace(picture.observation, frame=Frame(black, frame.time, frame.cut)))


def sketch(observation: Observation, height: int, *, landmarks: bool) -> np.ndarray:
    """The observed frame uint8 (height, W, 3) RGB, with the landmarks of all faces drawn on it if asked."""
    tall, wide = observation.frame.image.shape[:2]
    scale = height / tall
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    size = (max(1, round(wide * scale)), height)
    image = cv2.resize(np.ascontiguousarray(observation.frame.image), size, interpolation=method)
    mirrored = (observation.viewer, *(one.face for one in observation.company))
    for face in observation.faces if landmarks else ():
        _draw(image, face, scale, VIEWER if any(face is one for one in mirrored) else OTHERS)
    return image


def _draw(image: np.ndarray, face: Face, scale: float, colour: tuple[int, int, int]) -> None:
    fine = 4  # bits behind the point: lines move by sixteenths of a pixel, so that they do not tremble
    points = np.rint((face.landmarks + 0.5) * scale * 2**fine).astype(np.int32)  # (68, 2)
    width = max(1, round(image.shape[0] / 480))
    for line, closed in LINES:
        cv2.polylines(image, [points[list(line)]], closed, colour, width, cv2.LINE_AA, fine)
