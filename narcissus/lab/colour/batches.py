"""What one step of the training sees. A batch is drawn by (seed, step) alone: whoever resumes sees the same."""

from dataclasses import dataclass

import cv2
import numpy as np

from narcissus.lab.colour.ageing import aged
from narcissus.lab.colour.piles import Pile
from narcissus.networks.colour.network import FOLD
from narcissus.networks.colour.slices import SLICES

BATCH = 24
ASKED_FOR_ALL = 0.5  # share of the pictures shown as the whole pile's; the other slices share the rest evenly
PORTRAITS_OF_ALL = 0.65  # of the pictures shown as the whole pile's; counted one by one it would be 0.93
SMALLEST_REGION = {True: 0.7, False: 0.35}  # share of the short side that a crop shows: of portraits, of photographs


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    lightness: np.ndarray  # float32 (B, S, S, 1), 0 to 100, aged
    slice: np.ndarray  # float32 (B, 8), one-hot
    ab: np.ndarray  # float32 (B, S/2, S/2, 2): the true colours


def batch(pile: Pile, seed: int, step: int, side: int, size: int = BATCH) -> Batch:
    """`size` new views of pictures of the pile, each under a slice that it belongs to."""
    rng = np.random.default_rng((seed, step))
    names = [_slice(pile, rng) for _ in range(size)]
    views = [view(_picture(pile, name, rng), side, rng) for name in names]
    lightness = np.stack([light for light, _ in views])[..., None]
    return Batch(lightness, one_hot(names), np.stack([ab for _, ab in views]))


def one_hot(names: list[str]) -> np.ndarray:
    """float32 (B, 8)"""
    return np.eye(len(SLICES), dtype=np.float32)[[SLICES.index(name) for name in names]]


def view(picture: tuple[np.ndarray, bool], side: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A square region of a picture (and whether it is a portrait) -> aged L* (side, side), true ab (side/2, side/2, 2).

    Mirrored as often as not.
    """
    image, portrait = picture
    height, width = image.shape[:2]
    region = int(rng.uniform(SMALLEST_REGION[portrait], 1.0) * min(height, width))
    top, left = rng.integers(0, height - region + 1), rng.integers(0, width - region + 1)
    crop = image[top : top + region, left : left + region]
    crop = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA if side < region else cv2.INTER_LINEAR)
    if rng.random() < 0.5:
        crop = cv2.flip(crop, 1)
    return aged(crop, rng), true_ab(crop)


def true_ab(crop: np.ndarray) -> np.ndarray:
    """uint8 (S, S, 3) sRGB -> float32 (S/2, S/2, 2): CIE a and b at the network's resolution."""
    size = crop.shape[1] // FOLD, crop.shape[0] // FOLD
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return cv2.cvtColor(small, cv2.COLOR_RGB2LAB)[..., 1:]


def _slice(pile: Pile, rng: np.random.Generator) -> str:
    others = [name for name in SLICES if name in pile.slices and name != "all"]
    return "all" if rng.random() < ASKED_FOR_ALL or not others else others[rng.integers(len(others))]


def _picture(pile: Pile, name: str, rng: np.random.Generator) -> tuple[np.ndarray, bool]:
    portraits = pile.slices.get("faces", ())
    if name == "all" and len(portraits) and "world" in pile.slices:
        name = "faces" if rng.random() < PORTRAITS_OF_ALL else "world"
    rows = pile.slices[name]
    row = rows[rng.integers(len(rows))]
    return pile.pictures[row], row < len(portraits)
