"""The wall's clock: is there a birth every second, and a picture whenever one is due?"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from narcissus.core.collector import set_aside
from narcissus.core.sections import SharedSettings
from narcissus.core.types import Scene
from narcissus.scenes import work
from narcissus.scenes.contract import Kit
from narcissus.sinks.pace import Pace

RATE = 60.0  # pictures a second that a screen asks for


@dataclass(slots=True)
class Paced:
    seconds: float
    births: int
    period_ms: tuple[float, float, float]  # between two births as shown: least, median, most
    drift_ms: float  # of the last birth against a clock that started with the first
    longest_gap: float  # between two pictures, in pictures at RATE
    gaps: int  # longer than two pictures
    pictures: int
    composed: float  # pictures a second that could be composed: one over the mean time that one takes
    drawn_ms: float  # processor time of the display's thread for one picture, at most: other programs do not count
    walked_ms: float  # the same of the longest walk of Python's collector, in whichever thread: no other runs meanwhile


class Stopwatch:
    """How long the stage "compose" takes: what a Kit is lent as its `stage`."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        if name == "compose":
            self.seconds.append(time.perf_counter() - begun)


class Walks:
    """How long Python's collector of cycles takes at most, in seconds of processor. A context manager."""

    def __init__(self) -> None:
        self.longest, self._begun = 0.0, 0.0

    def __enter__(self) -> "Walks":
        gc.callbacks.append(self._told)
        return self

    def __exit__(self, *_: object) -> None:
        gc.callbacks.remove(self._told)

    def _told(self, phase: str, _: dict) -> None:
        if phase == "start":
            self._begun = time.thread_time()
        else:
            self.longest = max(self.longest, time.thread_time() - self._begun)


def opened(settings: SharedSettings, generator, watch: Stopwatch) -> Scene:
    """The wall as these settings have it, measured by the watch."""
    scene = work("creatures").open(settings, Kit(lambda: generator, stage=watch))
    set_aside()  # as the house does with every scene
    return scene


def paced(scene, watch: Stopwatch, seconds: float, progress: Callable[[Iterable], Iterable]) -> Paced:
    """Show the scene on a screen that only waits, for so long, at RATE pictures a second."""
    pace, drawn = Pace(RATE), 0.0
    shown, births = [], []
    begun = time.monotonic()
    count = scene.report()["births"]
    with Walks() as walks:
        for _ in progress(range(int(seconds * RATE))):
            busy = time.thread_time()
            scene.draw(None, time.monotonic())
            if shown:  # the first composes all cells
                drawn = max(drawn, time.thread_time() - busy)
            shown.append(time.monotonic())
            if scene.report()["births"] != count:
                count = scene.report()["births"]
                births.append(shown[-1])
            if shown[-1] - begun >= seconds:
                break
            pace.wait()
    return _figures(births, shown, 1 / float(np.mean(watch.seconds)), 1000 * drawn, 1000 * walks.longest)


def _figures(births: list[float], shown: list[float], composed: float, drawn: float, walked: float) -> Paced:
    periods, gaps = np.diff(births) * 1000, np.diff(shown) * RATE
    whole = births[-1] - births[0]
    return Paced(
        shown[-1] - shown[0],
        len(births),
        (float(periods.min()), float(np.median(periods)), float(periods.max())),
        1000 * (whole - round(whole)),
        float(gaps.max()),
        int((gaps > 2).sum()),
        len(shown),
        composed,
        drawn,
        walked,
    )
