"""Places of a face in pixels of a picture, whatever its size, place and turn."""

import numpy as np

_SPREAD = 0.6054  # root mean square distance of the mean face's points from their centre, in face sizes


def face_axes(landmarks: np.ndarray) -> np.ndarray:
    """One face size (1 = between the outer eye corners of the mean face) to the right, and down: float32 (2, 2)."""
    right = landmarks[45] - landmarks[36]
    size = np.sqrt(np.square(landmarks - landmarks.mean(axis=0)).sum(axis=1).mean()) / _SPREAD
    right = right * (size / max(float(np.hypot(*right)), 1e-6))
    return np.array([right, (-right[1], right[0])], np.float32)


def nearest_pixels(image: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pixels (…, 3) of `image` (H, W, 3) nearest to points (…, 2), and which of these lie in the picture (…)."""
    height, width = image.shape[:2]
    x, y = np.moveaxis(np.rint(points).astype(np.int32), -1, 0)
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    return image[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)], inside
