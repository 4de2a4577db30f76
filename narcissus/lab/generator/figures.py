"""How good the generator's pictures are, against pictures of the pile that it was not taught with."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from narcissus.lab.drawing_quality import against, drawn, judged
from narcissus.lab.likeness.progress import counted

HELD_OUT, MOST_HELD = 0.1, 1000  # share of the pile that nothing is taught with; pictures at most
ENOUGH = 400  # pictures: a smaller pile is all taught, and measured against itself
MEASURED = 300  # pictures of each kind at most; a descriptor takes 0.1 s
COARSEST = 16  # pixels; smaller pictures have no patches to compare


def parted(pictures: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to teach with, and rows held out: none of a small pile."""
    rows = np.random.default_rng(seed).permutation(len(pictures))
    held = min(int(HELD_OUT * len(pictures)), MOST_HELD) if len(pictures) >= ENOUGH else 0
    return np.sort(rows[held:]), np.sort(rows[:held])


def measure(
    generator, pictures: np.ndarray, held: np.ndarray, taught: np.ndarray, seed: int, stopped: Callable[[], bool]
) -> dict | None:
    """{"renders": …, "real pictures": the floor, "held out": whether they were}; None of pictures under 16 px.

    With nothing held out, the one half of the pile stands for the world and the other for the floor. Raises
    KeyboardInterrupt where somebody stops it.
    """
    if generator.resolution < COARSEST:
        return None
    rng = np.random.default_rng(seed)
    world, others = (held, taught) if len(held) else np.array_split(rng.permutation(taught), 2)
    count = min(MEASURED, len(world), len(others))
    world, others = (np.sort(rng.choice(rows, count, replace=False)) for rows in (world, others))
    bar = lambda what: counted(f"looking at {what}", count, "picture")
    look = lambda what, shown: judged(shown, lambda seen: bar(what)(_until(stopped, seen)))
    real = look("held-out pictures", pictures[world])
    return {
        "held out": bool(len(held)),
        "renders": against(real, look("renders", drawn(generator, count, seed)), seed),
        "real pictures": against(real, look("other pictures", pictures[others]), seed),
    }


def _until(stopped: Callable[[], bool], some: Iterable) -> Iterator:
    for one in some:
        if stopped():
            raise KeyboardInterrupt
        yield one
