"""Which files are meant, and what each becomes: for every script that is handed photographs, films and folders."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from narcissus.core.errors import SourceError, SourceMissing

FILMS = {".mp4", ".webm", ".mov", ".mkv", ".avi", ".m4v"}
SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp"}


def is_film(path: Path) -> bool:
    return path.suffix.lower() in FILMS


def every_photo(paths: Iterable[Path], out: Path | None = None) -> Iterator[Path]:
    """The files, and those of the folders whose names say that they are pictures. Raises SourceMissing.

    What lies in a folder `out` inside of them was made before, and is none.
    """
    for path in paths:
        if path.is_dir():
            inside = [photo for photo in sorted(path.rglob("*")) if _is_photo(photo, path, out)]
            if not inside:
                raise SourceMissing(
                    f"{path}: no photograph in this folder; give one with JPEG, PNG, TIFF or WebP files"
                )
            yield from inside
        elif path.exists():
            yield path
        else:
            raise SourceMissing(f"{path}: no such photograph or folder")


def _is_photo(photo: Path, folder: Path, out: Path | None) -> bool:
    if any(part.startswith(".") for part in photo.relative_to(folder).parts):
        return False
    made = out is not None and out.resolve() != folder.resolve() and photo.resolve().is_relative_to(out.resolve())
    return photo.suffix.lower() in SUFFIXES | FILMS and not made


def targets(photos: Iterable[Path], out: Path) -> Iterator[tuple[Path, Path]]:
    """Each photograph with the file it becomes; a second one of the same name is name-2."""
    taken: set[str] = set()
    for path in photos:
        number, free = 2, path.stem
        while free in taken:
            free, number = f"{path.stem}-{number}", number + 1
        taken.add(free)
        yield path, out / f"{free}{'.webm' if is_film(path) else '.png'}"


def read(path: Path) -> bytes:
    """Raises SourceError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})") from None
