"""Photographs in a folder or a zip file: named, counted, and read one at a time."""

import csv
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from narcissus.core.errors import SourceError, SourceMissing
from narcissus.lab.likeness.pictures import decode

ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}
LARGEST = 64 << 20  # bytes of one photograph, packed or not


@dataclass(frozen=True, slots=True)
class Photo:
    name: str  # its path inside the folder or zip file
    person: str  # the folder it lies in, or its own name where nobody says who is on it


class Album:
    """`photos` in a natural order ("p2" before "p10"); `read` one of them."""

    def __init__(self, path: Path | str, *, by_person: bool) -> None:
        """`by_person`: a photograph's folder names its person. Raises SourceMissing, or SourceError where none is in
        it.
        """
        self.path = Path(path)
        self._zip = _opened(self.path)
        names = self._zip.namelist() if self._zip else _walked(self.path)
        names = [name for name in names if PurePosixPath(name).suffix.lower() in ENDINGS and not _hidden(name)]
        if not names:
            raise SourceError(
                f"{self.path}: no photographs in it; give a folder or zip file of JPEG, PNG or WebP files"
            )
        names.sort(key=_natural)
        self.photos = [Photo(name, (str(PurePosixPath(name).parent) if by_person else name)) for name in names]

    def last(self, count: int) -> None:
        """Keep only the last photographs."""
        self.photos = self.photos[-count:]

    def read(self, photo: Photo) -> np.ndarray:
        """uint8 (H, W, 3) RGB. Raises SourceError where it cannot be read."""
        return decode(self._bytes(photo.name), f"{self.path}/{photo.name}")

    def _bytes(self, name: str) -> bytes:
        try:
            if self._zip is None:
                with open(self.path / name, "rb") as file:
                    return file.read(LARGEST)
            with self._zip.open(name) as file:
                return file.read(LARGEST)
        except (
            OSError,
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
            EOFError,
        ) as error:  # damaged, encrypted
            raise SourceError(f"{self.path}/{name}: cannot be read ({error})") from None


def read_labels(path: Path) -> dict[str, dict[str, float]]:
    """Labels by the photograph's file name: age in years, gender (0 male, 1 female) and race (UTKFace's number).

    A CSV file with a column `name` and any of the others, as UTKFace's index; an empty or unreadable cell is NaN.
    Raises SourceMissing, or SourceError where the file or its column `name` cannot be read.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError:
        raise SourceMissing(f"{path}: no such file; name the labels' CSV file with --labels") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path}: cannot be read as CSV ({error})") from None
    if not rows or "name" not in rows[0]:
        raise SourceError(f"{path}: no column 'name'; the first line should read: name,age,gender,race")
    return {
        PurePosixPath(row["name"] or "").name: {key: _number(row.get(key)) for key in ("age", "gender", "race")}
        for row in rows
    }


def _number(text: str | None) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        return np.nan


def _opened(path: Path) -> zipfile.ZipFile | None:
    if path.is_dir():
        return None
    if not path.exists():
        raise SourceMissing(f"{path}: no such folder or zip file")
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceError(f"{path}: neither a folder nor a zip file ({error})") from None


def _walked(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def _natural(name: str) -> list:
    return [(int(part), "") if part.isdigit() else (-1, part.lower()) for part in re.split(r"(\d+)", name)]
