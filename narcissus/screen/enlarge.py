"""A small picture made large so that it looks meant: like a soft photographic print, not like pixels."""

import cv2
import numpy as np

PLAIN = 3  # up to this enlargement a picture of a network is fine enough to be shown as it is
FINE = 512  # pixels
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


def fitted(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """uint8 (H, W, 3) RGB -> uint8 (height, width, 4) BGRA for a display; `size` is width and height.

    With care up to FINE pixels, from there on linearly: the care has left nothing that a finer way would keep.
    """
    width, height = size
    fine = enlarge(image, min(height, max(FINE, image.shape[0])))
    return cv2.resize(cv2.cvtColor(fine, cv2.COLOR_RGB2BGRA), (width, height), interpolation=cv2.INTER_LINEAR)


def grain(size: int, strength: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Film grain of this standard deviation: what it adds and what it takes, each uint8 (size, size, 4)."""
    noise = np.random.default_rng(seed).standard_normal((size, size)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), 0.9, borderType=cv2.BORDER_REFLECT)
    noise = np.rint(noise * (strength / noise.std()))
    both = (np.clip(noise, 0, 255), np.clip(-noise, 0, 255))
    light, dark = (np.repeat(part.astype(np.uint8)[..., None], 4, axis=2) for part in both)
    return light, dark


def grained(image: np.ndarray, light: np.ndarray, dark: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 4) under grain of the same size: a soft picture gets the surface of a print. Changes `image`."""
    cv2.add(image, light, dst=image)
    return cv2.subtract(image, dark, dst=image)
