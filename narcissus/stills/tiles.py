"""A filter over a picture of any size: in tiles that overlap, each with all that it looks at around it: no seams.

A tile's border sees a mirror where the picture goes on; that part is cut off, and two tiles pass over into one another
where both are right. Tiles begin at multiples of UNIT, so that all fall into the filter's own grid.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:  # brings TensorFlow
    from narcissus.networks.style.light import Light

UNIT = 64  # pixels
FEATHER = 32  # pixels in which one tile passes over into the next
TILE = 16  # units: a tile's sides, where strokes are no larger than they were learned
WHOLE = 2_500_000  # pixels: what is no larger is one tile


class Painter(Protocol):
    """A filter: see networks.style. `halo`: how far it looks around a pixel, in pixels, at scale 1.

    `corner` (top, left): where in the whole picture a tile begins.
    """

    halo: int

    def apply(
        self, pictures: np.ndarray, strength: float, scale: float = 1.0, corner: tuple[int, int] = (0, 0)
    ) -> np.ndarray: ...


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """One tile along one side: where it begins and ends, and how much of it counts, 0 to 1."""

    start: int
    stop: int
    weight: np.ndarray  # float32 (stop - start,)

    @property
    def counts_from(self) -> int:
        """Where along the side it begins to count."""
        return self.start + int(np.argmax(self.weight > 0))


def painted(image: np.ndarray, filter: Painter, strength: float, scale: float = 1.0) -> np.ndarray:
    """uint8 (H, W, 3) RGB, in the light that filters know -> the same shape."""
    return np.concatenate(list(bands(image, filter, strength, scale)))


def bands(
    image: np.ndarray, filter: Painter, strength: float, scale: float = 1.0, light: "Light | None" = None
) -> Iterator[np.ndarray]:
    """The picture uint8 (H, W, 3), painted, from top to bottom in bands uint8 (h, W, 3).

    `light`: what it is in, and is to be lit from; None: it is lit already.
    """
    scale = fitted(scale)
    if image.shape[0] * image.shape[1] <= WHOLE:
        yield filter.apply(_lit(image, light, strength)[None], strength, scale)[0]
        return
    around = math.ceil(filter.halo * scale)
    down, across = (spans(side, around, scale) for side in image.shape[:2])
    below = np.zeros((0, image.shape[1], 3), np.float32)  # what the tiles above give to the next band
    for span, following in zip(down, [*down[1:], None], strict=True):
        strip = _lit(image[span.start : span.stop], light, strength)
        row = _row(strip, span, across, filter, strength, scale)
        weight = span.weight[: len(row), None, None]
        done = (len(image) if following is None else following.counts_from) - span.start
        band = row[span.counts_from - span.start : done] * weight[span.counts_from - span.start : done]
        band[: len(below)] += below
        below = (row * weight)[done : done + FEATHER]
        yield np.rint(band).astype(np.uint8)


def fitted(scale: float) -> float:
    """The nearest scale at which UNIT pixels are whole pixels of the filter's grid: 16 / k."""
    return 16 / max(1, round(16 / scale))


def spans(side: int, around: int, scale: float) -> list[Span]:
    """Tiles of one length along a side of so many pixels; the last may reach beyond it. Their weights sum to 1."""
    length = UNIT * math.ceil(TILE * max(1.0, scale))
    step = (length - 2 * around - FEATHER) // UNIT * UNIT
    starts = [0]
    while starts[-1] + length != side and starts[-1] + length < side + (around if len(starts) > 1 else 0):
        starts.append(starts[-1] + step)  # the edge is where the picture ends, or is mirrored as far as anybody looks
    if len(starts) == 1:
        return [Span(0, side, np.ones(side, np.float32))]
    stops = [start + length for start in starts]
    seams = [(stop + start) // 2 for stop, start in zip(stops, starts[1:], strict=False)]
    place = np.arange(starts[-1] + length)
    found = []
    for start, stop, before, after in zip(starts, stops, [None, *seams], [*seams, None], strict=True):
        weight = np.ones(stop - start, np.float32)
        if before is not None:
            weight *= _ramp(place[start:stop] - before)
        if after is not None:
            weight *= 1 - _ramp(place[start:stop] - after)
        found.append(Span(start, stop, weight))
    return found


def _ramp(place: np.ndarray) -> np.ndarray:
    """0 before a seam at 0, 1 behind it."""
    return np.clip((place + 0.5) / FEATHER + 0.5, 0, 1).astype(np.float32)


def _lit(image: np.ndarray, light: "Light | None", strength: float) -> np.ndarray:
    return image if light is None else light.lit(image, strength)


def _row(strip: np.ndarray, down: Span, across: list[Span], filter: Painter, strength, scale) -> np.ndarray:
    """One row of tiles, side by side, of the picture's rows (h, W, 3) that they cover: float32 (h, W, 3)."""
    rows, width = strip.shape[:2]
    row = np.zeros((rows, width, 3), np.float32)
    for span in across:
        tile = strip[:, span.start : span.stop]
        missing = down.stop - down.start - rows, span.stop - span.start - tile.shape[1]
        whole = np.pad(tile, [(0, missing[0]), (0, missing[1]), (0, 0)], mode="reflect")
        drawn = filter.apply(whole[None], strength, scale, (down.start, span.start))[0][:rows, : tile.shape[1]]
        row[:, span.start : span.stop] += drawn * span.weight[: tile.shape[1], None]
    return row
