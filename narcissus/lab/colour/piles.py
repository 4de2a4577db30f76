"""The pile of pictures that the network learns from, sorted into its slices.

Portraits come with labels (a folder laid out as DESIGN's `faces/`), general photographs as any folder or zip of
pictures. A picture without colour teaches nothing about colour and is left out.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from narcissus.core.errors import SourceError
from narcissus.features.colour import patches
from narcissus.lab.attributes import portraits
from narcissus.lab.likeness.skin import skin_of, typology_angle
from narcissus.lab.reading import pictures_in

COLOURLESS = 2.5  # mean chroma: below it a photograph is grey (by eye; sepia prints lie above it and stay)
LARGEST_SIDE = 384  # pixels of the short side; larger photographs are averaged down when they are read
HELD_OUT = 150  # photographs, the last by name: nothing is trained or chosen on them
VALIDATION = 60  # the photographs before those: the temperature is chosen on them


@dataclass(frozen=True, slots=True, eq=False)
class Pile:
    """Pictures, and which of them each slice is made of."""

    pictures: list[np.ndarray]  # uint8 (H, W, 3) RGB each
    slices: dict[str, np.ndarray]  # name -> int rows of `pictures`; an empty slice has no entry


@dataclass(frozen=True, slots=True, eq=False)
class ColourPortraits:
    """Portraits in colour, with what is measured of them."""

    faces: portraits.Portraits
    patches: np.ndarray  # float32 (n, 8, 3) Lab
    ita: np.ndarray  # float32 (n,): degrees, of cheeks and forehead

    def __getitem__(self, rows) -> "ColourPortraits":
        return ColourPortraits(self.faces[rows], self.patches[rows], self.ita[rows])

    def __len__(self) -> int:
        return len(self.ita)


def in_colour(faces: portraits.Portraits) -> ColourPortraits:
    """Those portraits whose skin can be measured: grey ones have no colour to learn."""
    seen = np.stack([patches(image, points) for image, points in zip(faces.images, faces.landmarks, strict=True)])
    ita = typology_angle(skin_of(seen))
    coloured = np.isfinite(ita)
    return ColourPortraits(faces[coloured], seen[coloured], ita[coloured].astype(np.float32))


def thirds(values: np.ndarray) -> tuple[float, float]:
    """The two limits that part the values (n,) into thirds."""
    return tuple(float(limit) for limit in np.quantile(values, (1 / 3, 2 / 3)))


def pile(people: ColourPortraits | None, world: list[np.ndarray]) -> Pile:
    """Portraits first, then photographs. Raises SourceError where there is neither."""
    count = 0 if people is None else len(people)
    if not count + len(world):
        raise SourceError("no picture in colour to learn from; name folders with --faces and --photographs")
    pictures = ([] if people is None else list(people.faces.images)) + world
    slices = {"all": np.arange(len(pictures)), "world": np.arange(count, len(pictures))}
    if count:
        slices |= {"faces": np.arange(count), **_thirds_of(people)}
    return Pile(pictures, {name: rows for name, rows in slices.items() if len(rows)})


def _thirds_of(people: ColourPortraits) -> dict[str, np.ndarray]:
    dark, light = thirds(people.ita)
    young, old = thirds(people.faces.age)
    ita, age = people.ita, people.faces.age
    members = {
        "lighter": ita > light,
        "middle": (ita >= dark) & (ita <= light),
        "darker": ita < dark,
        "younger": age < young,
        "older": age > old,
    }
    return {name: np.flatnonzero(mine) for name, mine in members.items()}


def photographs(place: Path) -> list[np.ndarray]:
    """The pictures in colour of a folder or a zip, by name. Raises SourceMissing, SourceError."""
    read = pictures_in(place, LARGEST_SIDE, "name one with --photographs")
    return [picture for picture in read if coloured(picture)]


def split(world: list[np.ndarray]) -> tuple[list, list, list]:
    """Photographs to learn from, to choose by, and held out. A small folder gives a tenth to each of the latter."""
    held_out = min(HELD_OUT, len(world) // 10)
    validation = min(VALIDATION, len(world) // 10)
    ends = len(world) - held_out - validation, len(world) - held_out
    return world[: ends[0]], world[ends[0] : ends[1]], world[ends[1] :]


def coloured(picture: np.ndarray) -> bool:
    """Whether uint8 (H, W, 3) RGB has colour to learn from."""
    small = cv2.resize(picture, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    ab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)[..., 1:]
    return float(np.linalg.norm(ab, axis=-1).mean()) > COLOURLESS
