"""A video file, played at its own pace: frames that come too late are skipped, never queued."""

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from narcissus.core.errors import SourceEnded, SourceError
from narcissus.core.quiet import quiet
from narcissus.core.types import Frame
from narcissus.sources.cuts import Cuts
from narcissus.sources.frames import Leavable, mirrored

USUAL_RATE = 30.0  # frames a second, where the file names none that can be true
ONE_THREAD = [cv2.CAP_PROP_N_THREADS, 1]
SKIPPED_AT_MOST = 30  # frames in a row: a file that decodes more slowly than it plays is then shown late, not never


class VideoSource(Leavable):
    """Plays a file for ever, or `once`. The seam, and every hard cut inside, is a cut.

    Raises SourceError where the file holds no video.
    """

    live = False

    def __init__(
        self,
        path: Path,
        *,
        once: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = path.name
        self._path, self._once, self._clock, self._sleep = path, once, clock, sleep
        self._cuts = Cuts()
        self._origin: float | None = None  # when the frame with timestamp 0 is due
        self._video = self._open()
        rate = self._video.get(cv2.CAP_PROP_FPS)
        self.period = 1.0 / (rate if 1.0 <= rate <= 240.0 else USUAL_RATE)  # seconds between frames
        self.count = max(0, int(self._video.get(cv2.CAP_PROP_FRAME_COUNT)))  # as the file says; 0: it does not

    def read(self) -> Frame:
        """The next frame, when it is due. Raises SourceEnded after the last where it is played once."""
        for skipped in range(SKIPPED_AT_MOST + 1):
            seam = self._next()
            now = self._clock()
            if self._origin is None or skipped == SKIPPED_AT_MOST:
                self._origin = now - self._stamp
            due = self._origin + self._stamp
            if seam or due > now - self.period or skipped == SKIPPED_AT_MOST:
                break
        image = self._decode()
        if due > now:
            self._sleep(due - now)
        return mirrored(image, due, self._cuts.at(image) or seam)

    def close(self) -> None:
        self._video.release()

    def _open(self) -> cv2.VideoCapture:
        """The file, standing at its first frame."""
        video = cv2.VideoCapture()
        with quiet():
            begun = (
                not _is_text(self._path) and video.open(str(self._path), cv2.CAP_FFMPEG, ONE_THREAD) and video.grab()
            )
        if not begun:
            video.release()
            raise SourceError(
                f"{self._path}: holds no video that can be read; name an MP4, WebM or AVI file, or a photo"
            )
        self._at_first, self._stamp = True, 0.0
        self._cuts.forget()
        return video

    def _next(self) -> bool:
        """Step to the next frame; True where it is the first of the file."""
        if self._at_first:
            self._at_first = False
            return True
        if self._video.grab():
            stamp = self._video.get(cv2.CAP_PROP_POS_MSEC) / 1000
            self._stamp = stamp if stamp > self._stamp else self._stamp + self.period
            return False
        if self._once:
            raise SourceEnded(f"{self._path}: played to its end")
        length = self._stamp + self.period
        self.close()
        self._video = self._open()
        self._at_first = False
        if self._origin is not None:
            self._origin += length
        return True

    def _decode(self) -> np.ndarray:
        fine, image = self._video.retrieve()
        if not fine or image is None or image.ndim != 3:
            raise SourceError(
                f"{self._path}: a frame cannot be decoded; convert it with: ffmpeg -i IN -pix_fmt yuv420p OUT.mp4"
            )
        return image


def _is_text(path: Path) -> bool:
    """FFmpeg plays a text as a film of a terminal, a playlist from the network. No video lacks control bytes."""
    try:
        with open(path, "rb") as file:
            start = file.read(1024)
    except OSError:
        return False
    return all(byte >= 32 or byte in b"\t\n\f\r\x1b" for byte in start)
