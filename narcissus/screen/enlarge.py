"""A small picture made large so that it looks meant: like a soft photographic print, not like pixels."""

import cv2
import numpy as np

PLAIN = 3  # up to this enlargement a picture of a network is fine enough to be shown as it is
LUMA, CHROMA = 0.6, 1.3  # blur in pixels of the small picture: a small network's colours tremble from pixel to pixel
EDGE, EDGE_WIDTH = (
    0.8,
    1.6,
)  # unsharp masking in pixels of the small picture gives back what the blur took from eyes and lips
SEAM = 0.35  # blur in pixels of the small picture, after enlarging: the last trace of its grid


def enlarge(image: np.ndarray, size: int) -> np.ndarray:
    """uint8 (H, W, 3) RGB -> uint8 (size, size·W/H, 3) RGB."""
    height, width = image.shape[:2]
    shape = (round(size * width / height), size)
    if size <= height:
        return cv2.resize(image, shape, interpolation=cv2.INTER_AREA)
    if size <= PLAIN * height:
        return cv2.resize(image, shape, interpolation=cv2.INTER_CUBIC)
    parts = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb).astype(np.float32)  # (H, W, 3)
    luma = cv2.GaussianBlur(parts[..., 0], (0, 0), LUMA)
    parts[..., 0] = luma + EDGE * (luma - cv2.GaussianBlur(luma, (0, 0), EDGE_WIDTH))
    parts[..., 1:] = cv2.GaussianBlur(parts[..., 1:], (0, 0), CHROMA)
    small = cv2.cvtColor(np.clip(parts, 0, 255).astype(np.uint8), cv2.COLOR_YCrCb2RGB)
    large = cv2.resize(small, shape, interpolation=cv2.INTER_CUBIC)
    return cv2.GaussianBlur(large, (0, 0), SEAM * size / height)


def grain(size: int, strength: float, seed: int = 0) -> np.ndarray:
    """Film grain as uint8 (size, size, 4) RGBA to lay over a picture: black and white specks, mostly transparent.

    `strength` is the standard deviation it brings to a middle grey, in steps of 255.
    """
    noise = np.random.default_rng(seed).standard_normal((size, size)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), 0.9, borderType=cv2.BORDER_REFLECT)
    noise *= strength / noise.std()
    out = np.zeros((size, size, 4), np.uint8)
    out[..., :3] = np.where(noise > 0, 255, 0)[..., None]
    out[..., 3] = np.clip(np.rint(np.abs(noise) * 2), 0, 255)  # alpha a moves a middle grey by a/2
    return out
