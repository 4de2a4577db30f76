"""The same photograph twice: found by what it looks like from afar, whatever its brightness, mirrored or not."""

import cv2
import numpy as np

TWIN = 0.95  # correlation of two photographs from afar: above it they were one, by eye and by a gap in the counts
SIDE = 24  # pixels
BLOCK = 2048  # pictures compared with all others at once


def prints(images) -> np.ndarray:
    """uint8 (H, W, 3) RGB each -> unit vectors float32 (n, 24, 24)."""
    small = [
        cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        for image in images
    ]
    found = np.array(small, np.float32).reshape(-1, SIDE, SIDE)
    found -= found.mean(axis=(1, 2), keepdims=True)
    return found / np.maximum(np.linalg.norm(found, axis=(1, 2), keepdims=True), 1e-6)


def has_twin(prints: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Whether each of `prints` shows the same photograph as one of `others`, perhaps mirrored: bool (n,)."""
    return _likeness(prints, others).max(axis=1, initial=-1) > TWIN


def repeated(prints: np.ndarray) -> np.ndarray:
    """Whether each shows the same photograph as one before it: bool (n,); the first of them is not repeated."""
    found = np.zeros(len(prints), bool)
    for start in range(0, len(prints), BLOCK):
        stop = min(start + BLOCK, len(prints))
        alike = _likeness(prints[start:stop], prints[:stop]) > TWIN
        found[start:stop] = np.tril(alike, start - 1).any(axis=1)
    return found


def _likeness(prints: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Correlation with each other print or its mirror image, whichever is more: float32 (n, m)."""
    flat = prints.reshape(len(prints), -1)
    return np.maximum(*(flat @ side.reshape(len(others), -1).T for side in (others, others[:, :, ::-1])))
