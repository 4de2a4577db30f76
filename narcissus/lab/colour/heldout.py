"""Pictures that nothing was trained or chosen on, coloured by the configuration that ships."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from narcissus.lab.attributes import portraits
from narcissus.lab.colour import piles
from narcissus.networks.colour.colourist import Colourist
from narcissus.networks.colour.emulsion import exposed
from narcissus.networks.colour.picture import chroma, guide, painted, spread

PLACES = 64  # along each side of what is measured


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Pictures in colour, square, and their landmarks (None for photographs without faces)."""

    pictures: list[np.ndarray]  # uint8 (S, S, 3) RGB
    landmarks: list[np.ndarray | None]  # float32 (68, 2), pixels
    colour_portraits: piles.ColourPortraits | None  # labels and skin of portraits

    def __len__(self) -> int:
        return len(self.pictures)

    def truth(self) -> np.ndarray:
        """float32 (n, 64, 64, 3) Lab"""
        return np.stack([lab_of(picture) for picture in self.pictures])


def people(faces: Path, count: int, seed: int = 0) -> HeldOut:
    """`count` of the held-out portraits in colour, drawn by the seed. Raises SourceMissing, SourceError."""
    colour_portraits = piles.in_colour(portraits.read(faces, slice(-portraits.HELD_OUT, None)))
    rows = np.sort(np.random.default_rng(seed).permutation(len(colour_portraits))[:count])
    chosen = colour_portraits[rows]
    return HeldOut(list(chosen.faces.images), list(chosen.faces.landmarks), chosen)


def world(places: Iterable[Path]) -> HeldOut:
    """The middles of the held-out photographs."""
    held_out = [picture for place in places for picture in piles.split(piles.photographs(place))[2]]
    return HeldOut([_middle(picture) for picture in held_out], [None] * len(held_out), None)


def coloured(
    held_out: HeldOut, colourist: Colourist, pile: str = "all", temperature: float | None = None
) -> list[np.ndarray]:
    """Each picture uint8 (S, S, 3), drained and coloured as a file would be."""
    return [
        one(picture, landmarks, colourist, pile, temperature)
        for picture, landmarks in zip(held_out.pictures, held_out.landmarks, strict=True)
    ]


def one(
    picture: np.ndarray, landmarks: np.ndarray | None, colourist: Colourist, pile: str, temperature: float | None
) -> np.ndarray:
    """uint8 (H, W, 3) -> the same in assumed colours."""
    light = exposed(picture)
    small = guide(light)
    scale = small.shape[0] / light.shape[0]
    faces = [] if landmarks is None else [(landmarks + 0.5) * scale - 0.5]
    functions = spread(small, chroma(colourist, small, faces, pile, temperature))
    return cv2.convertScaleAbs(painted(light, functions, 0, len(light)), alpha=255)


def lab_of(picture: np.ndarray) -> np.ndarray:
    """uint8 (S, S, 3) RGB -> float32 (64, 64, 3) Lab"""
    small = cv2.resize(picture, (PLACES, PLACES), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return cv2.cvtColor(small, cv2.COLOR_RGB2LAB)


def _middle(picture: np.ndarray) -> np.ndarray:
    side = min(picture.shape[:2])
    top, left = ((length - side) // 2 for length in picture.shape[:2])
    return np.ascontiguousarray(picture[top : top + side, left : left + side])
