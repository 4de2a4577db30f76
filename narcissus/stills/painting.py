"""A photograph through a filter, as a PNG: painted and written band by band, whatever its size and depth."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from narcissus.networks.style.light import Light
from narcissus.stills import png
from narcissus.stills.in_turn import WORKERS, in_turn
from narcissus.stills.photograph import Photograph
from narcissus.stills.tiles import Painter, bands

STRIP = 1 << 20  # pixels that are compressed at a time


@dataclass(frozen=True, slots=True)
class Wish:
    """How a picture is to be painted."""

    strength: float  # 0 as it is, to 1
    scale: float = 1.0  # of the strokes


class Filtered:
    """A photograph and the filter that paints it."""

    def __init__(self, photograph: Photograph, filter: Painter, wish: Wish) -> None:
        self.photograph, self._filter, self._wish = photograph, filter, wish

    def write(self, file, progress: Callable[[int, int], None] = lambda *_: None) -> None:
        """The PNG, with what the photograph's file said of it; `progress` is told the rows done, and of how many."""
        with ThreadPoolExecutor(WORKERS) as pool:
            strips = in_turn(pool, lambda strip: png.strip_of(*strip), self._strips(progress))
            png.write(file, self.photograph, strips)

    def _strips(self, progress: Callable[[int, int], None]) -> Iterator[tuple[np.ndarray, bool]]:
        """Rows of the photograph's own type (h, W, 3), or 4 with its alpha, and whether they are the last."""
        height, width = self.photograph.shape
        step, top = max(1, STRIP // width), 0
        seen, wish = eight_bits(self.photograph.pixels), self._wish
        for band in bands(seen, self._filter, wish.strength, wish.scale, Light.of(seen)):
            for start in range(0, len(band), step):
                rows = self._deepened(band[start : start + step], top)
                top += len(rows)
                progress(top, height)
                yield rows, top == height

    def _deepened(self, painted: np.ndarray, top: int) -> np.ndarray:
        """What the filter changes, added to the photograph: of 16 bits none is lost where nothing is painted."""
        rows = slice(top, top + len(painted))
        pixels, alpha = self.photograph.pixels[rows], self.photograph.alpha
        if pixels.dtype == np.uint16:
            change = (painted.astype(np.int32) - eight_bits(pixels)) * 257
            painted = np.clip(pixels + change, 0, 65535).astype(np.uint16)
        return painted if alpha is None else np.dstack([painted, alpha[rows]])


def eight_bits(pixels: np.ndarray) -> np.ndarray:
    return pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
