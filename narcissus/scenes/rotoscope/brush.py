"""Paints a picture as the dials ask: each filter of the programme, in its share."""

import cv2
import numpy as np

from narcissus.scenes.rotoscope import RotoscopeSettings
from narcissus.scenes.rotoscope.programme import Programme
from narcissus.scenes.rotoscope.shelf import Shelf


class Brush:
    """Remembers the last painting: the same picture and the same dials give the same array. Belongs to one thread."""

    def __init__(self, shelf: Shelf) -> None:
        self._programme = Programme(shelf)
        self._asked: tuple = ()
        self._subject = self._painting = np.zeros((0, 0, 3), np.uint8)
        self.filter = shelf.first  # the name of the one that hangs

    def paint(self, image: np.ndarray, settings: RotoscopeSettings, strength: float, now: float) -> np.ndarray:
        """uint8 (H, W, 3) -> the same shape. `strength` is the filter's; the rest is as `settings` have it."""
        filters = self._programme.at(settings, now)
        asked = (filters, strength, settings.strokes)
        if asked != self._asked or not np.array_equal(image, self._subject):
            self._asked, self._subject = asked, image
            layers = [(one.apply(image[None], strength, settings.strokes)[0], share) for one, share in filters]
            self._painting, self.filter = mixed(layers), filters[0][0].name
        return self._painting


def mixed(layers: list[tuple[np.ndarray, float]]) -> np.ndarray:
    """One or two pictures in their shares."""
    if len(layers) == 1:
        return layers[0][0]
    (one, share), (other, rest) = layers
    return cv2.addWeighted(one, share, other, rest, 0)
