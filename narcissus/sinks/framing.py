"""How a reflection sits on a wall: where and how large, how it is enlarged, and how its edges and surface look."""

import cv2
import numpy as np
import pygame

from narcissus.core.sections import Framing
from narcissus.sinks.enlarge import FINE, SOFT_FROM, cubic, enlarge
from narcissus.sinks.grain import Grain
from narcissus.sinks.place import Place, part, placed
from narcissus.sinks.surroundings import Surroundings
from narcissus.sinks.vignette import into_the_dark, to_its_own_edges, to_the_edge

AUTO_GRAIN = 0.25
BGR = 0xFF0000, 0xFF00, 0xFF  # where a surface keeps red, green and blue, if its bytes are in this order
STEPS = 32  # from a wall of its own to one that is shared: at each, what depends on that is reckoned anew


def colour(written: str) -> tuple[int, int, int]:
    """#rrggbb as RGB."""
    red, green, blue = bytes.fromhex(written.removeprefix("#"))
    return red, green, blue


def own_pixels(surface: pygame.Surface) -> np.ndarray | None:
    """A surface's own memory, uint8 (H, W, 4) BGRA, locked while it is kept; None where it is laid out otherwise."""
    if surface.get_bytesize() != 4 or surface.get_masks()[:3] != BGR:
        return None
    rows = pygame.surfarray.pixels2d(surface).T  # uint32 (H, W)
    return rows.view(np.uint8).reshape(*rows.shape, 4)


