"""What the mirror measures of its viewer, by name: for other programs, as far as the permit lets it out."""

import math

import numpy as np

from narcissus.features.portrait import GROUPS, GUESSES
from narcissus.features.spatial import FORMS, POSE, forms

DIGITS = 4


def nobody(count: int) -> dict[str, float | str]:
    """While the foremost viewer is not seen; `count` others may be there."""
    return {"there": 0, "count": count}


def measured(row: np.ndarray, confidence: float, count: int) -> dict[str, float | str]:
    """Of the row (P,) that `portray` gives: how many are there, and of the foremost one

    turn (degrees, positive to the picture's right), tilt (degrees, clockwise), mouth (the height of its opening over
    its width), smile (the probability of happiness, 0 to 1) and confidence (0 to 1). What is not known is left out.
    """
    pose, guesses = row[GROUPS["pose"]], row[GROUPS["guesses"]]
    told = {
        "turn": pose[POSE.index("yaw")],
        "tilt": pose[POSE.index("roll")],
        "mouth": forms(row[GROUPS["shape"]].reshape(68, 2))[FORMS.index("mouth inside aspect")],
        "smile": guesses[GUESSES.index("happiness")],
        "confidence": confidence,
    }
    numbers = {name: round(float(value), DIGITS) for name, value in told.items() if math.isfinite(value)}
    return {"there": 1, "count": max(1, count), **numbers}
