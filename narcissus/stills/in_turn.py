"""Work side by side whose results come in order, with never more than a few ahead: memory stays flat."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

WORKERS = 2


def in_turn(pool: ThreadPoolExecutor, work: Callable, jobs: Iterable) -> Iterator:
    """`work(job)` of each of the jobs, which are asked for no earlier than needed."""
    coming = iter(jobs)
    waiting = [pool.submit(work, job) for job in islice(coming, 2 * WORKERS)]
    while waiting:
        yield waiting.pop(0).result()
        waiting += [pool.submit(work, job) for job in islice(coming, 1)]
