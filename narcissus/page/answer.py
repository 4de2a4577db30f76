"""A picture's bytes -> how its chroma follows its lightness under every slice of the pile, and how surely.

Chroma is a linear function of lightness at every place (networks/colour/picture.py), so a coarse grid of such functions
is all that the browser needs to paint its own picture at any size. The answer is

    uint32                        length of the JSON that follows
    JSON, UTF-8                   temperature, its default and range, slices, grid, faces, palettes; padded with spaces
    int16 (slices, h, w, 4)       slope of a, slope of b (times SLOPES), a and b at L* 50 (times CHROMA)

with little-endian numbers, each part starting at a multiple of four bytes.
"""

import json
import struct
from collections.abc import Callable

import cv2
import numpy as np

from narcissus.networks.colour.colourist import TEMPERATURES, Assumed, Colourist, checked
from narcissus.networks.colour.faces import LOOSE, TIGHT, alignment_of
from narcissus.networks.colour.palette import Likely, likeliest, palettes, shares
from narcissus.networks.colour.picture import chroma, guide, spread
from narcissus.networks.colour.slices import SLICES
from narcissus.stills.photograph import read_photograph
from narcissus.stills.still import find_faces, lightness

SEEN = 768  # pixels of the longer side that faces are looked for in; the page sends no more
GRID = 128  # functions along the longer side
SLOPES, CHROMA = 8192, 128  # steps in one unit of a slope, and of a or b
MIDDLE = 50.0  # L*
CHROMA_SCALE = 0.5  # pixels of chroma to one of lightness
WHOLE = "picture"  # the palette's only region where there is no face


class Overheard:
    """A colourist whose answers are kept: the palette needs the logits that `chroma` does not return."""

    def __init__(self, colourist: Colourist) -> None:
        self._colourist = colourist
        self.answers: list[Assumed] = []  # of the whole picture; then, where there are any, of the faces' crops

    def assume(self, lightness: np.ndarray, pile: str, temperature: float | None) -> Assumed:
        self.answers.append(self._colourist.assume(lightness, pile, temperature))
        return self.answers[-1]


class Answerer:
    """Answers one picture at a time, keeping nothing of it."""

    def __init__(self, colourist: Colourist, find: Callable[[np.ndarray], list[np.ndarray]] = find_faces) -> None:
        self._colourist, self._find = colourist, find

    def __call__(self, data: bytes, temperature: float | None = None) -> bytes:
        """Raises SourceError for what cannot be decoded, ValueError for a temperature that makes no sense."""
        warmth = checked(self._colourist.temperature if temperature is None else temperature)
        small = reduced(read_photograph(data, "the picture").pixels)
        light = guide(lightness(small))
        scale = light.shape[0] / small.shape[0]
        faces = [(landmarks + 0.5) * scale - 0.5 for landmarks in self._find(small)]
        grids, found = [], {}
        for pile in SLICES:
            heard = Overheard(self._colourist)
            grids.append(packed(spread(light, chroma(heard, light, faces, pile, warmth))))
            found[pile] = self._palette(heard.answers, light.shape, faces)
        return self._written(np.stack(grids), warmth, len(faces), found)

    def _palette(self, answers: list[Assumed], shape: tuple[int, int], faces: list[np.ndarray]) -> dict:
        """Region -> [[a, b, probability], …] of the nearest face: from its tightest crop that shows the region."""
        centres, world = self._colourist.centres, answers[0].logits[0]
        if not faces:
            everywhere = np.ones(world.shape[:2], bool)
            return {WHOLE: listed(likeliest(shares(world, everywhere), centres))}
        nearest = min(faces, key=lambda landmarks: abs(alignment_of(landmarks).turn))
        in_world = (nearest + 0.5) * (np.array(world.shape[1::-1]) / shape[::-1]) - 0.5
        found = palettes(world, in_world, centres)
        for room, crop in zip((LOOSE, TIGHT), answers[1].logits[-2:], strict=True):  # the nearest face is laid in last
            found |= palettes(crop, in_crop(nearest, room), centres)
        return {region: listed(colours) for region, colours in found.items()}

    def _written(self, grids: np.ndarray, temperature: float, faces: int, palettes: dict) -> bytes:
        head = {
            "temperature": temperature,
            "default": self._colourist.temperature,
            "temperatures": TEMPERATURES,
            "slices": SLICES,
            "grid": grids.shape[2:0:-1],  # width, height
            "steps": [SLOPES, CHROMA],
            "faces": faces,
            "palettes": palettes,
        }
        words = json.dumps(head).encode()
        words += b" " * (-len(words) % 4)
        return struct.pack("<I", len(words)) + words + grids.tobytes()


def reduced(pixels: np.ndarray) -> np.ndarray:
    """uint8 or uint16 (H, W, 3) -> uint8, its longer side at most SEEN."""
    scale = SEEN / max(pixels.shape[:2])
    if scale < 1:
        size = tuple(max(1, round(side * scale)) for side in pixels.shape[1::-1])
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)


def packed(functions: np.ndarray) -> np.ndarray:
    """float32 (H, W, 4), a = [0]·L + [2] and b = [1]·L + [3] -> int16 (h, w, 4) as the answer has them."""
    scale = min(1.0, GRID / max(functions.shape[:2]))
    size = tuple(max(1, round(side * scale)) for side in functions.shape[1::-1])
    small = cv2.resize(functions, size, interpolation=cv2.INTER_AREA)
    slopes = small[..., :2] * SLOPES
    middles = (small[..., 2:] + small[..., :2] * MIDDLE) * CHROMA
    return np.clip(np.rint(np.dstack([slopes, middles])), -32768, 32767).astype("<i2")


def in_crop(landmarks: np.ndarray, room: float) -> np.ndarray:
    """The landmarks (68, 2) in pixels of the chroma of their own crop, which has half its size."""
    matrix = alignment_of(landmarks, room).matrix(CHROMA_SCALE)
    return landmarks @ matrix[:, :2].T + matrix[:, 2]


def listed(colours: list[Likely]) -> list[list[float]]:
    return [[round(colour.ab[0], 1), round(colour.ab[1], 1), round(colour.probability, 3)] for colour in colours]
