"""A photograph -> the square picture that a generator learns from, or why it cannot.

A face is laid as UTKFace's aligned and cropped portraits have it: the similarity transform that brings its 68 landmarks
nearest to the mean shape, this large and here (medians over 18,125 of those portraits).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from narcissus.features.spatial import MEAN_SHAPE
from narcissus.lab.likeness.pictures import brought, resized, similarity
from narcissus.lab.twins import prints

EYES, MIDDLE = 0.537, (0.5, 0.531)  # the outer eye corners' distance, and the shape's centre, over the picture's side
ENLARGED = 2.0  # a face that must be enlarged more has nothing to teach at this size
SEEN_AT = 64  # pixels: sharpness is judged at this size
BLURRED = 0.34  # sharpness below it: what a Gaussian of 2 px makes of a portrait of 128; 2,000 of UTKFace lie above it

USED, NO_FACE, TOO_SMALL, BLURRY, UNREADABLE = range(5)
REASONS = ("used", "no face found", "face or picture too small", "blurred", "cannot be read")


@dataclass(frozen=True, slots=True, eq=False)
class Crops:
    """What became of n photographs."""

    verdicts: np.ndarray  # int64 (n,), index into REASONS
    pictures: np.ndarray  # uint8 (m, R, R, 3): of those used, in their order
    prints: np.ndarray  # float32 (m, 24, 24): what they look like from afar, see twins

    @classmethod
    def of(cls, judged: list[tuple[int, np.ndarray | None]], side: int) -> "Crops":
        used = [picture for verdict, picture in judged if verdict == USED]
        pictures = np.stack(used) if used else np.empty((0, side, side, 3), np.uint8)
        return cls(np.array([verdict for verdict, _ in judged], int), pictures, prints(used))


def face(picture: np.ndarray, landmarks: np.ndarray | None, side: int) -> tuple[int, np.ndarray | None]:
    """A verdict, and where it is USED the face in uint8 (side, side, 3)."""
    if landmarks is None:
        return NO_FACE, None
    if abs(similarity(landmarks, outline(side))[0]) > ENLARGED:
        return TOO_SMALL, None
    return _sharp(brought(picture, landmarks, outline(side), side))


def middle(picture: np.ndarray, side: int) -> tuple[int, np.ndarray | None]:
    """The same of any picture: the largest square in its middle."""
    height, width = picture.shape[:2]
    short = min(height, width)
    if short * ENLARGED < side:
        return TOO_SMALL, None
    top, left = (height - short) // 2, (width - short) // 2
    return _sharp(resized(picture[top : top + short, left : left + short], side))


def outline(side: int) -> np.ndarray:
    """Where the landmarks of the mean face lie in a crop: float32 (68, 2)."""
    return (MEAN_SHAPE * EYES + np.float32(MIDDLE)) * side - np.float32(0.5)


def _sharp(crop: np.ndarray) -> tuple[int, np.ndarray | None]:
    return (BLURRY, None) if sharpness(crop) < BLURRED else (USED, crop)


def sharpness(crop: np.ndarray) -> float:
    """The finest detail of a square picture over that twice as coarse, so that neither contrast nor subject counts."""
    fine = cv2.cvtColor(resized(crop, min(SEEN_AT, len(crop))), cv2.COLOR_RGB2GRAY).astype(np.float32)
    coarse = cv2.resize(fine, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return _detail(fine) / max(_detail(coarse), 0.1)  # 0.1 grey levels: a picture of one colour has no detail


def _detail(grey: np.ndarray) -> float:
    return float(np.abs(cv2.Laplacian(grey, cv2.CV_32F)).mean())
