"""How far a picture sinks into the wall's colour, pixel by pixel of the wall."""

import cv2
import numpy as np

from narcissus.sinks.place import Place

CLEAR = 0.5  # of the way from the middle to the edge: so far a vignette leaves the picture alone
COMPOSED_CLEAR = 0.25  # the same where the picture's surroundings go on: they reach further than the picture
OWN_CLEAR = 0.8  # the same of one among several
NEAREST, FARTHEST = 1.5, 2.0  # of half the picture, from its middle: where its surroundings have ended in the dark
DARK = 1.6  # exponent of what is kept: a bright background ends in a long, dim tail, and no oval is seen


def to_the_edge(place: Place, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How far it is to the edge of what is seen: float32 (h, w), 0 where the picture is left alone, 1 at the edge.

    `x` (w,) and `y` (h,) are where the pixels' centres lie on the wall.
    """
    left, top, right, bottom = place.seen
    return _far((2 * x - left - right) / (right - left), (2 * y - top - bottom) / (bottom - top), CLEAR)


def into_the_dark(place: Place, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The same where the picture's own surroundings cover the wall."""
    across, down = (
        np.clip(length / 2, NEAREST * half, FARTHEST * half)
        for length, half in zip(place.wall, (place.width / 2, place.height / 2), strict=True)
    )
    middle = place.left + place.width / 2, place.top + place.height / 2
    return 1 - (1 - _far((x - middle[0]) / across, (y - middle[1]) / down, COMPOSED_CLEAR)) ** DARK


def to_its_own_edges(place: Place, x: np.ndarray, y: np.ndarray, whole: bool) -> np.ndarray:
    """The same for one of several: a rounded rectangle, so that no face is darker than the one beside it.

    `whole`: up to the edges of its part of the wall; otherwise of the picture in it.
    """
    left, top, right, bottom = (0, 0, *place.wall) if whole else place.seen
    across, down = (2 * x - left - right) / (right - left), (2 * y - top - bottom) / (bottom - top)
    far = np.sqrt(np.sqrt(np.add.outer(down.astype(np.float32) ** 4, across.astype(np.float32) ** 4)))  # (h, w)
    return _eased((far - OWN_CLEAR) / (1 - OWN_CLEAR))


def _far(x: np.ndarray, y: np.ndarray, clear: float) -> np.ndarray:
    x, y = x.astype(np.float32), y.astype(np.float32)
    return _eased((cv2.sqrt(x * x + (y * y)[:, None]) - clear) / (1 - clear))  # (h, w)


def _eased(far: np.ndarray) -> np.ndarray:
    far = np.clip(far, 0, 1)
    return far * far * (3 - 2 * far)
