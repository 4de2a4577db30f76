"""One viewer and the reflection on one sheet: what was measured, what was guessed, and how it looks louder and
softer.
"""

import cv2
import numpy as np

from narcissus.lab.likeness.pictures import resized
from narcissus.networks.attributes import Guesses

PAPER, INK, SOFT = (238, 244, 246), (29, 33, 35), (109, 122, 128)  # BGR, as the pages' colours
MARGIN, GAP, LARGE, SMALL = 60, 24, 560, 270  # pixels
OUTLINES = (
    *((range(0, 17), False), (range(17, 22), False), (range(22, 27), False), (range(27, 31), False)),
    *(
        (range(31, 36), False),
        (range(36, 42), True),
        (range(42, 48), True),
        (range(48, 60), True),
        (range(60, 68), True),
    ),
)  # iBUG 300-W: jaw, brows, nose, eyes, lips


def card(
    photo: np.ndarray,
    landmarks: np.ndarray,
    reflections: dict[float, np.ndarray],
    shown: float,
    guesses: Guesses | None,
    confidence: float,
) -> np.ndarray:
    """uint8 (H, W, 3) RGB. `photo` is the viewer's face in a square, with `landmarks` (68, 2) in its pixels.

    `reflections`: exaggeration τ -> uint8 (R, R, 3); the one of `shown` stands large beside the photograph.
    """
    width = 2 * MARGIN + 2 * LARGE + GAP
    height = 2 * MARGIN + LARGE + 84 + SMALL
    sheet = np.full((height, width, 3), PAPER, np.uint8)
    scale = LARGE / photo.shape[0]
    viewer = outlined(resized(photo, LARGE), (landmarks + 0.5) * scale - 0.5)
    _put(sheet, viewer, MARGIN, MARGIN)
    _put(sheet, resized(reflections[shown], LARGE), MARGIN + LARGE + GAP, MARGIN)
    top = MARGIN + LARGE + 84
    for column, (exaggeration, picture) in enumerate(reflections.items()):
        left = MARGIN + column * (SMALL + GAP)
        _put(sheet, resized(picture, SMALL), left, top)
        _write(sheet, f"τ = {exaggeration:g}", left, top - 14, SOFT)
    left = MARGIN + len(reflections) * (SMALL + GAP)
    _write(sheet, "seen as", left, top - 14, SOFT)
    for line, text in enumerate(said(guesses, confidence)):
        _write(sheet, text, left, top + 26 + 34 * line, INK)
    return np.ascontiguousarray(sheet[..., ::-1])


def said(guesses: Guesses | None, confidence: float) -> list[str]:
    """What the machine takes the viewer for, in short lines."""
    lines = []
    if guesses is not None:
        mood, sure = max(guesses.expression.items(), key=lambda item: item[1])
        presents = ("female", guesses.female) if guesses.female >= 0.5 else ("male", 1 - guesses.female)
        lines += [f"{guesses.age:.0f} years ± {guesses.age_spread:.0f}", f"{presents[0]}, {100 * presents[1]:.0f} %"]
        lines += [f"expression {mood}, {100 * sure:.0f} %"]
    return [*lines, f"confidence {confidence:.2f}"]


def outlined(picture: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The picture with the 68 points and the lines between them drawn in thinly."""
    picture = picture.copy()
    points = np.rint(landmarks * 16).astype(np.int32)  # cv2 draws to a sixteenth of a pixel when told so
    for part, closed in OUTLINES:
        cv2.polylines(picture, [points[list(part)]], closed, (255, 255, 255), 1, cv2.LINE_AA, shift=4)
    for x, y in points.tolist():
        cv2.circle(picture, (x, y), 32, (255, 255, 255), -1, cv2.LINE_AA, shift=4)
    return picture


def _put(sheet: np.ndarray, picture: np.ndarray, left: int, top: int) -> None:
    sheet[top : top + picture.shape[0], left : left + picture.shape[1]] = picture[..., ::-1]


def _write(sheet: np.ndarray, text: str, left: int, baseline: int, colour: tuple[int, int, int]) -> None:
    cv2.putText(sheet, text, (left, baseline), colour, cv2.FontFace("sans"), 22, 300)
