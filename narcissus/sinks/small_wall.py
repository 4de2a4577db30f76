"""The wall as people before it see it, small: framed as it is, upright however the display hangs, without any words."""

import numpy as np
import pygame

from narcissus.core.sections import Framing
from narcissus.sinks.bare import bare
from narcissus.sinks.framing import Framer

LARGEST = 640  # pixels of the longer side


class SmallWall:
    """Belongs to one thread, but for `tune`."""

    def __init__(self) -> None:
        self._framer = Framer(Framing())
        self._settings = Framing(), 0
        self._surface: pygame.Surface | None = None

    def tune(self, framing: Framing, rotation: int) -> None:
        self._settings = framing, rotation

    def draw(self, image: np.ndarray, now: float) -> np.ndarray:
        """uint8 (H, W, 3) RGB -> uint8 (h, w, 3) RGB; the bare reflection where there is no display."""
        framing, rotation = self._settings
        shown = pygame.display.get_surface() if pygame.display.get_init() else None
        if shown is None:
            return bare(image, small(image.shape[1::-1]))
        size = small(shown.get_size() if rotation % 180 == 0 else shown.get_size()[::-1])
        if self._surface is None or self._surface.get_size() != size:
            self._surface = pygame.Surface(size, 0, 32)
        self._framer.tune(framing, 0, False)
        self._framer.draw(self._surface, image, now)
        return np.ascontiguousarray(pygame.surfarray.pixels3d(self._surface).swapaxes(0, 1))


def small(size: tuple[int, int]) -> tuple[int, int]:
    """The same width and height, no side over LARGEST."""
    scale = min(1.0, LARGEST / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