class Framer:
    """Frames reflections for one display. What depends on sizes and settings alone is reckoned once."""

    def __init__(self, framing: Framing, rotation: int = 0, mirrored: bool = False) -> None:
        self.framing, self.rotation, self.mirrored = framing, rotation, mirrored
        self._grain = Grain()
        self._forget()

    def _forget(self) -> None:
        self._background = colour(self.framing.background)
        self._shape: tuple[int, ...] | None = None
        self._shared = 0.0
        self._place: Place | None = None  # None: to be reckoned when the next picture comes

    def tune(self, framing: Framing, rotation: int, mirrored: bool) -> None:
        if (framing, rotation, mirrored) == (self.framing, self.rotation, self.mirrored):
            return
        self.framing, self.rotation, self.mirrored = framing, rotation, mirrored
        self._forget()

    @property
    def place(self) -> Place | None:
        """Where the last picture stands on its surface."""
        return self._place

    def draw(self, surface: pygame.Surface, image: np.ndarray, now: float, shared: float = 0.0) -> None:
        """Draw uint8 (H, W, 3) RGB on the surface of a display, or on a part of it. Where nobody is shown, it is black.

        `now` moves the grain. `shared`, 0 to 1: whether it is one of several, which end softly at their own edges.
        """
        if not image[::8, ::8].any() and not image.any():
            surface.fill((0, 0, 0))
            return
        pixels = self._framed(image, surface.get_size(), round(shared * STEPS) / STEPS)
        if self._covers and self._strength > 0 and (own := own_pixels(surface)) is not None:
            self._grain.over(pixels[self._seen], self._strength, now, own)  # a blit would move it all once more
            return
        if not self._covers:
            surface.fill(self._background)
        self._finish(pixels[self._seen], now)
        reflection = pygame.image.frombuffer(pixels, self._part.size, "BGRA")
        reflection.set_alpha(None)
        surface.blit(reflection, (self._part.left, self._part.top))

    def _finish(self, seen: np.ndarray, now: float) -> None:
        """Change the wall's pixels: the grain, and over it the vignette if that comes late."""
        if self._strength > 0:
            self._grain.over(seen, self._strength, now)
        if self._kept is not None and self._late:
            seen[:] = self._shaded(seen)

    def _framed(self, image: np.ndarray, wall: tuple[int, int], shared: float) -> np.ndarray:
        """A picture on a wall of this width and height, uint8 (height, width, 4) BGRA of `_part`, without its grain."""
        if self.mirrored:
            image = image[:, ::-1]
        image = np.ascontiguousarray(np.rot90(image, -self.rotation // 90))
        place = placed(image.shape[:2], wall, self.framing, self.rotation)
        if (image.shape, place, shared) != (self._shape, self._place, self._shared):
            self._measure(image.shape, place, shared)
        fine = self._enlarge(image, self._size)[self._cut]
        if self._around is not None:
            fine = self._around.around(fine)
        if self._kept is not None and not self._late:
            fine = self._shaded(fine)
        if self._strength > 0:
            fine = self._grain.lifted(fine, self._strength)
        bgra = cv2.cvtColor(fine, cv2.COLOR_RGB2BGRA)
        cv2.resize(bgra, self._part.size, dst=self._pixels, interpolation=self._spreading)
        return self._pixels

    def _shaded(self, pixels: np.ndarray) -> np.ndarray:
        kept = cv2.multiply(pixels, self._kept, scale=1 / 255)
        return cv2.add(kept, self._sunk) if any(self._background) else kept

    def _measure(self, shape: tuple[int, ...], place: Place, shared: float) -> None:
        framing, (height, width) = self.framing, shape[:2]
        self._shape, self._place, self._shared = shape, place, shared
        enlarged = place.height / height
        as_it_is = framing.filter == "pixels" and enlarged >= 1
        self._size = height if as_it_is else min(place.height, max(FINE, height))
        self._spreading = cv2.INTER_NEAREST if as_it_is else cv2.INTER_CUBIC
        self._enlarge = enlarge if framing.filter == "soft" else cubic
        self._lay((self._size, max(1, round(self._size * width / height))))
        automatic = AUTO_GRAIN if framing.filter == "soft" and enlarged > SOFT_FROM else 0.0
        self._strength = automatic if framing.grain == "auto" else framing.grain
        # Over the grain, where its edge would be seen: where the picture's own is gone and the wall has a colour.
        self._late = self._strength > 0 and any(self._background) and not self._covers
        self._shade()

    def _lay(self, fine: tuple[int, int]) -> None:
        """Which part of the enlarged picture, of this (height, width), is seen, and what lies around it."""
        place, cut = self._place, part(self._place, fine)
        self._cut, self._around = (cut.rows, cut.columns), None
        self._fine = cut.columns.stop - cut.columns.start, cut.rows.stop - cut.rows.start  # width and height
        if self.framing.fit == "auto" and not place.covers:
            self._around = Surroundings.of(cut, self._fine[::-1], place.wall)
            cut, self._fine = self._around.laid(cut), self._around.size
        self._part, self._covers = cut, place.covers or self._around is not None
        left, top, right, bottom = (0, 0, *place.wall) if self._covers else place.seen
        self._seen = slice(top - cut.top, bottom - cut.top), slice(left - cut.left, right - cut.left)
        self._pixels = np.empty((cut.size[1], cut.size[0], 4), np.uint8)

    def _shade(self) -> None:
        """What the vignette keeps of each pixel and what the background adds, RGB, or BGRA of what is seen if late."""
        composed = self._around is not None
        automatic = float(composed or self._shared > 0)
        strength = automatic if self.framing.vignette == "auto" else self.framing.vignette
        self._kept = self._sunk = None
        if strength == 0:
            return
        far = self._far(*self._centres(), composed)
        kept = 1 - strength * far
        colours = (*self._background[::-1], 255) if self._late else self._background
        self._kept = cv2.merge([np.rint(kept * 255).astype(np.uint8)] * len(colours))
        self._sunk = cv2.merge([np.rint((1 - kept) * part).astype(np.uint8) for part in colours])

    def _far(self, x: np.ndarray, y: np.ndarray, composed: bool) -> np.ndarray:
        """How far it is into the dark: float32 (h, w)."""
        place, plain = self._place, self.framing.fit != "auto"
        alone = to_the_edge(place, x, y) if plain or not (composed or self._shared) else into_the_dark(place, x, y)
        if self._shared == 0 or (plain and self.framing.vignette != "auto"):
            return alone
        # What shares a wall begins with what it had: the dark of its surroundings, if it had any, and none without.
        before = 1.0 if composed else min(1.0, 4 * self._shared) * (not plain)
        own = to_its_own_edges(place, x, y, self._covers)
        return self._shared * own + (1 - self._shared) * before * alone

    def _centres(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the pixels that are shaded lie on the wall: of the picture before it is spread, or of the wall."""
        if self._late:
            left, top, right, bottom = self._place.seen
            return np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5
        wide, high = self._fine
        x = (np.arange(wide) + 0.5) * (self._part.size[0] / wide) + self._part.left
        return x, (np.arange(high) + 0.5) * (self._part.size[1] / high) + self._part.top
