"""What formulas may speak of: how a visitor looked at the camera, never what a visitor is.

No colour of skin or hair and no proportion of a face is among them, and neither are the machine's guesses: a profile is
invented, and says nothing of ethnicity, health or beauty.
"""

import numpy as np

from narcissus.features.moment import NUMBERS

# A name in formulas -> the number it comes from, and what of it is 0 and 1: the 5 % and 95 % quantiles of 16,000 faces
# drawn by narcissus-128, as train_inverter.py sees them.
MEASURED: dict[str, tuple[str, float, float]] = {
    "smile": ("mouth curve", -0.007, 0.195),
    "mouth": ("mouth inside aspect", 0.011, 0.267),
    "eyes": ("eye aspect", 0.198, 0.387),
    "brows": ("brow height", 0.15, 0.265),
    "turn": ("yaw", -18.8, 19.7),
    "nod": ("pitch", -11.4, 10.0),
}
ALSO = ("stillness", "nearness")  # of the capture: 0 restless to 1 like water, 0 far to 1 near
LUCK = ("luck", "chance", "fate")  # of the seed: 0 to 1, others for every attribute
NAMES = (*MEASURED, *ALSO, *LUCK)


def measured(moment: np.ndarray, stillness: float, nearness: float) -> dict[str, float]:
    """NUMBERS (m,) of the visitor and two of the capture -> MEASURED and ALSO by name, each 0 to 1."""
    numbers = dict(zip(NUMBERS, moment.tolist(), strict=True))
    found = {name: _level(numbers[source], low, high) for name, (source, low, high) in MEASURED.items()}
    return found | {"stillness": _level(stillness, 0, 1), "nearness": _level(nearness, 0, 1)}


def _level(value: float, low: float, high: float) -> float:
    return float(np.clip(np.nan_to_num((value - low) / (high - low), nan=0.5), 0.0, 1.0))
