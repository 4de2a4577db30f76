"""What cameras, lamps and landmark predictors do to a face between the person and the crop (cv2).

A training portrait is seen anew each time: mirrored, jolted, lit otherwise, blurred, coarse, compressed or grey, so
that the guess depends on none of this.
"""

import cv2
import numpy as np

from narcissus.networks.attributes.crop import SIZE, aligned

LEVELS = np.linspace(0, 1, 256)[:, None]  # (256, 1)


def augmented(image: np.ndarray, landmarks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A crop uint8 (64, 64, 3) of the face at `landmarks` (68, 2) in `image` uint8 (H, W, 3), as `rng` has it."""
    crop = aligned(image, jolted(landmarks, rng))
    if rng.random() < 0.5:
        crop = cv2.flip(crop, 1)
    crop = _lit(crop, rng)
    crop = _coarse(crop, rng)
    crop = _covered(crop, rng)
    return _compressed(np.clip(crop, 0, 255).astype(np.uint8), rng)


def jolted(landmarks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The landmarks (68, 2), turned by about 4°, resized by about 5 % and shifted by about 4 % of the face."""
    centre = landmarks.mean(axis=0)
    size = np.ptp(landmarks[:, 0])
    angle, scale = np.radians(rng.normal(0, 4)), np.exp(rng.normal(0, 0.05))
    turn = scale * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return (landmarks - centre) @ turn + centre + rng.normal(0, 0.02, 2) * size


def _lit(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another exposure, contrast, white balance and saturation, as float32; one in six is grey."""
    gain = np.exp(rng.normal(0, 0.15) + rng.normal(0, 0.05, 3))  # (3,)
    curve = 255 * LEVELS ** np.exp(rng.normal(0, 0.2)) * gain + rng.normal(0, 8)  # (256, 3)
    crop = cv2.LUT(crop, curve.astype(np.float32)[None])
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[..., None]
    saturation = 0.0 if rng.random() < 1 / 6 else np.exp(rng.normal(0, 0.25))
    return grey + np.float32(saturation) * (crop - grey)


def _coarse(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A third from a face of 20 to 64 px, a third out of focus; sensor noise on half."""
    chance = rng.random()
    if chance < 1 / 3:
        side = int(rng.integers(20, SIZE))
        small = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
        crop = cv2.resize(small, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
    elif chance < 2 / 3:
        crop = cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.2, 1.2))
    if rng.random() < 0.5:
        crop = crop + np.float32(rng.uniform(0, 8)) * rng.standard_normal(crop.shape, np.float32)
    return crop


def _covered(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Random erasing (Zhong et al. 2020): a hand, a scarf or the frame's edge hides up to a third of the side."""
    if rng.random() < 0.2:
        height, width = rng.integers(8, SIZE // 2, 2)
        top, left = rng.integers(0, SIZE - height), rng.integers(0, SIZE - width)
        crop[top : top + height, left : left + width] = rng.uniform(0, 255, 3)
    return crop


def _compressed(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.3:
        quality = int(rng.integers(30, 95))
        data = cv2.imencode(".jpg", crop[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        crop = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]
    return crop
