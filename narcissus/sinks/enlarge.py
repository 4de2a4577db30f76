"""A small picture made large so that it looks meant: like a soft photographic print, not like pixels."""

import cv2
import numpy as np

SOFT_FROM = 3  # times; enlarged by less, a picture of a network needs cubic interpolation alone
FINE = 384  # pixels; what is enlarged with care to this is spread further by cubic interpolation alone
LUMA, CHROMA = 0.7, 1.3  # blur in pixels of the small picture: 0.7 is what takes away a grid of every other pixel
EDGE, EDGE_WIDTH = 1.4, 1.0  # unsharp masking, as narrow as the blur: it gives back eyes and lips, and no bright seams
SEAM = 0.15  # blur in pixels of the small picture, after enlarging: the last trace of its grid


def cubic(image: np.ndarray, size: int) -> np.ndarray:
    """uint8 (H, W, 3) RGB -> uint8 (size, size·W/H, 3) RGB, smoothed and nothing else."""
    height, width = image.shape[:2]
    shape = (max(1, round(size * width / height)), size)
    return cv2.resize(image, shape, interpolation=cv2.INTER_AREA if size <= height else cv2.INTER_CUBIC)


def enlarge(image: np.ndarray, size: int) -> np.ndarray:
    """uint8 (H, W, 3) RGB -> uint8 (size, size·W/H, 3) RGB."""
    height = image.shape[0]
    if size < SOFT_FROM * height:
        return cubic(image, size)
    parts = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb).astype(np.float32)  # (H, W, 3)
    luma = cv2.GaussianBlur(parts[..., 0], (0, 0), LUMA)
    parts[..., 0] = luma + EDGE * (luma - cv2.GaussianBlur(luma, (0, 0), EDGE_WIDTH))
    parts[..., 1:] = cv2.GaussianBlur(parts[..., 1:], (0, 0), CHROMA)
    small = cv2.cvtColor(np.clip(np.rint(parts), 0, 255).astype(np.uint8), cv2.COLOR_YCrCb2RGB)
    return cv2.GaussianBlur(cubic(small, size), (0, 0), SEAM * size / height)
