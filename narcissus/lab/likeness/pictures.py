"""Bytes <-> pictures, and a photograph brought into the generator's frame."""

import cv2
import numpy as np

from narcissus.core.errors import SourceError
from narcissus.lab.reading import picture_of


def decode(data: bytes, name: str) -> np.ndarray:
    """uint8 (H, W, 3) RGB, turned upright as its EXIF says, not mirrored. Raises SourceError where it is no picture."""
    image = picture_of(data)
    if image is None:
        raise SourceError(f"{name}: not a picture that can be read; give a JPEG, PNG or WebP file")
    return image


def png(image: np.ndarray) -> bytes:
    """uint8 (H, W, 3) RGB -> a PNG file."""
    return cv2.imencode(".png", image[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()


def jpeg(image: np.ndarray, quality: int) -> bytes:
    return cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def resized(image: np.ndarray, side: int) -> np.ndarray:
    """uint8 (side, side, 3), of a square picture; averaged down or bicubic up."""
    return cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA if side < image.shape[0] else cv2.INTER_CUBIC)


def brought(
    image: np.ndarray, landmarks: np.ndarray, onto: np.ndarray, side: int, beyond: tuple[int, int, int] | None = None
) -> np.ndarray:
    """The face uint8 (side, side, 3) moved, turned and scaled so that its landmarks (68, 2) lie nearest `onto` (68,
    2).

    Fine pictures are averaged down first, so nothing aliases. What lies beyond the picture's edge is of the colour
    `beyond`, or else the picture reflected.
    """
    turn, shift = similarity(landmarks, onto)
    grain = int(np.clip(np.ceil(1 / max(abs(turn), 1e-6)), 1, 16))  # samples per pixel each way
    turn, shift = turn * grain, (shift + 0.5 + 0.5j) * grain - 0.5 - 0.5j  # the middle of the first pixel is 0
    matrix = np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
    border = cv2.BORDER_REFLECT_101 if beyond is None else cv2.BORDER_CONSTANT
    size = (side * grain, side * grain)
    fine = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border, borderValue=beyond or 0)
    return resized(fine, side) if grain > 1 else fine


def laid(landmarks: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """Where `brought` puts the landmarks: float32 (68, 2)."""
    turn, shift = similarity(landmarks, onto)
    there = turn * _plane(landmarks) + shift
    return np.stack([there.real, there.imag], axis=-1).astype(np.float32)


def similarity(landmarks: np.ndarray, onto: np.ndarray) -> tuple[complex, complex]:
    """(turn, shift) such that turn · (x + iy) + shift brings (68, 2) nearest to (68, 2), by least squares."""
    moving, fixed = _plane(landmarks), _plane(onto)
    centred = moving - moving.mean()
    turn = (centred.conj() @ (fixed - fixed.mean())) / max(float(np.square(np.abs(centred)).sum()), 1e-9)
    return turn, fixed.mean() - turn * moving.mean()


def _plane(points: np.ndarray) -> np.ndarray:
    return points.astype(np.float64) @ np.array([1, 1j])
