"""Paints a picture as the dials ask: each filter of the programme, in its share."""

import cv2
import numpy as np

from narcissus.core.errors import NotFinite
from narcissus.scenes.dream import FAILURES
from narcissus.scenes.rotoscope import RotoscopeSettings
from narcissus.scenes.rotoscope.programme import Programme, Start
from narcissus.scenes.rotoscope.shelf import Shelf


class Brush:
    """Remembers the last painting: the same picture and the same dials give the same array. Belongs to one thread."""

    def __init__(self, shelf: Shelf, start: Start) -> None:
        self._programme = Programme(shelf, start)
        self._asked: tuple = ()
        self._subject = self._painting = np.zeros((0, 0, 3), np.uint8)
        self._failures = 0
        self.filter = shelf.first  # the name of the one that hangs
        self.changed = False  # whether the last painting had other filters, shares or strokes than the one before it

    def paint(self, image: np.ndarray, settings: RotoscopeSettings, strength: float, now: float) -> np.ndarray:
        """uint8 (H, W, 3) -> the same shape. `strength` is the filter's; the rest is as `settings` have it.

        Where the filter fails, the last good painting: raises NotFinite after ten in a row, or where there is none yet.
        """
        filters = self._programme.at(settings, now)
        asked = (filters, strength, settings.strokes)
        self.changed = bool(self._asked) and (filters, settings.strokes) != self._asked[::2]
        if asked != self._asked or not np.array_equal(image, self._subject):
            try:
                layers = [(one.apply(image[None], strength, settings.strokes)[0], share) for one, share in filters]
                self._asked, self._subject, self._failures = asked, image, 0
                self._painting, self.filter = mixed(layers), filters[0][0].name
            except NotFinite:
                self._failures += 1
                if self._failures == FAILURES or self._painting.shape != image.shape:
                    raise
        return self._painting


def mixed(layers: list[tuple[np.ndarray, float]]) -> np.ndarray:
    """One or two pictures in their shares."""
    if len(layers) == 1:
        return layers[0][0]
    (one, share), (other, rest) = layers
    return cv2.addWeighted(one, share, other, rest, 0)
