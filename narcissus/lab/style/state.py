"""The checkpoint of a filter's training."""

from dataclasses import asdict, astuple
from pathlib import Path

import numpy as np

from narcissus.lab import checkpoint
from narcissus.lab.style.learn import Entry, Trainer

MANNER = 2  # counted up whenever the same training would go on otherwise than it began


def save_checkpoint(trainer: Trainer, path: Path) -> None:
    """Write the state whole: a stop at any moment leaves this one or the one before."""
    arrays = {f"weights/{name}": variable.numpy() for name, variable in trainer.weights.items()}
    arrays |= {f"average/{name}": array for name, array in trainer.average.items()}
    arrays |= {f"best/{name}": array for name, array in trainer.best.items()}
    arrays |= {f"optimizer/{i}": np.array(one) for i, one in enumerate(trainer.optimizer.variables)}
    arrays |= {"step": np.array(trainer.step), "steps": np.array(trainer.steps)}
    arrays["seconds"] = np.array(trainer.seconds)
    arrays["diary"] = np.array([astuple(entry) for entry in trainer.diary], np.float64).reshape(-1, 5)
    checkpoint.save(path, {}, arrays, _about(trainer))


def load_checkpoint(trainer: Trainer, path: Path) -> bool:
    """Whether there was a state to go on from; how many steps it will take in all is then the state's to say.

    Raises ModelCorrupt; ModelMismatch where it is another training's.
    """
    arrays = checkpoint.load(path, {}, _about(trainer))
    if arrays is None:
        return False
    for name, variable in trainer.weights.items():
        variable.assign(arrays[f"weights/{name}"])
    trainer.average = {name: arrays[f"average/{name}"] for name in trainer.weights}
    trainer.best = {name: arrays[f"best/{name}"] for name in trainer.weights}
    for i, variable in enumerate(trainer.optimizer.variables):
        variable.assign(arrays[f"optimizer/{i}"])
    trainer.step, trainer.steps = int(arrays["step"]), int(arrays["steps"])
    trainer.seconds = float(arrays["seconds"])
    trainer.diary[:] = [Entry(int(step), *rest) for step, *rest in arrays["diary"].tolist()]
    return True


def _about(trainer: Trainer) -> dict:
    """What must be the same for the same result; but for the number of steps, which is known only after the first."""
    contents = trainer.contents
    return {
        "manner": MANNER,
        "style": trainer.style.sha256,
        "shape": trainer.style.pixels.shape,
        "seed": trainer.seed,
        "size": asdict(trainer.size),
        "begun_with": trainer.begun_with,
        "terms": asdict(trainer.terms),
        "contents": [len(pile) for pile in (*contents.learned, *contents.held_out)],
    }
