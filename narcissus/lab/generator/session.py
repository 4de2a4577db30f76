"""One session of training: until the clock or somebody ends it, with a page that renews itself and a state kept."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from narcissus.core.saying import tell
from narcissus.lab.generator import samples
from narcissus.lab.generator.training import Training
from narcissus.lab.likeness.progress import counted

KEPT_EVERY = 120.0  # seconds between two states on the disk, and two looks at the samples
FIRST_LOOK = 20.0  # seconds


def train(
    training: Training,
    work: Path,
    show: Callable[[], None],
    until: float,
    stopped: Callable[[], bool],
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Train until `until` seconds of training in all, or until stopped. The state is in `work` afterwards."""
    left = max(0, round(until - training.seconds))
    steps = _steps(training, work, show, until, stopped, clock)
    for _ in counted("training", left, "s", lambda seconds: seconds)(steps):
        pass
    training.save_checkpoint(work / "state.npz")


def _steps(training: Training, work: Path, show, until: float, stopped, clock) -> Iterator[int]:
    """Whole seconds that each step has added to the training's."""
    last = clock()
    look = last + FIRST_LOOK
    while training.seconds < until and not stopped():
        before = int(training.seconds)
        losses = training.learn()
        now = clock()
        training.seconds, last = training.seconds + now - last, now
        if now >= look:
            look = now + KEPT_EVERY
            entry = training.note(losses)
            tell(f"  {entry.seconds / 60:.1f} min: {entry.pixels} px, {entry.seen:,} pictures seen")
            show()
            training.save_checkpoint(work / "state.npz")
        yield int(training.seconds) - before


def shower(training: Training, work: Path, name: str, told: str, until: float) -> Callable[..., None]:
    """`samples.show` of a sitting until `until` seconds of training in all; called with how it ended, when it has."""
    return lambda ended="": samples.show(work, training, name, told, until, ended)
