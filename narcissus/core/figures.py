"""What is measured while the mirror runs: the figures of report.json, in bounded memory however long it runs."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from narcissus.core.types import Picture

OF_NOBODY = ("draw", "render")  # stages that are the same whether somebody is there or not
KEPT = 20_000  # newest measurements of each kind that quantiles are taken of; five minutes at 60 Hz


class Latest:
    """The KEPT newest of a row of numbers, in memory that is all taken at once: a mirror of weeks does not grow."""

    def __init__(self) -> None:
        self._values = np.full(KEPT, np.nan, np.float32)  # written to, so that every page of it is there from now on
        self._count = 0

    def __len__(self) -> int:
        return min(self._count, KEPT)

    def append(self, value: float) -> None:
        self._values[self._count % KEPT] = value
        self._count += 1

    def values(self) -> np.ndarray:
        """float32 (n,), in no order."""
        return self._values[: len(self)].copy()


class Figures:
    """Counts and times. `stage` may be called by any thread, `presented` by the display's.

    Before a live camera nothing is measured that tells of a viewer: no latency, and of the stages only `draw` and
    `render`, since the others run where somebody is there.
    """

    def __init__(
        self,
        live: bool = False,
        clock: Callable[[], float] = time.perf_counter,
        processor: Callable[[], float] = time.process_time,
    ) -> None:
        self._live, self._clock = live, clock
        self._processor = processor  # seconds that this process has kept cores busy
        self._lock = threading.Lock()
        self._stages: dict[str, Latest] = defaultdict(Latest)  # seconds
        self._latencies = Latest()  # seconds
        self._pictures = self._reflections = 0
        self.first: float | None = None  # when the first and the last picture were shown
        self._last: float | None = None
        self._busy: tuple[float, float] = 0.0, 0.0  # what `processor` said then
        self._image: np.ndarray | None = None  # of the last picture
        self._answered = -np.inf  # capture time of the newest frame that a picture has answered

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure how long the work inside takes."""
        start = self._clock()
        try:
            yield
        finally:
            taken = self._clock() - start
            with self._lock:
                self._stages[name].append(taken)

    def presented(self, picture: Picture, shown: float) -> None:
        """`picture` was shown at `shown`, in the time of its frames."""
        self._pictures += 1
        self._reflections += picture.image is not self._image
        self._image = picture.image
        busy = self._processor()
        if self.first is None:
            self.first, self._busy = shown, (busy, busy)
        self._last, self._busy = shown, (self._busy[0], busy)
        if picture.answers is not None and picture.answers > self._answered:
            self._answered = picture.answers
            self._latencies.append(shown - picture.answers)

    def report(self) -> dict[str, object]:
        """The figures by name; None stands for what was never measured. Rates are over the whole time of showing."""
        shown_for = (self._last - self.first) if self._pictures > 1 else None
        rate = lambda count: None if not shown_for else round((count - 1) / shown_for, 1)
        with self._lock:
            stages = {name: times.values() for name, times in self._stages.items()}
        told = {name: taken for name, taken in stages.items() if not self._live or name in OF_NOBODY}
        return {
            "reflections_per_second": rate(self._reflections),
            "screen_fps": rate(self._pictures),
            "cores_busy": None if not shown_for else round((self._busy[1] - self._busy[0]) / shown_for, 2),
            "latency_ms": quantiles(np.empty(0) if self._live else self._latencies.values()),
            "stages_ms": {name: quantiles(times) for name, times in sorted(told.items())},
        }


def quantiles(seconds: np.ndarray) -> dict[str, float | None]:
    """Median and 95 % quantile in milliseconds of seconds (n,)."""
    if not len(seconds):
        return {"p50": None, "p95": None}
    p50, p95 = np.percentile(seconds, (50, 95)) * 1000
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1)}
