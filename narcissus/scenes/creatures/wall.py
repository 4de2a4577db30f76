"""The wall: every creature in its cell, and of each picture only the cells composed anew in which something changes.

The newest and its parents are told apart by their rings: the mother's is one colour, the father's another, and the
child's has a half of each. Everybody else hangs a little darker.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from narcissus.scenes.creatures.layout import Layout

BACKGROUND = (11, 11, 13)
MOTHER, FATHER, STRANGER = (255, 138, 92), (92, 196, 214), (232, 226, 210)  # of the rings; a stranger has no parents
BODY, RING, THIN = 0.86, 0.035, 0.5  # of a cell's side: the body and the child's ring; a parent's ring is thinner
SQUARE = 3.2  # exponent of the body's outline, a superellipse: 2 is a circle
EDGE = 0.045  # of the body's side: how softly it ends
SINK, RISE = 0.45, 0.9  # seconds in which one goes and the next comes
IRIS = 1.0  # how softly the newborn opens, of its radius
GLOW, FADE = 0.3, 0.6  # seconds in which rings come and go
MIDDLE = (0.56, 0.94)  # of the width of a lying wall, and of a standing one: what stands in the middle is so wide
FLAT = 9 / 16  # its height over its width
SINKING = 0.7  # seconds in which it comes and goes
STEPS = 255  # levels of whatever moves: between two of them nothing new is to be seen


@dataclass(slots=True, eq=False)
class Cell:
    now: np.ndarray  # uint8 (body, body, 3) who hangs there
    before: np.ndarray  # and who did
    since: float = -math.inf  # when the one gave way to the other
    drawn: tuple | None = None  # what the canvas shows of it


@dataclass(frozen=True, slots=True)
class Mark:
    """A ring around one cell, left half and right half, from one moment to another."""

    cell: int
    left: tuple[int, int, int]
    right: tuple[int, int, int]
    since: float
    until: float
    thin: bool = False

    def strength(self, now: float) -> float:
        return eased((now - self.since) / GLOW) * (1 - eased((now - self.until) / FADE))


class Wall:
    """`picture(now)` belongs to one thread, and so does whatever changes the wall."""

    def __init__(self, layout: Layout, portraits: Sequence[np.ndarray], dim: float) -> None:
        """Portraits uint8 (H, H, 3), one for each cell."""
        self.layout, self.dim = layout, dim
        self._body = max(8, round(layout.side * BODY))
        self._radius = _radii(layout.side, self._body)  # float32 (side, side)
        self._outline = _level((1 - self._radius) / EDGE)
        self._rings = {thin: self._ring(RING * (THIN if thin else 1)) for thin in (False, True)}
        fitted = [self._fitted(portrait) for portrait in portraits]
        self._cells = [Cell(one, one) for one in fitted]
        self._marks: list[Mark] = []
        self._canvas = np.empty((layout.wall[1], layout.wall[0], 3), np.uint8)
        self._canvas[:] = BACKGROUND
        self._above = Above(layout)
        self._portraits = list(portraits)
        self._bare = np.full((layout.side, layout.side, 3), BACKGROUND, np.uint8)

    def born(self, cell: int, portrait: np.ndarray, parents: Sequence[int], now: float, until: float) -> None:
        """A birth at `now`; its marks stand until the next one."""
        self.change(cell, portrait, now)
        left, right = (MOTHER, FATHER) if parents else (STRANGER, STRANGER)
        self._marks = [mark for mark in self._marks if now < mark.until + FADE]
        self._marks.append(Mark(cell, left, right, now, until))
        for parent, colour in zip(parents, (MOTHER, FATHER), strict=False):
            self._marks.append(Mark(parent, colour, colour, now, until, thin=True))

    def change(self, cell: int, portrait: np.ndarray, now: float) -> None:
        """Somebody else hangs there from now on."""
        shown = self._cells[cell]
        shown.before, shown.now, shown.since, shown.drawn = shown.now, self._fitted(portrait), now, None
        self._portraits[cell] = portrait

    def relaid(self, layout: Layout) -> "Wall":
        """The same creatures on a wall of another shape."""
        return Wall(layout, self._portraits, self.dim)

    def picture(self, now: float) -> np.ndarray:
        """uint8 (H, W, 3): a new array wherever something new is to be seen, or else the same as before."""
        return self._above.over(self._composed_cells(now), now)

    def pictures(self, moment: float, now: float) -> tuple[np.ndarray, np.ndarray]:
        """The same, and without what stands in the middle; one array where nothing does.

        `moment` is that of the cells, which may stand still; what stands in the middle comes and goes at `now`.
        """
        canvas = self._composed_cells(moment)
        return self._above.over(canvas, now), canvas

    def lay(self, image: np.ndarray | None, now: float) -> None:
        """Put this in the middle, uint8 (h, w, 3) as large as `middle`; None: nothing stands there any more."""
        self._above.lay(image, now)

    def clear(self) -> None:
        """Nothing stands in the middle any more, at once."""
        self._above = Above(self.layout)

    @property
    def middle(self) -> tuple[int, int]:
        """Width and height in pixels of what may stand in the middle."""
        return self._above.size

    def _composed_cells(self, now: float) -> np.ndarray:
        canvas = self._canvas
        for number, cell in enumerate(self._cells):
            wanted = self._wanted(number, cell, now)
            if wanted != cell.drawn:
                cell.drawn = wanted
                box, patch = self.layout.boxed(number), self._composed(cell, *wanted)
                if np.array_equal(canvas[box], patch):
                    continue
                if canvas is self._canvas:
                    canvas = canvas.copy()  # what was shown is not changed afterwards
                canvas[box] = patch
        self._canvas = canvas
        return canvas

    def _wanted(self, number: int, cell: Cell, now: float) -> tuple:
        """How far it has changed, how bright it is, and its rings, in STEPS."""
        marks = [mark for mark in self._marks if mark.cell == number]
        rings = tuple((mark.left, mark.right, mark.thin, round(STEPS * mark.strength(now))) for mark in marks)
        light = self.dim + (1 - self.dim) * max([strength / STEPS for *_, strength in rings], default=0.0)
        age = now - cell.since
        if age >= RISE:
            cell.before = cell.now  # who has gone is kept nowhere
        sunk, risen = eased(age / SINK), eased(age / RISE)
        return round(STEPS * sunk), round(STEPS * risen), round(STEPS * light), rings

    def _composed(self, cell: Cell, sunk: int, risen: int, light: int, rings: tuple) -> np.ndarray:
        """uint8 (side, side, 3)."""
        body = cell.now
        if risen < STEPS:
            opened = _level((risen / STEPS * (1 + IRIS) - self._radius) / IRIS)
            body = cv2.blendLinear(cell.now, cell.before, opened, 1 - opened)
            shown = self._outline * (opened + (1 - opened) * (1 - sunk / STEPS)) * (light / STEPS)
        else:
            shown = self._outline * (light / STEPS)
        patch = cv2.blendLinear(body, self._bare, shown, 1 - shown)
        for left, right, thin, strength in rings:
            if strength:
                self._lay_ring(patch, left, right, self._rings[thin] * (strength / STEPS))
        return patch

    def _lay_ring(self, patch: np.ndarray, left: tuple, right: tuple, shown: np.ndarray) -> None:
        colour = np.empty_like(patch)
        colour[:, : self.layout.side // 2], colour[:, self.layout.side // 2 :] = left, right
        patch[:] = cv2.blendLinear(colour, patch, shown, 1 - shown)

    def _ring(self, width: float) -> np.ndarray:
        """float32 (side, side): how much of a ring, of this share of the side, lies on each pixel."""
        middle = 1 + (1 - BODY) * 0.5 / BODY  # half way between the body and the edge of its cell
        return np.exp(-(((self._radius - middle) / (width / BODY)) ** 2)).astype(np.float32)

    def _fitted(self, portrait: np.ndarray) -> np.ndarray:
        """uint8 (H, H, 3) -> uint8 (side, side, 3), the body in the middle."""
        smaller = len(portrait) > self._body
        body = cv2.resize(portrait, (self._body,) * 2, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
        before = (self.layout.side - self._body) // 2
        after = self.layout.side - self._body - before
        return cv2.copyMakeBorder(body, before, after, before, after, cv2.BORDER_REPLICATE)


class Above:
    """Something in the middle of the wall, over the cells, which live on below it."""

    def __init__(self, layout: Layout) -> None:
        wide, high = layout.wall
        width = round(min(wide * MIDDLE[wide < high], high / FLAT))
        height = round(width * FLAT)
        self.size = width, height
        left, top = (layout.wall[0] - width) // 2, (layout.wall[1] - height) // 2
        self._box = slice(top, top + height), slice(left, left + width)
        self._image: np.ndarray | None = None  # what is to be seen there, also while it goes
        self._there, self._since, self._from = False, -math.inf, 0.0
        self._shown: tuple = ()
        self._picture: np.ndarray | None = None

    def lay(self, image: np.ndarray | None, now: float) -> None:
        if (image is not None) != self._there:
            self._there, self._since, self._from = image is not None, now, self._strength(now)
        if image is not None:
            self._image = image

    def over(self, canvas: np.ndarray, now: float) -> np.ndarray:
        """The canvas with it; the canvas itself while nothing stands there."""
        strength = round(STEPS * eased(self._strength(now)))
        if strength == 0:
            self._image = self._image if self._there else None
            self._shown, self._picture = (), None
            return canvas
        wanted = canvas, self._image, strength
        if len(self._shown) != 3 or any(one is not other for one, other in zip(wanted, self._shown, strict=True)):
            picture, share = canvas.copy(), strength / STEPS
            if strength == STEPS:
                picture[self._box] = self._image
            else:
                picture[self._box] = cv2.addWeighted(self._image, share, canvas[self._box], 1 - share, 0)
            if self._picture is None or cv2.norm(picture, self._picture, cv2.NORM_INF):  # what changed may be hidden
                self._picture = picture
            self._shown = wanted
        return self._picture

    def _strength(self, now: float) -> float:
        way = (now - self._since) / SINKING
        return min(1.0, self._from + way) if self._there else max(0.0, self._from - way)


def eased(level: float) -> float:
    """0 to 1, without a jolt at either end."""
    level = min(1.0, max(0.0, level))
    return level * level * (3 - 2 * level)


def _radii(side: int, body: int) -> np.ndarray:
    """float32 (side, side): 0 in the middle of the cell, 1 on the outline of the body."""
    away = np.abs(np.arange(side) - (side - 1) / 2) / (body / 2)
    return ((away[:, None] ** SQUARE + away[None, :] ** SQUARE) ** (1 / SQUARE)).astype(np.float32)


def _level(values: np.ndarray) -> np.ndarray:
    return np.clip(values, 0, 1).astype(np.float32)
