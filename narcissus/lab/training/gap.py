"""The domain gap between drawn faces, as the mirror reads them, and real portraits: what augmentation has to bridge.

Of the portraits only numbers are kept, and of these only means and spreads.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from narcissus.core.errors import SourceError, SourceMissing
from narcissus.features.portrait import COLUMNS, GROUPS
from narcissus.features.spatial import FORMS, forms
from narcissus.lab.reading import picture_of
from narcissus.store.npz import BROKEN

PORTRAITS = 600  # at most, at even distances through all of them
ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}
LARGEST = 64 << 20  # bytes of one photograph
SIDE = 512  # pixels; a larger photograph is averaged down, as the mirror reads faces no finer
FEW = 20  # faces; below that a spread says nothing
KINDS = {
    "shape": COLUMNS[GROUPS["shape"]],
    "ratios and angles": FORMS,
    "pose": COLUMNS[GROUPS["pose"]],
    "colours": COLUMNS[GROUPS["colour"]],
    "guesses": COLUMNS[GROUPS["guesses"]],
}


@dataclass(frozen=True, slots=True)
class Gap:
    """One kind of numbers, drawn faces against portraits; NaN where the portraits cannot say (grey ones: colours)."""

    offset: float  # mean of |mean of drawn − mean of real| / spread of real, over the kind's numbers
    spread: float  # geometric mean of spread of drawn / spread of real
    farthest: tuple[str, float]  # the number that is farthest off, and its signed offset


class Portraits:
    """Photographs of faces in a folder or a zip file. Raises SourceMissing, SourceError."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        if not self.path.exists():
            raise SourceMissing(f"{path}: no such folder or zip file; name one with --portraits")
        try:
            self._zip = None if self.path.is_dir() else zipfile.ZipFile(self.path)
        except (zipfile.BadZipFile, OSError) as fault:
            raise SourceError(f"{path}: neither a folder nor a zip file ({fault})") from None
        every = self._zip.namelist() if self._zip else (str(one) for one in self.path.rglob("*") if one.is_file())
        names = sorted(name for name in every if PurePosixPath(name).suffix.lower() in ENDINGS)
        if not names:
            raise SourceError(f"{path}: no photographs in it; give a folder or zip file of JPEG, PNG or WebP files")
        self._names = [names[i] for i in np.unique(np.linspace(0, len(names) - 1, PORTRAITS).astype(int))]

    def __len__(self) -> int:
        return len(self._names)

    def parts(self, size: int) -> Iterator[list[np.ndarray]]:
        """Photographs uint8 (H, W, 3) RGB, `size` at a time; an unreadable one is one without a face."""
        for start in range(0, len(self), size):
            yield [self._read(name) for name in self._names[start : start + size]]

    def _read(self, name: str) -> np.ndarray:
        nothing = np.zeros((64, 64, 3), np.uint8)
        try:
            with self._zip.open(name) if self._zip else open(name, "rb") as file:
                data = file.read(LARGEST)
        except BROKEN:  # damaged, encrypted
            return nothing
        image = picture_of(data)
        if image is None:
            return nothing
        scale = SIDE / max(image.shape[:2])
        size = tuple(max(1, round(scale * side)) for side in image.shape[1::-1])
        return cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image


def gaps(drawn: np.ndarray, real: np.ndarray) -> dict[str, Gap]:
    """Rows (n, P) of drawn faces against rows (m, P) of portraits, kind by kind; rows without a face are left out.

    Raises SourceError where too few of the portraits show a face.
    """
    ours, theirs = numbers(drawn[~np.isnan(drawn[:, 0])]), numbers(faces(real))
    return {kind: _gap(ours[kind], theirs[kind], names) for kind, names in KINDS.items()}


def faces(real: np.ndarray) -> np.ndarray:
    """Those of the rows (m, P) of portraits in which a face was found. Raises SourceError where they are too few."""
    found = real[~np.isnan(real[:, 0])]
    if len(found) < FEW:
        raise SourceError(f"--portraits: a face was found in {len(found)} of them; give at least {FEW} portraits")
    return found


def numbers(rows: np.ndarray) -> dict[str, np.ndarray]:
    """The numbers of each kind, float (n, …)."""
    return {
        "shape": rows[:, GROUPS["shape"]],
        "ratios and angles": forms(rows[:, GROUPS["shape"]].reshape(-1, 68, 2)),
        "pose": rows[:, GROUPS["pose"]],
        "colours": rows[:, GROUPS["colour"]],
        "guesses": rows[:, GROUPS["guesses"]],
    }


def _gap(ours: np.ndarray, theirs: np.ndarray, names: tuple[str, ...]) -> Gap:
    enough = [i for i in range(ours.shape[1]) if min(np.isfinite(x[:, i]).sum() for x in (ours, theirs)) >= FEW]
    ours, theirs = ours[:, enough], theirs[:, enough]
    spread, own = np.nanstd(theirs, axis=0), np.nanstd(ours, axis=0)
    varies = (spread > 1e-6) & (own > 1e-6)
    if not varies.any():
        return Gap(np.nan, np.nan, ("", np.nan))
    offsets = ((np.nanmean(ours, axis=0) - np.nanmean(theirs, axis=0))[varies]) / spread[varies]
    worst = int(np.argmax(np.abs(offsets)))
    name = [names[i] for i, kept in zip(enough, varies, strict=True) if kept][worst]
    ratio = np.exp(np.log(own[varies] / spread[varies]).mean())
    return Gap(float(np.abs(offsets).mean()), float(ratio), (name, float(offsets[worst])))
