"""Times of functions that take turns, so that whatever else the machine does falls on all of them alike."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

TURN = 0.04  # seconds, at least: a function shorter than that is called several times in its turn


@dataclass(slots=True)
class Times:
    """Seconds of one call, the mean of each turn: by the clock on the wall and by the processor's (all threads)."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def ms(self) -> float:
        return float(np.median(self.wall)) * 1000

    @property
    def processor_ms(self) -> float:
        return float(np.median(self.processor)) * 1000

    def figures(self) -> dict[str, float]:
        low, high = np.percentile(self.wall, (10, 90)) * 1000
        return {
            "ms": self.ms,
            "10 %": float(low),
            "90 %": float(high),
            "processor ms": self.processor_ms,
            "turns": len(self.wall),
        }


def interleaved(
    functions: dict, *, seconds: float, least: int = 5, most: int = 300, warm_up: int = 2
) -> dict[object, Times]:
    """The times of each function in `functions`, a dict of Callable[[], object] by any name.

    After `warm_up` calls that nobody measures come rounds in which each function has one turn. Rounds go on for about
    `seconds`, but there are never fewer than `least` nor more than `most`.
    """
    calls = {name: _calls(function, warm_up) for name, function in functions.items()}
    times = {name: Times() for name in functions}
    start = time.perf_counter()
    rounds = 0
    while rounds < least or (rounds < most and time.perf_counter() - start < seconds):
        for name, function in functions.items():
            _turn(function, calls[name], times[name])
        rounds += 1
    return times


def _calls(function: Callable[[], object], warm_up: int) -> int:
    """How often it must be called to fill a turn; the last call to warm up tells."""
    for _ in range(warm_up - 1):
        function()
    start = time.perf_counter()
    function()
    return math.ceil(TURN / max(time.perf_counter() - start, 1e-6))


def _turn(function: Callable[[], object], calls: int, times: Times) -> None:
    wall, processor = time.perf_counter(), time.process_time()
    for _ in range(calls):
        function()
    times.processor.append((time.process_time() - processor) / calls)
    times.wall.append((time.perf_counter() - wall) / calls)


def ratio(slow: Times, fast: Times, *, clock: str = "wall") -> float:
    """How many times as long `slow` takes: the median over rounds, in which both met the same machine.

    With `clock` "processor" the processor's time is compared, in which other processes do not count; for one thread on
    a quiet machine the two are the same.
    """
    return float(np.median(np.array(getattr(slow, clock)) / np.array(getattr(fast, clock))))
