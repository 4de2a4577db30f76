"""A face in a picture -> one named row of numbers: all that the mirror knows of its viewer."""

import numpy as np

from narcissus.features import light
from narcissus.features.colour import PATCHES, patches, without_colour
from narcissus.features.spatial import COORDINATE_NAMES, POSE, normalise, pose

EXPRESSIONS = ("neutral", "happiness", "surprise", "other")
COLOURS = tuple(f"{patch}, {channel}" for patch in PATCHES for channel in "Lab")
GUESSES = ("age", "female", *EXPRESSIONS)
COLUMNS = (*COORDINATE_NAMES, *POSE, *COLOURS, *GUESSES)


def _groups() -> dict[str, slice]:
    groups, start = {}, 0
    for name, columns in (("shape", COORDINATE_NAMES), ("pose", POSE), ("colour", COLOURS), ("guesses", GUESSES)):
        groups[name] = slice(start, start + len(columns))
        start += len(columns)
    return groups


GROUPS = _groups()  # "shape", "pose", "colour" and "guesses": the columns of each


def light_on(
    image: np.ndarray, landmarks: np.ndarray, colour: str = "auto", room: np.ndarray | None = None
) -> np.ndarray:
    """The gains float32 (3,) with which the face is to be seen; unless `colour` is "auto", those of the `room` alone.

    `room` (3,) is what a white sheet has told (`sheet.read_gains`); None: nothing.
    """
    if colour != "auto":
        return np.ones(3, np.float32) if room is None else room
    landmarks = np.asarray(landmarks, np.float32)
    return light.gains(image, landmarks, colourless=without_colour(image, landmarks), room=room)


def portray(
    image: np.ndarray, landmarks: np.ndarray, guesses=None, gains: np.ndarray | None = None, colour: str = "auto"
) -> np.ndarray:
    """The row float32 (len(COLUMNS),) of the face with these landmarks (68, 2) in `image`, uint8 (H, W, 3) RGB.

    The normalised shape, the pose in degrees, eight Lab colours, and what the machine guesses (`attributes.Guesses`:
    age in years, probabilities). NaN stands for what cannot be known: patches outside the picture, all colours of a
    picture without colour, and the guesses while there are none.

    `colour`: "auto" (the light taken off), "on" (as measured) or "off" (none). `gains` (3,), where somebody has found
    them already (`light_on`), are what is taken off, also where it is "on": a sheet may have told of the room's light.
    """
    landmarks = np.asarray(landmarks, np.float32)
    row = np.full(len(COLUMNS), np.nan, np.float32)
    row[GROUPS["shape"]] = normalise(landmarks).ravel()
    row[GROUPS["pose"]] = pose(landmarks)
    if colour != "off":
        seen_with = light_on(image, landmarks, colour) if gains is None else gains
        row[GROUPS["colour"]] = patches(image, landmarks, seen_with).ravel()
    if guesses is not None:
        row[GROUPS["guesses"]] = (guesses.age, guesses.female, *(guesses.expression[name] for name in EXPRESSIONS))
    return row
