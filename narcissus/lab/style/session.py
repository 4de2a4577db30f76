"""One training from start to end, or until somebody stops it: diary, state on disk, a picture to look at meanwhile."""

import time
from itertools import islice
from pathlib import Path

from narcissus.core.files import write_whole
from narcissus.lab.likeness.pictures import jpeg
from narcissus.lab.likeness.progress import counted
from narcissus.lab.stop import Stop
from narcissus.lab.style import state
from narcissus.lab.style.contents import shown
from narcissus.lab.style.learn import WARM_UP, Trainer
from narcissus.lab.style.preview import strip
from narcissus.networks.style import store
from narcissus.networks.style.filter import Filter

LINE_EVERY = 100  # steps between two lines of the diary, and two states on disk
LOOK_EVERY = 20.0  # seconds between two pictures
SHOWN, SHOWN_SIDE = 4, 256  # held-out pictures, and their size in pixels

WATCH = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="10">
<title>A filter in training</title><body style="margin:2rem;background:#222"><img src="preview.jpg"
alt="held-out pictures, as they are and at three strengths" style="max-width:100%"></body></html>
"""


def train(trainer: Trainer, work: Path, minutes: float | None, stop: Stop) -> bool:
    """Whether the end was reached. The state is on disk afterwards; `minutes` None: the steps are set already."""
    write_whole(work / "watch.html", WATCH)
    if not trainer.diary:
        trainer.judge()
    if minutes is not None and trainer.step < WARM_UP:
        _go_on(trainer, WARM_UP, "finding the pace", work, stop)
        if trainer.step == WARM_UP:
            trainer.fit(minutes)
    if not stop.asked:
        _go_on(trainer, trainer.steps, "learning", work, stop)
    state.save_checkpoint(trainer, work / "state.npz")  # before this look, which no unbroken training takes
    trainer.judge()
    write_whole(work / "preview.jpg", jpeg(look(trainer), 88))
    return trainer.step == trainer.steps


def _go_on(trainer: Trainer, goal: int, what: str, work: Path, stop: Stop) -> None:
    """Learn up to the step `goal`, or until somebody stops it."""
    looked = time.monotonic()
    steps = islice(trainer.learn(), goal - trainer.step)
    for _ in counted(what, goal - trainer.step, "step")(steps):
        if stop.asked:
            return
        if trainer.step % LINE_EVERY == 0:
            line = trainer.judge()
            print(f"step {line.step:5}  style {line.style:.4f}  content {line.content:.4f}", flush=True)
            state.save_checkpoint(trainer, work / "state.npz")
        if time.monotonic() - looked > LOOK_EVERY:
            write_whole(work / "preview.jpg", jpeg(look(trainer), 88))
            looked = time.monotonic()


def look(trainer: Trainer):
    """uint8: held-out pictures as the average of the weights paints them now."""
    now = Filter(model(trainer, trainer.average, "now"))
    return strip(now, shown(trainer.contents, SHOWN, SHOWN_SIDE))


def model(trainer: Trainer, weights: dict, name: str, strength: float = 0.7) -> store.Model:
    return store.Model(name, weights, trainer.size, strength)
