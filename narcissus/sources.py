"""Where frames come from: a video file or a photo. Every frame is mirrored and made RGB here, once."""

import os
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")  # a file that is no video is our message to give
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

import cv2
import numpy as np

from narcissus.errors import SourceEnded, SourceError, SourceMissing
from narcissus.types import Frame, Source

STILL_PERIOD = 1 / 15  # seconds between the frames of a still picture


def open_source(what: str, *, once: bool = False) -> Source:
    """A video file or a photo. Raises SourceMissing, or SourceError where it cannot be read."""
    path = Path(what)
    if not path.exists():
        raise SourceMissing(f"{what}: no such file; name a photo or a video")
    if cv2.haveImageReader(str(path)):
        return PhotoSource(path)
    return VideoSource(path, once=once)


def mirrored(image: np.ndarray) -> np.ndarray:
    """OpenCV's BGR (H, W, 3) -> RGB, left and right exchanged, C-contiguous."""
    return cv2.cvtColor(cv2.flip(image, 1), cv2.COLOR_BGR2RGB)


class _Closing:
    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        pass


class VideoSource(_Closing):
    """A video file, paced by its own timestamps; late frames are skipped, never queued."""

    live = False

    def __init__(
        self, path: Path, *, once: bool = False, clock: Callable[[], float] = time.monotonic, sleep=time.sleep
    ) -> None:
        self.name = path.name
        self._path, self._once, self._clock, self._sleep = path, once, clock, sleep
        self._open()
        self.period = 1 / (self._video.get(cv2.CAP_PROP_FPS) or 30.0)

    def _open(self) -> None:
        self._video = cv2.VideoCapture(str(self._path), cv2.CAP_FFMPEG)
        if not self._video.isOpened():
            raise SourceError(f"{self._path}: not a video that can be read; name an MP4, WebM or AVI file")
        self._start: float | None = None
        self._count = 0

    def read(self) -> Frame:
        while True:
            if not self._video.grab():
                if self._once or self._count == 0:
                    raise SourceEnded(f"{self._path}: played to its end")
                self.close()
                self._open()
                continue
            cut = self._count == 0
            due_in_file = self._count * self.period
            self._count += 1
            now = self._clock()
            if self._start is None:
                self._start = now
            due = self._start + due_in_file
            if due + self.period < now and not cut:
                continue
            if due > now:
                self._sleep(due - now)
            fine, image = self._video.retrieve()
            if not fine:
                raise SourceError(f"{self._path}: a frame cannot be decoded; convert it with: ffmpeg -i IN OUT.mp4")
            return Frame(mirrored(image), due, cut)

    def close(self) -> None:
        self._video.release()


class PhotoSource(_Closing):
    """A photo, shown again and again."""

    live = False
    period = 0.0

    def __init__(self, path: Path, *, clock=time.monotonic, sleep=time.sleep) -> None:
        self.name = path.name
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if image is None:
            raise SourceError(f"{path}: not a photo that can be read; name a JPEG, PNG or WebP file")
        self._image = mirrored(image)
        self._clock, self._sleep = clock, sleep
        self._last: float | None = None

    def read(self) -> Frame:
        cut = self._last is None
        if self._last is not None:
            self._sleep(max(0.0, self._last + STILL_PERIOD - self._clock()))
        self._last = self._clock()
        return Frame(self._image, self._last, cut)
