"""Where a training run stands: named stages, how far each is, and how long it will take yet."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from tqdm import tqdm

CALM = 20.0  # seconds between two lines of progress where nobody watches; a log file wants few


class Stages:
    """Prints a bar for each stage and remembers the seconds that it took; `clock` gives the time."""

    def __init__(self, names: list[str], clock: Callable[[], float] = monotonic) -> None:
        self._names, self._clock = names, clock
        self.seconds: dict[str, float] = {}  # of the stages that are done, in their order

    @contextmanager
    def stage(self, name: str, total: float, unit: str = "", initial: float = 0) -> Iterator[tqdm]:
        """A bar over `total` units; without a unit it counts a share, and its steps may be of any size."""
        calm = {} if sys.stderr.isatty() else {"mininterval": CALM, "maxinterval": 4 * CALM}
        about = f"{self._names.index(name) + 1} of {len(self._names)}, {name}"
        how = {} if unit else {"bar_format": "{desc}: {percentage:3.0f}%|{bar}| {elapsed}, {remaining} left{postfix}"}
        start = self._clock()
        with tqdm(total=total, initial=initial, desc=about, unit=unit, dynamic_ncols=True, **how, **calm) as bar:
            yield bar
        self.seconds[name] = self._clock() - start


def told(seconds: float) -> str:
    """As people say it: "3 s", "12 min", "1 h 5 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
