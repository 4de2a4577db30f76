"""Where cheek, lip, hair and cloth are: discs placed by the landmarks, in distances between the outer eye corners."""

import numpy as np

REGIONS = ("cheek", "lip", "hair", "cloth")

# Region: the landmarks whose mean it lies at, then right and down, then its radius.
_DISCS = (
    ("cheek", (41, 31, 48, 2), 0.0, 0.0, 0.10),
    ("cheek", (46, 35, 54, 14), 0.0, 0.0, 0.10),
    ("lip", (50, 51, 52, 61, 62, 63), 0.0, 0.0, 0.04),
    ("lip", (56, 57, 58, 65, 66, 67), 0.0, 0.0, 0.05),
    ("hair", (19, 24), 0.0, -0.36, 0.06),
    ("hair", (19, 24), -0.30, -0.32, 0.06),
    ("hair", (19, 24), 0.30, -0.32, 0.06),
    ("cloth", (8,), -0.45, 0.45, 0.12),
    ("cloth", (8,), 0.45, 0.45, 0.12),
)


def discs(landmarks: np.ndarray) -> list[tuple[str, np.ndarray, float]]:
    """Region, centre (2,) and radius of each disc around landmarks (68, 2), in their pixels."""
    right = landmarks[45] - landmarks[36]
    size = max(float(np.hypot(*right)), 1e-6)
    down = np.array([-right[1], right[0]])
    return [
        (region, landmarks[list(points)].mean(axis=0) + x * right + y * down, radius * size)
        for region, points, x, y, radius in _DISCS
    ]


def masks(landmarks: np.ndarray, height: int, width: int) -> dict[str, np.ndarray]:
    """bool (H, W) for each region: the pixels within its discs; none where it lies outside of the picture."""
    rows, columns = np.mgrid[:height, :width]
    found = {region: np.zeros((height, width), bool) for region in REGIONS}
    for region, (x, y), radius in discs(landmarks):
        found[region] |= (columns - x) ** 2 + (rows - y) ** 2 <= max(radius, 0.75) ** 2
    return found
