"""What a cheap camera and a room do to a face: the one place that says how training pictures differ from clean ones."""

import cv2
import numpy as np

SMALLEST, LARGEST = 96, 256  # pixels across the face's portrait; a smaller drawing may also be seen in its own size


def through_webcam(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A drawn face uint8 (R, R, 3) RGB -> uint8 (S, S, 3), S at most 256, as a webcam might have seen it.

    In the order of the light's way: exposure (±6 %), white balance (±3 % a channel), another resolution, blur (up to
    0.6 pixels of the drawn face), sensor noise (σ up to 3), JPEG (quality 60 to 95). The first two are the standard
    deviations of what a camera's own corrections leave.
    """
    own = picture.shape[0]
    light = np.exp(rng.normal(0, 0.06)) * np.exp(rng.normal(0, 0.03, 3))
    seen = picture.astype(np.float32) * light.astype(np.float32)
    side = int(rng.integers(min(own, SMALLEST), LARGEST + 1))
    seen = cv2.resize(seen, (side, side), interpolation=cv2.INTER_CUBIC if side > own else cv2.INTER_AREA)
    seen = cv2.GaussianBlur(seen, (0, 0), max(0.1, rng.uniform(0.0, 0.6) * side / own))
    seen += rng.normal(0, rng.uniform(0, 3), seen.shape[:2]).astype(np.float32)[..., None]
    seen = np.clip(np.rint(seen), 0, 255).astype(np.uint8)
    _, jpeg = cv2.imencode(".jpg", seen[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 96))])
    return cv2.imdecode(jpeg, cv2.IMREAD_COLOR)[..., ::-1].copy()
