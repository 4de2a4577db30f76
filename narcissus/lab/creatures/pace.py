"""The wall's clock: is there a birth every second, and a picture whenever one is due?"""

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


def hung(settings: SharedSettings, generator, watch: Stopwatch) -> Scene:
    """The wall as these settings have it, measured by the watch."""
    scene = work("creatures").open(settings, Kit(lambda: generator, stage=watch))
    set_aside()  # as the house does with every scene
    return scene


def paced(scene, watch: Stopwatch, seconds: float, progress: Callable[[Iterable], Iterable]) -> Paced:
    """Show the scene on a screen that only waits, for so long, at RATE pictures a second."""
    pace = Pace(RATE)
    shown, births = [], []
    begun = time.monotonic()
    count = scene.report()["births"]
    for _ in progress(range(int(seconds * RATE))):
        scene.draw(None, time.monotonic())
        shown.append(time.monotonic())
        if scene.report()["births"] != count:
            count = scene.report()["births"]
            births.append(shown[-1])
        if shown[-1] - begun >= seconds:
            break
        pace.wait()
    return _figures(births, shown, 1 / float(np.mean(watch.seconds)))


def _figures(births: list[float], shown: list[float], composed: float) -> Paced:
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
    )
