"""A face cut out, upright and always of the same size, by a similarity of its eyes and mouth (cv2)."""

import cv2
import numpy as np

SIZE = 64  # pixels, the side of a crop
EYE, OTHER_EYE, MOUTH = slice(36, 42), slice(42, 48), slice(48, 68)  # iBUG 300-W
# Where the middles of the three come to lie: their mean in UTKFace's own crops at 64 px, made left-right symmetric.
ANCHORS = np.array([19.1 + 18.8j, 43.9 + 18.8j, 31.5 + 45.3j])  # x + iy, pixels of the crop
HALF = 0.5 + 0.5j  # the middle of the first pixel is 0, its corner half a pixel before
FINEST = 8  # a face more than 8 × 64 px wide is sampled, not averaged: it is smooth at that scale


def aligned(image: np.ndarray, landmarks: np.ndarray, gains: np.ndarray | None = None) -> np.ndarray:
    """The crop uint8 (64, 64, 3) of the face at `landmarks` (68, 2) in `image` uint8 (H, W, 3).

    `gains` (3,) take off the light it stands in: the network has learned from well-lit portraits.

    Fine pictures are averaged down, coarse ones interpolated up, so that a face looks the same from any camera. What
    lies beyond the picture is its edge, drawn out.
    """
    points = complex_plane(landmarks)
    seen = np.array([points[part].mean() for part in (EYE, OTHER_EYE, MOUTH)])
    turn, shift = similarity(seen, ANCHORS)
    grain = int(np.clip(np.ceil(1 / max(abs(turn), 1e-6) - 0.01), 1, FINEST))  # samples per pixel of the crop, each way
    turn, shift = turn * grain, (shift + HALF) * grain - HALF
    matrix = np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
    side = SIZE * grain
    fine = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    crop = cv2.resize(fine, (SIZE, SIZE), interpolation=cv2.INTER_AREA) if grain > 1 else fine
    return crop if gains is None else np.rint(np.minimum(crop * gains, 255)).astype(np.uint8)


def complex_plane(points: np.ndarray) -> np.ndarray:
    """Points (…, k, 2) as complex numbers x + iy (…, k): a similarity is then one product and one sum."""
    return np.asarray(points, np.float64) @ np.array([1, 1j])


def similarity(points: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`turn` and `shift` (…) such that turn · points + shift comes nearest to `target` (least squares).

    Both are complex (…, k). Points that all coincide get the turn 0.
    """
    middle = points.mean(axis=-1)
    centred = points - middle[..., None]
    spread = np.square(np.abs(centred)).sum(axis=-1)
    turn = (centred.conj() * (target - target.mean())).sum(axis=-1) / np.maximum(spread, 1e-12)
    return turn, target.mean() - turn * middle
