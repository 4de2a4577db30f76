"""How a reflection sits on a wall: where and how large, how it is enlarged, and how its edges and surface look."""

from dataclasses import dataclass

import cv2
import numpy as np
import pygame

from narcissus.core.sections import Framing
from narcissus.sinks.enlarge import FINE, PLAIN, enlarge, plain
from narcissus.sinks.grain import Grain

AUTO_GRAIN = 0.25
CLEAR = 0.5  # of the way from the middle to the edge: so far a vignette leaves the picture alone


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture stands on a wall, in the wall's pixels; it may stand out over the wall's edges."""

    left: int
    top: int
    width: int
    height: int
    wall: tuple[int, int]  # width and height

    @property
    def seen(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom, in the wall's pixels, of the part that lies on the wall."""
        right, bottom = self.left + self.width, self.top + self.height
        return max(0, self.left), max(0, self.top), min(right, self.wall[0]), min(bottom, self.wall[1])

    @property
    def covers(self) -> bool:
        """Whether nothing of the wall is left around it."""
        return self.seen == (0, 0, *self.wall)


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a smaller picture that is seen on the wall, in whole pixels of it, and where it comes to lie."""

    rows: slice
    columns: slice
    left: int  # in the wall's pixels, as much as a pixel of the smaller picture over its edge
    top: int
    size: tuple[int, int]  # width and height on the wall


def part(place: Place, shape: tuple[int, int]) -> Part:
    """What of a picture of this (height, width) is seen at `place`."""
    left, top, right, bottom = place.seen
    columns, across = _cut(left, right, place.left, place.width, shape[1])
    rows, down = _cut(top, bottom, place.top, place.height, shape[0])
    return Part(rows, columns, across[0], down[0], (across[1] - across[0], down[1] - down[0]))


def _cut(first: int, last: int, start: int, length: int, count: int) -> tuple[slice, tuple[int, int]]:
    """Along one direction: `count` pixels stand on `length` of the wall's from `start` on, seen from `first` to `last`.

    Returns those that are seen, one more on either side where there is one, and where they begin and end on the wall.
    """
    each = length / count
    begin, end = max(0, int((first - start) // each) - 1), min(count, -int((start - last) // each) + 1)
    return slice(begin, end), (round(start + begin * each), round(start + end * each))


def placed(shape: tuple[int, int], wall: tuple[int, int], framing: Framing, rotation: int) -> Place:
    """Where a picture, `shape` (height, width) and turned already, stands on a wall of this width and height."""
    across, down = wall
    room = across / shape[1], down / shape[0]
    scale = (min(room) if framing.fit == "whole" else max(room)) * framing.zoom
    width, height = max(1, round(shape[1] * scale)), max(1, round(shape[0] * scale))
    upper = framing.centre
    beside, above = {0: (0.5, upper), 90: (1 - upper, 0.5), 180: (0.5, 1 - upper), 270: (upper, 0.5)}[rotation]
    return Place(int((across - width) * beside // 1), int((down - height) * above // 1), width, height, wall)


def colour(written: str) -> tuple[int, int, int]:
    """#rrggbb as RGB."""
    red, green, blue = bytes.fromhex(written.removeprefix("#"))
    return red, green, blue


