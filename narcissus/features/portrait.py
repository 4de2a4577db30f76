"""A face in a picture -> one named row of numbers: all that the mirror knows of its viewer."""

import numpy as np

from narcissus.features.colour import PATCHES, patches
from narcissus.features.spatial import COORDINATES, POSE, normalise, pose

EXPRESSIONS = ("neutral", "happiness", "surprise", "other")
COLOURS = tuple(f"{patch}, {channel}" for patch in PATCHES for channel in "Lab")
GUESSES = ("age", "female", *EXPRESSIONS)
COLUMNS = (*COORDINATES, *POSE, *COLOURS, *GUESSES)


def _groups() -> dict[str, slice]:
    groups, start = {}, 0
    for name, columns in (("shape", COORDINATES), ("pose", POSE), ("colour", COLOURS), ("guesses", GUESSES)):
        groups[name] = slice(start, start + len(columns))
        start += len(columns)
    return groups


GROUPS = _groups()  # "shape", "pose", "colour" and "guesses": the columns of each


def portray(image: np.ndarray, landmarks: np.ndarray, guesses=None) -> np.ndarray:
    """The row float32 (len(COLUMNS),) of the face with these landmarks (68, 2) in `image`, uint8 (H, W, 3) RGB.

    The normalised shape, the pose in degrees, eight Lab colours, and what the machine guesses (`attributes.Guesses`:
    age in years, probabilities). NaN stands for what cannot be known: patches outside the picture, all colours of a
    picture without colour, and the guesses while there are none.
    """
    row = np.full(len(COLUMNS), np.nan, np.float32)
    row[GROUPS["shape"]] = normalise(landmarks).ravel()
    row[GROUPS["pose"]] = pose(landmarks)
    row[GROUPS["colour"]] = patches(image, np.asarray(landmarks, np.float32)).ravel()
    if guesses is not None:
        row[GROUPS["guesses"]] = (guesses.age, guesses.female, *(guesses.expression[name] for name in EXPRESSIONS))
    return row
