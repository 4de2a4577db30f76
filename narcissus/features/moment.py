"""What changes in a face from one moment to the next: its turn, nod, mouth, eyes and brows."""

import numpy as np

from narcissus.features.portrait import COLUMNS, GROUPS
from narcissus.features.spatial import FORMS, forms

NUMBERS = ("yaw", "pitch", "mouth inside aspect", "mouth curve", "eye aspect", "brow height")

_POSE = [COLUMNS.index(name) for name in NUMBERS[:2]]
_MOUTH = [FORMS.index(name) for name in NUMBERS[2:4]]
_EYES = [FORMS.index(f"eye {side} aspect") for side in ("left", "right")]
_BROWS = [FORMS.index(f"brow height {side}") for side in ("left", "right")]


def moment(rows: np.ndarray) -> np.ndarray:
    """NUMBERS of rows (n, P): float32 (n, m), in degrees, ratios, and distances between the eyes."""
    form = forms(rows[:, GROUPS["shape"]].reshape(-1, 68, 2))
    pairs = [form[:, sides].mean(axis=1, keepdims=True) for sides in (_EYES, _BROWS)]
    return np.hstack([rows[:, _POSE], form[:, _MOUTH], *pairs]).astype(np.float32)