class Framer:
    """Frames reflections for one display. What depends on sizes and settings alone is reckoned once."""

    def __init__(self, framing: Framing, rotation: int = 0, mirrored: bool = False) -> None:
        self.framing, self.rotation, self.mirrored = framing, rotation, mirrored
        self._background = colour(framing.background)
        self._grain = Grain()
        self._shape: tuple[int, ...] | None = None
        self._place: Place | None = None  # None: to be reckoned when the next picture comes

    def tune(self, framing: Framing, rotation: int, mirrored: bool) -> None:
        if (framing, rotation, mirrored) == (self.framing, self.rotation, self.mirrored):
            return
        self.framing, self.rotation, self.mirrored = framing, rotation, mirrored
        self._background = colour(framing.background)
        self._place = None

    def draw(self, surface: pygame.Surface, image: np.ndarray, now: float) -> None:
        """Draw uint8 (H, W, 3) RGB on the surface of a display. Where nobody is shown, it is black. `now` moves the
        grain."""
        if not image[::8, ::8].any() and not image.any():
            surface.fill((0, 0, 0))
            return
        pixels, part = self._framed(image, surface.get_size(), now)
        if not self._place.covers:
            surface.fill(self._background)
        reflection = pygame.image.frombuffer(pixels, part.size, "BGRA")
        reflection.set_alpha(None)
        surface.blit(reflection, (part.left, part.top))

    def _framed(self, image: np.ndarray, wall: tuple[int, int], now: float) -> tuple[np.ndarray, Part]:
        """What is seen of a picture on a wall of this width and height, uint8 (height, width, 4) BGRA."""
        if self.mirrored:
            image = image[:, ::-1]
        image = np.ascontiguousarray(np.rot90(image, -self.rotation // 90))
        if self._place is None or (image.shape, wall) != (self._shape, self._place.wall):
            self._measure(image.shape, wall)
        fine = self._enlarge(image, self._size)[self._part.rows, self._part.columns]
        if self._kept is not None and self._strength == 0:
            fine = self._shaded(fine)
        # From here on linearly: the care has left nothing that a finer way would keep.
        pixels = cv2.resize(cv2.cvtColor(fine, cv2.COLOR_RGB2BGRA), self._part.size, interpolation=self._spreading)
        if self._strength > 0:
            pixels = self._grain.over(pixels, self._strength, now)
            if self._kept is not None:  # over the grain, whose edge would be seen where the picture's is gone
                pixels = self._shaded(pixels)
        return pixels, self._part

    def _shaded(self, pixels: np.ndarray) -> np.ndarray:
        kept = cv2.multiply(pixels, self._kept, scale=1 / 255)
        return cv2.add(kept, self._sunk) if any(self._background) else kept

    def _measure(self, shape: tuple[int, ...], wall: tuple[int, int]) -> None:
        framing, (height, width) = self.framing, shape[:2]
        self._shape, self._place = shape, placed((height, width), wall, framing, self.rotation)
        enlarged = self._place.height / height
        as_it_is = framing.filter == "pixels" and enlarged >= 1
        self._size = height if as_it_is else min(self._place.height, max(FINE, height))
        self._spreading = cv2.INTER_NEAREST if as_it_is else cv2.INTER_LINEAR
        self._enlarge = enlarge if framing.filter == "soft" else plain
        self._part = part(self._place, (self._size, max(1, round(self._size * width / height))))
        automatic = AUTO_GRAIN if framing.filter == "soft" and enlarged > PLAIN else 0.0
        self._strength = automatic if framing.grain == "auto" else framing.grain
        self._kept = self._sunk = None
        if framing.vignette > 0:
            self._kept, self._sunk = self._vignette()

    def _vignette(self) -> tuple[np.ndarray, np.ndarray]:
        """What is kept of the part that is seen and what the background adds, each uint8 (height, width, 3 or 4).

        In the smaller picture's pixels, RGB; in the wall's, BGRA, where there is grain.
        """
        left, top, right, bottom = self._place.seen
        across, down = wide, high = self._part.size
        if self._strength == 0:
            high, wide = (cut.stop - cut.start for cut in (self._part.rows, self._part.columns))
        x = (np.arange(wide, dtype=np.float32) + 0.5) * across / wide + self._part.left  # (wide,), in the wall's pixels
        y = (np.arange(high, dtype=np.float32) + 0.5) * down / high + self._part.top  # (high,)
        x = (2 * x - left - right) / (right - left)  # -1 to 1 on the wall
        y = (2 * y - top - bottom) / (bottom - top)
        far = np.clip((cv2.sqrt(x * x + (y * y)[:, None]) - CLEAR) / (1 - CLEAR), 0, 1)  # (high, wide)
        kept = 1 - self.framing.vignette * far * far * (3 - 2 * far)
        background = self._background if self._strength == 0 else (*self._background[::-1], 255)
        sunk = cv2.merge([np.rint((1 - kept) * part).astype(np.uint8) for part in background])
        return cv2.merge([np.rint(kept * 255).astype(np.uint8)] * len(background)), sunk
