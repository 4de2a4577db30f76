"""A work of twenty lines: a field whose colour goes round once a minute. It knows no latent, and answers nobody."""

import numpy as np

from narcissus.core.types import Picture
from narcissus.scenes.contract import BaseScene, Work


class Colours(BaseScene):
    _image = np.zeros((9, 16, 3), np.uint8)

    def draw(self, seen, now):
        turns = now / 60 + np.arange(3) / 3
        colour = np.uint8(127.5 + 127.5 * np.cos(2 * np.pi * turns))
        if (colour != self._image[0, 0]).any():
            self._image = np.zeros_like(self._image) + colour
        return Picture(self._image)


WORK = Work("colours", lambda settings, kit: Colours())
