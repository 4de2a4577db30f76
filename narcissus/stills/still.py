"""A photograph coloured, whatever its size: looked at small, painted strip by strip at full size."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

from narcissus.networks.colour.colourist import Colourist
from narcissus.networks.colour.picture import GUIDE_SIDE, chroma, guide, painted, spread
from narcissus.people.models import detect, grey, predict
from narcissus.people.portrait import find_portrait
from narcissus.stills import png
from narcissus.stills.in_turn import WORKERS, in_turn
from narcissus.stills.photograph import Photograph

SEARCHED = 1024  # pixels of the longer side that faces are looked for in: a face of a twelfth of it is found
PORTRAIT = 400  # pixels; in a smaller picture the one face there may be is looked for enlarged
STRIP = 1 << 19  # pixels painted at a time: 20 MB of numbers, whatever the photograph's size
NO_COLOUR = np.zeros((1, 1, 4), np.float32)  # chroma that follows nothing

Find = Callable[[np.ndarray], list[np.ndarray]]  # uint8 (H, W, 3) RGB -> landmarks (68, 2) of each face


@dataclass(frozen=True, slots=True)
class Wish:
    """How a photograph is to be coloured."""

    pile: str = "all"  # a slice's name
    temperature: float | None = None  # None: the network's own
    strength: float = 1.0  # 0 is grey, 1 as assumed


def find_faces(image: np.ndarray) -> list[np.ndarray]:
    """The landmarks float32 (68, 2) of every face in uint8 (H, W, 3) RGB, in its pixels."""
    if max(image.shape[:2]) < PORTRAIT:
        face = find_portrait(image)
        return [] if face is None else [face.landmarks]
    small = np.ascontiguousarray(grey(image))
    return [predict(small, box).astype(np.float32) for box, _ in detect(small)]


class Painting:
    """A photograph, and the colours that are assumed of it, fitted and ready to be painted at full size."""

    def __init__(self, photograph: Photograph, colourist: Colourist, wish: Wish, find: Find = find_faces) -> None:
        """Raises ValueError where the wish makes no sense."""
        self.photograph, self.strength = photograph, wish.strength
        small = _small(photograph.pixels)
        light = guide(lightness(small), GUIDE_SIDE)
        scale = light.shape[0] / small.shape[0]
        faces = [(landmarks + 0.5) * scale - 0.5 for landmarks in find(small)]
        self.functions = spread(light, chroma(colourist, light, faces, wish.pile, wish.temperature))

    def rows(self, top: int, bottom: int) -> np.ndarray:
        """These rows in assumed colours, of the photograph's own type: (bottom - top, W, 3), or 4 with its alpha."""
        pixels = self.photograph.pixels
        light = lightness(pixels[top:bottom])
        colour = painted(light, self.functions, top, len(pixels), self.strength)
        most = np.iinfo(pixels.dtype).max
        colour = cv2.convertScaleAbs(colour, alpha=255) if most == 255 else np.rint(colour * most).astype(np.uint16)
        alpha = self.photograph.alpha
        return colour if alpha is None else np.dstack([colour, alpha[top:bottom]])

    def write(self, file) -> None:
        """The PNG, with what the photograph's file said of it."""
        with ThreadPoolExecutor(WORKERS) as pool:
            png.write(file, self.photograph, in_turn(pool, self._strip, self._spans()))

    def _strip(self, span: tuple[int, int]) -> tuple[bytes, bytes]:
        return png.strip_of(self.rows(*span), last=span[1] == len(self.photograph.pixels))

    def _spans(self) -> list[tuple[int, int]]:
        height, width = self.photograph.shape
        step = max(1, STRIP // width)
        return [(top, min(top + step, height)) for top in range(0, height, step)]


def compared(painting: Painting, height: int) -> bytes:
    """A PNG, uint8: the photograph as it is, without its colours, and as assumed, side by side."""
    given = _lowered(painting.photograph.pixels, height)
    light = lightness(given)
    both = (NO_COLOUR, painting.functions)
    views = [painted(light, functions, 0, len(light), painting.strength) for functions in both]
    given = given if given.dtype == np.uint8 else (given >> 8).astype(np.uint8)
    sheet = np.hstack([given, *(cv2.convertScaleAbs(view, alpha=255) for view in views)])
    return cv2.imencode(".png", cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))[1].tobytes()


def lightness(pixels: np.ndarray) -> np.ndarray:
    """uint8 or uint16 (h, W, 3) sRGB -> L*, float32 (h, W)."""
    scaled = pixels.astype(np.float32) / np.iinfo(pixels.dtype).max
    return np.ascontiguousarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB)[..., 0])


def _small(pixels: np.ndarray) -> np.ndarray:
    """uint8 (h, w, 3), its longer side at most SEARCHED."""
    scale = SEARCHED / max(pixels.shape[:2])
    if scale < 1:
        size = tuple(max(1, round(side * scale)) for side in pixels.shape[1::-1])
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)


def _lowered(pixels: np.ndarray, height: int) -> np.ndarray:
    """At most `height` pixels high."""
    if len(pixels) <= height:
        return np.ascontiguousarray(pixels)
    width = max(1, round(pixels.shape[1] * height / len(pixels)))
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
