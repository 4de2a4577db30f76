"""Where to look for newcomers next, and how much looking may cost.

The frame is looked at in several sizes, the larger ones in overlapping tiles. What a search costs is proportional to
the pixels searched, so a budget of pixels a second, refilled by the frames' own times, keeps the price even everywhere.
Where something has changed since it was last searched comes first: nobody arrives without moving.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from narcissus.core.types import Box
from narcissus.people.models import DETECTOR_SIZE, Found, detect_in

FACE_AT_ONE_METRE = 0.117  # of the frame's longer side: a box of 75 px in 1280 at two metres, behind a 70° lens
NEAREST_SIDE = 400  # pixels; in a picture this small a face that fills a fifth of it is found
TILE = 240_000  # pixels; about 19 ms on one core: the longest that following anybody else may have to wait
ENLARGED_AT_MOST = 2.0  # beyond that there is nothing more to see

# Pixels searched a second; 1 million cost about 80 ms of one core.
BUDGET_ALONE = 9e6  # nobody is followed and something moves: a whole search in 0.3 s
BUDGET_EMPTY = 1.5e6  # nobody is followed and nothing moves
BUDGET_FOLLOWING = 0.28e6  # for newcomers, beside the viewer
AT_ONCE = 0.5e6  # a first frame, or one after a cut, is searched for whoever is near before anything else

BEFORE = 1.0  # seconds: what has never been searched has waited as long; nearer views come first even so
STILL = 0.2  # what has not changed waits five times as long: somebody may have been missed there
SAVED = 0.1e6  # pixels of budget that may be carried into the next frame

STRIDE = 8  # pixels between the samples that are watched for change
CHANGED = 24  # grey levels; five times the noise between two frames of a noisy camera (σ = 3)
ENOUGH = 3  # samples; the smallest face covers more


@dataclass(slots=True)
class Tile:
    region: Box
    scale: float
    patience: float  # how much longer than the nearest view this may wait
    seen: np.ndarray | None = None  # int16 (h, w): its samples when it was last searched
    searched: float = 0.0

    @property
    def cost(self) -> float:
        return self.region.area * self.scale**2

    def samples(self, watched: np.ndarray) -> np.ndarray:
        edges = (self.region.top, self.region.bottom, self.region.left, self.region.right)
        top, bottom, left, right = (int(edge) // STRIDE for edge in edges)
        return watched[top : bottom + 1, left : right + 1]

    def urgency(self, watched: np.ndarray, now: float) -> tuple[bool, float]:
        """Whether it has changed since it was searched, and how long it has waited, in its own measure."""
        changed = self.seen is None or _differ(self.samples(watched), self.seen)
        return changed, (now - self.searched) / self.patience * (1.0 if changed else STILL)


@dataclass(slots=True)
class Search:
    """Looks for faces as the budget allows. `reach` is in metres, for a 70° lens."""

    reach: float
    _made_for: tuple = ()  # the shape of the frames, and the reach
    _tiles: list[Tile] = field(default_factory=list)
    _credit: float = 0.0
    _last: float | None = None

    def forget(self) -> None:
        """What was searched before is another picture."""
        self._made_for, self._last = (), None

    def look(self, picture: np.ndarray, now: float, following: bool) -> list[Found]:
        """What the pieces searched in this grey frame uint8 (H, W) hold; most often nothing is searched."""
        watched = picture[::STRIDE, ::STRIDE].astype(np.int16)
        self._prepare(picture.shape, now)
        urgency = [tile.urgency(watched, now) for tile in self._tiles]
        moving = any(changed for changed, _ in urgency)
        self._refill(now, BUDGET_FOLLOWING if following else BUDGET_ALONE if moving else BUDGET_EMPTY)
        found: list[Found] = []
        for i in sorted(range(len(urgency)), key=lambda i: -urgency[i][1]):
            tile = self._tiles[i]
            if self._credit < 0:
                break
            self._credit -= tile.cost
            tile.searched, tile.seen = now, tile.samples(watched)
            found += detect_in(picture, tile.region, tile.scale)
        return found

    def _refill(self, now: float, budget: float) -> None:
        if self._last is None:
            self._credit = AT_ONCE
        else:
            self._credit = min(SAVED, self._credit + budget * max(0.0, now - self._last))
        self._last = now

    def _prepare(self, shape: tuple[int, int], now: float) -> None:
        wanted = shape, self.reach
        if wanted != self._made_for:
            self._made_for, self._tiles = wanted, tiles(*wanted)
            for tile in self._tiles:
                tile.searched = now - BEFORE


def tiles(shape: tuple[int, int], reach: float) -> list[Tile]:
    """The pieces of a frame (H, W) in which everybody within reach is found, nearest view first."""
    longer = max(shape)
    farthest = min(ENLARGED_AT_MOST, DETECTOR_SIZE / (FACE_AT_ONE_METRE / reach * longer))
    nearest = min(farthest, NEAREST_SIDE / longer)
    views = 1 + math.ceil(math.log2(farthest / nearest) - 0.01)  # each finds faces half as large as the one before
    scales = np.geomspace(nearest, farthest, views)
    return [
        Tile(region, float(scale), 2.0**view) for view, scale in enumerate(scales) for region in _split(shape, scale)
    ]


def _differ(one: np.ndarray, other: np.ndarray) -> bool:
    return np.count_nonzero(np.abs(one - other) > CHANGED) >= ENOUGH


def _split(shape: tuple[int, int], scale: float) -> list[Box]:
    """Overlapping regions of at most TILE pixels at this scale; who is too large for the overlap is found coarser."""
    overlap = 2.2 * DETECTOR_SIZE / scale
    rows = columns = 1
    while True:
        height = (shape[0] + (rows - 1) * overlap) / rows
        width = (shape[1] + (columns - 1) * overlap) / columns
        if width * height * scale**2 <= TILE or min(width, height) < 1.5 * overlap:
            break
        rows, columns = (rows + 1, columns) if height > width else (rows, columns + 1)
    corners = [(c * (width - overlap), r * (height - overlap)) for r in range(rows) for c in range(columns)]
    return [Box(left, top, left + width, top + height) for left, top in corners]
