"""How far it is, and how long it will take yet."""

import sys
from collections.abc import Callable, Iterable, Iterator

from tqdm import tqdm


def counted(what: str, total: int, unit: str, weigh: Callable = lambda item: 1) -> Callable[[Iterable], Iterator]:
    """A wrapper for a loop of `total` units; `weigh` says how many units one item is."""

    def wrapped(items: Iterable) -> Iterator:
        calm = 0.5 if sys.stderr.isatty() else 20.0  # seconds; a log file wants few lines
        with tqdm(total=total, desc=what, unit=unit, mininterval=calm, maxinterval=4 * calm, dynamic_ncols=True) as bar:
            for item in items:
                yield item
                bar.update(min(weigh(item), total - bar.n))

    return wrapped
