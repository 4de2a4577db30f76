"""Photos as viewers: one that stays, or a folder of them, each for a while."""

import logging
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from narcissus.core.errors import SourceEnded, SourceError
from narcissus.core.quiet import quiet
from narcissus.core.types import Frame
from narcissus.sources.frames import Leavable, mirrored

log = logging.getLogger("narcissus")

RATE = 15.0  # frames a second: nothing moves, but what follows a face takes a few frames to settle
EACH = 5.0  # seconds that a photo of a folder stays
PHOTOS = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".heic", ".heif", ".avif", ".dng"}
MOST_DIGITS = 30  # of a number in a file's name, by which it is sorted
NAMED = 3  # files of which one line tells the names
MOST_SLENDER = 20  # times as long as wide; what is more slender would be shrunk to a line
LARGEST = 1920  # pixels of the longer side; a photo with more would only take longer to search


def photos_in(folder: Path) -> list[Path]:
    """The photos of a folder by name, 2 before 10; what looks like one and cannot be read is named in one line.

    Hidden files are left out. Raises SourceError where there are none.
    """
    try:
        files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    except OSError as fault:
        raise SourceError(f"{folder}: cannot be read ({fault.strerror}); change its permissions") from None
    found = sorted((path for path in files if cv2.haveImageReader(str(path))), key=_counted)
    if not found:
        raise SourceError(f"{folder}: holds no photos; put JPEG, PNG or WebP files there, or name a video")
    strange = sorted((path for path in set(files) - set(found) if path.suffix.lower() in PHOTOS), key=_counted)
    if strange:
        names = ", ".join(path.name for path in strange[:NAMED]) + (", …" if len(strange) > NAMED else "")
        log.warning("%s: %d files cannot be read as photos and are left out: %s", folder, len(strange), names)
    return found


def _counted(path: Path) -> list[str | int]:
    """The order in which people count: 2.jpg comes before 10.jpg."""
    parts = re.split(r"(\d+)", path.name.casefold(), flags=re.ASCII)  # text and digits in turn
    return [int(part[-MOST_DIGITS:]) if at % 2 else part for at, part in enumerate(parts)]


class PhotoSource(Leavable):
    """Shows photos one after the other, each a cut, for ever or `once`; a single photo stays.

    Photos are turned the way their EXIF data says. Raises SourceError where none can be read.
    """

    live = False

    def __init__(
        self,
        paths: Sequence[Path],
        name: str,
        *,
        once: bool = False,
        each: float = EACH,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self._paths, self._once, self._each, self._clock, self._sleep = list(paths), once, each, clock, sleep
        self._at = -1
        self._image = self._next()
        self._since: float | None = None  # when this photo was first shown
        self._last: float | None = None

    def read(self) -> Frame:
        """The photo again, or the next one. Raises SourceEnded after the last where they are shown once."""
        now = self._clock()
        if self._last is not None and now < self._last + 1 / RATE:
            self._sleep(self._last + 1 / RATE - now)
            now = max(self._clock(), self._last + 1 / RATE)
        if self._since is not None and now - self._since >= self._each:
            self._turn()
        cut = self._since is None
        self._since = now if cut else self._since
        self._last = now
        return mirrored(self._image, now, cut)

    def _turn(self) -> None:
        if self._once or len(self._paths) > 1:
            self._image, self._since = self._next(), None

    def _next(self) -> np.ndarray:
        """The next photo that can be read; another is named once, and left out from then on.

        Raises SourceError, and SourceEnded after the last where they are shown once.
        """
        while True:
            if self._once and self._at == len(self._paths) - 1:
                raise SourceEnded(f"{self.name}: every photo has been shown")
            at = (self._at + 1) % len(self._paths)
            try:
                image = read_photo(self._paths[at])
            except SourceError as unreadable:
                if len(self._paths) == 1:
                    raise
                log.warning("%s; it is left out", unreadable)
                del self._paths[at]
                self._at = at - 1
                continue
            self._at = at
            return image


def read_photo(path: Path) -> np.ndarray:
    """uint8 (H, W, 3) BGR, the longer side at most 1920 px. Raises SourceError."""
    try:
        with quiet():
            image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    except cv2.error:  # a header that promises more pixels than OpenCV allows
        image = None
    if image is None:
        raise SourceError(f"{path}: is not a photo that can be read; name a whole JPEG, PNG or WebP file")
    (height, width), (short, long) = image.shape[:2], sorted(image.shape[:2])
    if long > MOST_SLENDER * short:
        raise SourceError(f"{path}: {width}×{height} pixels are no photo of a person; crop the person out of it")
    scale = LARGEST / long
    return image if scale >= 1 else cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
