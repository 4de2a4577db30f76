"""A video as frames at their own times, however long anybody takes over each: nothing waits, nothing is left out."""

from collections.abc import Iterator
from pathlib import Path

from narcissus.core.errors import SourceEnded, SourceMissing
from narcissus.core.types import Frame
from narcissus.sources.video import VideoSource


class Clock:
    """Time that goes by only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def length_of(path: Path) -> tuple[float, int]:
    """Frames a second, and how many there are as the file says; 0 where it does not. Raises as every_frame does."""
    if not path.is_file():
        raise SourceMissing(f"{path}: no such video; name an MP4, WebM or AVI file")
    with VideoSource(path, once=True) as source:
        return 1 / source.period, source.count


def every_frame(path: Path) -> Iterator[Frame]:
    """Every frame of a video, once. Raises SourceMissing, or SourceError where it cannot be read."""
    if not path.is_file():
        raise SourceMissing(f"{path}: no such video; name an MP4, WebM or AVI file")
    clock = Clock()
    with VideoSource(path, once=True, clock=clock, sleep=clock.sleep) as source:
        while True:
            try:
                yield source.read()
            except SourceEnded:
                return
