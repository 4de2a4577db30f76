"""One picture of one person: is there a face, where are its landmarks, and whom does it resemble?"""

from functools import lru_cache

import numpy as np

from narcissus.core.types import Box, Face
from narcissus.people.models import descriptor, detect, evenly_lit, grey, interocular, predict

SIZE = 256  # pixels; section 8's way of asking whether a picture holds a face
BORDER = 64
SHIFTS = tuple((x, y) for x in (-0.04, 0.0, 0.04) for y in (-0.04, 0.0, 0.04))  # nine boxes: half the tremor of one
DESCRIBED_EYES = 100.0  # pixels between the eyes; the descriptor takes landmarks in whole pixels


def find_portrait(image: np.ndarray) -> Face | None:
    """The largest face of a portrait uint8 (H, W, 3) RGB or (H, W), in its own pixels; None where there is none.

    The longer side is brought to 256 px (bicubic) inside a reflected border of 64 px, for the detector wants room
    around a face of at least 80 px; its threshold is 0.
    """
    scale = SIZE / max(image.shape[:2])
    large = grey(resized(image, scale))
    border = [(min(BORDER, side - 1),) * 2 for side in large.shape]  # a reflection is no longer than what it reflects
    framed = np.pad(large, border, mode="reflect")
    found = detect(framed)
    if not found:
        return None
    box = max((box for box, _ in found), key=lambda box: box.area)
    offset = np.array([border[1][0], border[0][0]], np.float32)
    landmarks = (predict(evenly_lit(framed), box, SHIFTS) - offset + 0.5) / scale - 0.5
    x, y = offset.tolist()
    edges = Box((box.left - x) / scale, (box.top - y) / scale, (box.right - x) / scale, (box.bottom - y) / scale)
    return Face(landmarks.astype(np.float32), edges, identity=0)


def describe(image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """dlib's descriptor float32 (128,) of the face in uint8 (H, W, 3) RGB: nearer than 0.6 for the same person.

    For measuring only: what is measured with it must not have used it.
    """
    scale = max(1.0, DESCRIBED_EYES / interocular(landmarks))
    large = resized(image, scale) if scale > 1.0 else np.ascontiguousarray(image)
    return descriptor(large, (landmarks + 0.5) * scale - 0.5)


def resized(image: np.ndarray, scale: float) -> np.ndarray:
    """uint8 (H, W[, 3]) -> uint8 (scale·H, scale·W[, 3]); cubic convolution (Keys 1981), smoothed where it shrinks."""
    down, across = (_cubic_weights(side, max(1, round(side * scale))) for side in image.shape[:2])
    rows = np.tensordot(down, image.astype(np.float32), axes=(1, 0))  # (scale·H, W[, 3])
    both = np.moveaxis(np.tensordot(across, rows, axes=(1, 1)), 0, 1)  # (scale·H, scale·W[, 3])
    return np.ascontiguousarray(np.clip(np.rint(both), 0, 255).astype(np.uint8))


@lru_cache(maxsize=32)  # a page is sent pictures of ever new sizes
def _cubic_weights(old: int, new: int, sharpness: float = -0.75) -> np.ndarray:
    """float32 (new, old), rows summing to 1; the sharpness is OpenCV's, so that others can repeat what is measured."""
    step = max(1.0, old / new)
    centres = (np.arange(new) + 0.5) * old / new - 0.5  # (new,)
    reach = int(2 * step) + 1
    taps = np.floor(centres)[:, None].astype(int) + np.arange(-reach, reach + 2)  # (new, taps)
    distance = np.abs(taps - centres[:, None]) / step
    near = (sharpness + 2) * distance**3 - (sharpness + 3) * distance**2 + 1
    far = sharpness * (distance**3 - 5 * distance**2 + 8 * distance - 4)
    weight = np.where(distance <= 1, near, np.where(distance < 2, far, 0.0))
    weights = np.zeros((new, old))
    np.add.at(weights, (np.arange(new)[:, None], np.clip(taps, 0, old - 1)), weight)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
