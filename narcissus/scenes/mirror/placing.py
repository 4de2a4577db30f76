"""Where a reflection hangs: it tilts, moves aside and grows as a mirror's would, gently and within bounds.

The drawn face stands nearly upright in the middle of its picture; what is left of a tilt is taken off. What a mirror
answers first, tilt, place and distance, is answered by placing that picture, not by drawing another. What comes in at
the edges is the picture's own reflection, blurred, so that no corner is black.
"""

from collections.abc import Collection

import cv2
import numpy as np

from narcissus.core.types import Face
from narcissus.features.spatial import pose
from narcissus.scenes.mirror.seen import UPRIGHT

FOLLOW = ("tilt", "place", "distance")
STEEPEST = np.radians(30.0)
ASIDE, ACROSS = 0.10, 0.35  # picture widths at the most, and for a viewer at the edge of the frame before that bound
USUAL = 0.30  # width of a face over the frame's shorter side, that is drawn as it is
DAMPED = 0.35  # of its growth is shown
NEARER, FARTHER = np.log(1.1), np.log(0.75)
PIVOT = 0.55  # where a drawn face has its middle, of the picture's height
BLUR = 0.03  # of the picture's width, of what comes in at the edges


def wanted(face: Face, landmarks: np.ndarray, frame: tuple[int, ...], follow: Collection[str]) -> np.ndarray:
    """The place float64 (4,), see UPRIGHT, for a face with calmed `landmarks` (68, 2) in a frame of shape (H, W, …)."""
    place = UPRIGHT.copy()
    height, width = frame[:2]
    if "tilt" in follow:
        place[0] = np.clip(np.radians(pose(landmarks)[2]), -STEEPEST, STEEPEST)
    if "place" in follow:
        away = np.array(face.box.centre) / (width, height) - 0.5  # −0.5 to 0.5
        place[1:3] = ASIDE * np.tanh(2 * ACROSS * away / ASIDE / 2)
    if "distance" in follow:
        size = max(face.box.width, 1.0) / min(width, height)
        place[3] = np.clip(DAMPED * np.log(size / USUAL), FARTHER, NEARER)
    return place


def placed(image: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The picture uint8 (R, R, 3) at its place, in the same size; as it is where it hangs upright."""
    if np.abs(place).max() < 1e-3:
        return image
    side = image.shape[0]
    turn, shift = _movement(place)
    matrix = np.column_stack([turn, side * shift])
    margin = side // 2
    around = cv2.copyMakeBorder(image, margin, margin, margin, margin, cv2.BORDER_REFLECT_101)
    around = cv2.GaussianBlur(around, (0, 0), BLUR * side)
    around[margin : margin + side, margin : margin + side] = image
    matrix[:, 2] -= turn @ (margin, margin)  # from the larger picture's pixels
    return cv2.warpAffine(around, matrix, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)


def points_placed(points: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Points (n, 2) of a picture, in picture widths, where `placed` brings them."""
    turn, shift = _movement(place)
    return points @ turn.T + shift


def _movement(place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The matrix (2, 2) and the shift (2,) that bring a point of the picture to its place, in picture widths."""
    tilt, right, down, growth = place
    pivot = np.array([0.5, PIVOT])
    turn = np.exp(growth) * np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    return turn, pivot + np.array([right, down]) - turn @ pivot
