"""Labelled portraits to learn from: a folder laid out as DESIGN's `faces/` (index.csv, landmarks.npz, train-*.zip)."""

import csv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from narcissus.core.errors import SourceError, SourceMissing
from narcissus.core.printable import printable
from narcissus.lab import twins
from narcissus.lab.reading import picture_of
from narcissus.store import npz

HELD_OUT = 1500  # the last portraits: nothing is trained or chosen on them
VALIDATION = 1000  # others, drawn by the seed: the best moment of the training is chosen on them
GROUPS = ("White", "Black", "Asian", "Indian", "other")  # the data set's own words, in the order of its numbers
MOST = {"age": 150, "gender": 1, "race": len(GROUPS) - 1}  # the largest label of each kind in index.csv


@dataclass(frozen=True, slots=True, eq=False)
class Portraits:
    images: np.ndarray  # uint8 (n, H, W, 3) RGB
    landmarks: np.ndarray  # float32 (n, 68, 2), pixels of the images
    age: np.ndarray  # float32 (n,), years
    female: np.ndarray  # float32 (n,), 1 where UTKFace says female
    group: np.ndarray  # int64 (n,), index into GROUPS

    def __len__(self) -> int:
        return len(self.age)

    def __getitem__(self, rows) -> "Portraits":
        return Portraits(*(getattr(self, name)[rows] for name in self.__slots__))


def read(folder: Path, part: slice = slice(None)) -> Portraits:
    """The portraits that index.csv names, in its order, or a part of them (the last hundred: slice(-100, None)).

    Raises SourceMissing when a file is absent, SourceError when one cannot be read or the files do not fit together.
    """
    folder = Path(folder)
    try:
        with open(folder / "index.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        landmarks = npz.loaded(folder / "landmarks.npz")["landmarks"] / np.float32(10)  # stored in tenths of a pixel
        if landmarks.shape != (len(rows), 68, 2):
            raise ValueError(f"landmarks of the shape {landmarks.shape} for {len(rows)} portraits")
        rows, landmarks = rows[part], landmarks[part]
        numbers = {name: np.array([int(row[name]) for row in rows]) for name in MOST}
        for name, most in MOST.items():
            if not ((numbers[name] >= 0) & (numbers[name] <= most)).all():
                raise ValueError(f"{name} beyond 0 to {most}")
        images = _images(folder, rows)
    except FileNotFoundError as error:
        missing = printable(str(error.filename))
        raise SourceMissing(f"{missing}: no such file; name the folder of portraits with --data") from None
    except (*npz.BROKEN, KeyError, TypeError, IndexError, OverflowError, csv.Error, cv2.error) as error:
        said = printable(str(error))
        raise SourceError(f"{folder}: not a folder of labelled portraits ({said}); name another with --data") from error
    return Portraits(
        images, landmarks, numbers["age"].astype(np.float32), numbers["gender"].astype(np.float32), numbers["race"]
    )


def split(portraits: Portraits, seed: int) -> tuple[Portraits, Portraits, Portraits]:
    """Training, validation and held-out portraits; the held-out ones do not depend on the seed.

    UTKFace holds many photographs twice (8 % of the held-out portraits have a twin among the others, more than half of
    these with another age). A twin of a held-out portrait is left out altogether, one of a validation portrait is not
    trained on. Raises SourceError when there are too few portraits.
    """
    if len(portraits) <= HELD_OUT + VALIDATION:
        raise SourceError(f"{len(portraits)} portraits are too few: more than {HELD_OUT + VALIDATION} are needed")
    prints = twins.prints(portraits.images)
    held_out = np.arange(len(portraits))[-HELD_OUT:]
    rest = np.arange(len(portraits))[:-HELD_OUT]
    rest = np.random.default_rng(seed).permutation(rest[~twins.has_twin(prints[rest], prints[held_out])])
    validation, rest = rest[:VALIDATION], rest[VALIDATION:]
    learn = rest[~twins.has_twin(prints[rest], prints[validation])]
    return portraits[learn], portraits[validation], portraits[held_out]


def _images(folder: Path, rows: list[dict[str, str]]) -> np.ndarray:
    shards = {name: zipfile.ZipFile(folder / name) for name in sorted({row["shard"] for row in rows})}
    try:
        first = _decode(shards[rows[0]["shard"]].read(rows[0]["name"]))
        images = np.empty((len(rows), *first.shape), np.uint8)  # (n, H, W, 3)
        for image, row in zip(images, rows, strict=True):
            image[:] = _decode(shards[row["shard"]].read(row["name"]))
    finally:
        for shard in shards.values():
            shard.close()
    return images


def _decode(data: bytes) -> np.ndarray:
    image = picture_of(data)
    if image is None:
        raise ValueError("a portrait cannot be decoded")
    return image
