"""While nobody is there: the stored dream, painted twice a second, each painting dissolving into the next.

The next painting is made beside the display's thread, while the one before it still dissolves.
"""

from concurrent.futures import Future, ThreadPoolExecutor

import cv2
import numpy as np

from narcissus.networks.style import Light
from narcissus.scenes.rotoscope import RotoscopeSettings
from narcissus.scenes.rotoscope.brush import Brush
from narcissus.scenes.rotoscope.subject import fitted
from narcissus.scenes.stored_dream import StoredDream
from narcissus.sinks.enlarge import enlarge
from narcissus.sinks.surroundings import Surroundings

EVERY = 0.5  # seconds between two paintings
STEPS = 32  # in which one dissolves into the next


class PaintedDream:
    """Belongs to the display's thread. The same moments and settings give the same pictures."""

    def __init__(self, stored: StoredDream, brush: Brush) -> None:
        self._stored, self._brush = stored, brush
        self._helper = ThreadPoolExecutor(1, thread_name_prefix="painted dream")
        self._paintings: dict[int, Future] = {}  # by number: painting n stands at n · EVERY
        self._shape = (0, 0)
        self._shown, self._image = (-1, -1), np.zeros((0, 0, 3), np.uint8)

    def at(self, now: float, shape: tuple[int, int], settings: RotoscopeSettings) -> np.ndarray:
        """The dream at `now` for a wall of these proportions: uint8 (H, W, 3)."""
        shape = fitted(shape, settings.size)
        if shape != self._shape:
            self._paintings, self._shape, self._shown = {}, shape, (-1, -1)
        number = int(now // EVERY)
        step = int((now / EVERY - number) * STEPS)
        if (number, step) != self._shown:
            self._shown = number, step
            one, other = (self._painting(n, shape, settings) for n in (number, number + 1))
            self._image = cv2.addWeighted(one.result(), 1 - step / STEPS, other.result(), step / STEPS, 0)
        return self._image

    def _painting(self, number: int, shape: tuple[int, int], settings: RotoscopeSettings) -> Future:
        """Asked for one ahead; what is past is forgotten."""
        self._paintings = {n: painting for n, painting in self._paintings.items() if number - 1 <= n}
        for n in (number, number + 1):
            if n not in self._paintings:
                self._paintings[n] = self._helper.submit(self._paint, n * EVERY, shape, settings)
        return self._paintings[number]

    def _paint(self, moment: float, shape: tuple[int, int], settings: RotoscopeSettings) -> np.ndarray:
        face = self._stored.draw(None, moment).image
        picture = centred(face, shape)
        lit = Light.of(picture).lit(picture, settings.strength)
        return self._brush.paint(lit, settings, settings.strength, moment)


def centred(face: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A face uint8 (H, W, 3) in the middle of a picture of this shape; what is left over are its own surroundings."""
    height, width = shape
    side = min(shape)
    face = enlarge(face, side)[:side, :side]
    left, top = (width - face.shape[1]) // 2, (height - face.shape[0]) // 2
    around = Surroundings(face.shape[:2], left, top, width - face.shape[1] - left, height - face.shape[0] - top)
    return around.around(face)
