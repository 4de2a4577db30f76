"""The checkpoint of a filter's training."""

from dataclasses import asdict, astuple
from pathlib import Path

import numpy as np

from narcissus.lab import checkpoint
from narcissus.lab.style.learn import Apprentice, Entry

MANNER = 2  # counted up whenever the same training would go on otherwise than it began


def put_down(apprentice: Apprentice, path: Path) -> None:
    """Write the state whole: a stop at any moment leaves this one or the one before."""
    arrays = {f"weights/{name}": variable.numpy() for name, variable in apprentice.weights.items()}
    arrays |= {f"average/{name}": array for name, array in apprentice.average.items()}
    arrays |= {f"best/{name}": array for name, array in apprentice.best.items()}
    arrays |= {f"optimizer/{i}": np.array(one) for i, one in enumerate(apprentice.optimizer.variables)}
    arrays |= {"step": np.array(apprentice.step), "steps": np.array(apprentice.steps)}
    arrays["seconds"] = np.array(apprentice.seconds)
    arrays["diary"] = np.array([astuple(entry) for entry in apprentice.diary], np.float64).reshape(-1, 5)
    checkpoint.put_down(path, {}, arrays, _about(apprentice))


def take_up(apprentice: Apprentice, path: Path) -> bool:
    """Whether there was a state to go on from; how many steps it will take in all is then the state's to say.

    Raises ModelCorrupt; ModelMismatch where it is another training's.
    """
    arrays = checkpoint.take_up(path, {}, _about(apprentice))
    if arrays is None:
        return False
    for name, variable in apprentice.weights.items():
        variable.assign(arrays[f"weights/{name}"])
    apprentice.average = {name: arrays[f"average/{name}"] for name in apprentice.weights}
    apprentice.best = {name: arrays[f"best/{name}"] for name in apprentice.weights}
    for i, variable in enumerate(apprentice.optimizer.variables):
        variable.assign(arrays[f"optimizer/{i}"])
    apprentice.step, apprentice.steps = int(arrays["step"]), int(arrays["steps"])
    apprentice.seconds = float(arrays["seconds"])
    apprentice.diary[:] = [Entry(int(step), *rest) for step, *rest in arrays["diary"].tolist()]
    return True


def _about(apprentice: Apprentice) -> dict:
    """What must be the same for the same result; but for the number of steps, which is known only after the first."""
    contents = apprentice.contents
    return {
        "manner": MANNER,
        "style": apprentice.style.sha256,
        "shape": apprentice.style.pixels.shape,
        "seed": apprentice.seed,
        "size": asdict(apprentice.size),
        "begun_with": apprentice.begun_with,
        "terms": asdict(apprentice.terms),
        "contents": [len(pile) for pile in (*contents.learned, *contents.held_out)],
    }
