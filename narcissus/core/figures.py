"""What is measured while the mirror runs: the figures of report.json, in bounded memory however long it runs."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from narcissus.core.types import Observation, Picture
from narcissus.motion import angle

KEPT = 20_000  # newest measurements of each kind that quantiles are taken of; five minutes at 60 Hz
WINDOW = 1 / 30  # seconds; steps of the latent are given per such a time


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
    """Counts and times. `stage` and `observed` may be called by any thread, `presented` by the display's."""

    def __init__(
        self, clock: Callable[[], float] = time.perf_counter, processor: Callable[[], float] = time.process_time
    ) -> None:
        self._clock = clock
        self._processor = processor  # seconds that this process has kept cores busy
        self._lock = threading.Lock()
        self._stages: dict[str, Latest] = defaultdict(Latest)  # seconds
        self._latencies = Latest()  # seconds
        self._frames = self._with_viewer = 0
        self._pictures = self._reflections = 0
        self.first: float | None = None  # when the first and the last picture were shown
        self._last: float | None = None
        self._busy: tuple[float, float] = 0.0, 0.0  # what `processor` said then
        self._latent: np.ndarray | None = None  # float32 (L,): of the last picture
        self._aimed = -np.inf  # capture time of the newest frame that a picture has aimed at
        self._steps = Steps()

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

    def observed(self, observation: Observation) -> None:
        with self._lock:
            self._frames += 1
            self._with_viewer += observation.viewer is not None

    def presented(self, picture: Picture, *, drawn_for: float, shown: float) -> None:
        """`picture`, drawn for one moment, was shown at another, both in the time of its frames."""
        self._pictures += 1
        if self._latent is None or not np.array_equal(picture.latent, self._latent):
            self._reflections += 1
        self._latent = picture.latent
        busy = self._processor()
        if self.first is None:
            self.first, self._busy = shown, (busy, busy)
        self._last, self._busy = shown, (self._busy[0], busy)
        self._steps.add(picture, drawn_for)
        seen = picture.observation
        if seen is not None and seen.viewer is not None and seen.frame.time > self._aimed:
            self._aimed = seen.frame.time
            self._latencies.append(shown - seen.frame.time)

    def report(self) -> dict[str, object]:
        """The figures by name; None stands for what was never measured. Rates are over the whole time of showing."""
        shown_for = (self._last - self.first) if self._pictures > 1 else None
        with self._lock:
            stages = {name: times.values() for name, times in self._stages.items()}
        return {
            "reflections_per_second": None if not shown_for else round((self._reflections - 1) / shown_for, 1),
            "screen_fps": None if not shown_for else round((self._pictures - 1) / shown_for, 1),
            "cores_busy": None if not shown_for else round((self._busy[1] - self._busy[0]) / shown_for, 2),
            "latency_ms": quantiles(self._latencies.values()),
            "stages_ms": {name: quantiles(times) for name, times in sorted(stages.items())},
            "frames": self._frames,
            "frames_with_viewer": self._with_viewer,
            "latent_step_degrees": self._steps.report(),
        }


class Steps:
    """How far the latent goes in 1/30 s: from each picture to the first one drawn for a moment 1/30 s later."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, Picture, int | None]] = deque()  # pictures of the last 1/30 s
        self._all = Latest()  # degrees
        self._max: float | None = None
        self._max_following: float | None = None

    def add(self, picture: Picture, now: float) -> None:
        viewer = picture.observation.viewer if picture.observation is not None else None
        identity = viewer.identity if viewer is not None and picture.phase == "following" else None
        while self._waiting and now - self._waiting[0][0] >= WINDOW - 1e-3:  # a millisecond of a clock's trembling
            before, start, whom = self._waiting.popleft()
            if start.reflection != picture.reflection:  # of several another is foremost now: nothing has moved
                continue
            degrees = float(angle(start.latent, picture.latent)) * WINDOW / max(now - before, WINDOW)
            self._all.append(degrees)
            self._max = max(degrees, self._max or 0.0)
            if identity is not None and whom == identity:
                self._max_following = max(degrees, self._max_following or 0.0)
        self._waiting.append((now, picture, identity))

    def report(self) -> dict[str, float | None]:
        """Median of the newest, and the largest ever: of all, and while one person was followed."""
        rounded = lambda value: None if value is None else round(value, 2)
        return {
            "median": rounded(float(np.median(self._all.values())) if len(self._all) else None),
            "max": rounded(self._max),
            "max_while_following": rounded(self._max_following),
        }


def quantiles(seconds: np.ndarray) -> dict[str, float | None]:
    """Median and 95 % quantile in milliseconds of seconds (n,)."""
    if not len(seconds):
        return {"p50": None, "p95": None}
    p50, p95 = np.percentile(seconds, (50, 95)) * 1000
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1)}
