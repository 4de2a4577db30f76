"""The pictures of a folder or a zip, by name; what is none is passed over."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from narcissus.core.errors import SourceError, SourceMissing
from narcissus.core.printable import printable
from narcissus.core.quiet import quiet
from narcissus.store.npz import BROKEN

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}


def pictures_in(place: Path, short_side: int, remedy: str, most: int | None = None) -> list[np.ndarray]:
    """uint8 (H, W, 3) RGB each; where the short side is longer than asked, averaged down to it.

    `most` pictures, evenly spread over all, where there are more. Raises SourceMissing, SourceError.
    """
    place = Path(place)
    if not place.exists():
        raise SourceMissing(f"{place}: no such folder or zip; {remedy}")
    try:
        read = [decoded(data, short_side) for data in _files(place, most)]
    except BROKEN as error:
        raise SourceError(f"{place}: cannot be read ({printable(str(error))}); {remedy}") from error
    return [picture for picture in read if picture is not None]


def decoded(data: bytes, short_side: int) -> np.ndarray | None:
    """None where it is no picture."""
    image = picture_of(data)
    if image is None:
        return None
    scale = short_side / min(image.shape[:2])
    return image if scale >= 1 else cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def picture_of(data: bytes) -> np.ndarray | None:
    """A file's bytes as uint8 (H, W, 3) RGB, upright as its EXIF says; None where they are no picture."""
    try:
        with quiet():
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    except cv2.error:  # a header that promises more pixels than OpenCV allows
        return None
    return None if image is None else np.ascontiguousarray(image[..., ::-1])


def _files(place: Path, most: int | None) -> Iterator[bytes]:
    if place.is_dir():
        paths = [path for path in sorted(place.rglob("*")) if path.suffix.lower() in SUFFIXES and path.is_file()]
        yield from (path.read_bytes() for path in _spread(paths, most))
        return
    with zipfile.ZipFile(place) as archive:
        names = [name for name in sorted(archive.namelist()) if Path(name).suffix.lower() in SUFFIXES]
        yield from (archive.read(name) for name in _spread(names, most))


def _spread(names: list, most: int | None) -> list:
    if most is None or len(names) <= most:
        return names
    return [names[i * len(names) // most] for i in range(most)]
