"""The checkpoint of a training of the network that colours."""

from dataclasses import astuple
from pathlib import Path

import numpy as np

from narcissus.lab import checkpoint
from narcissus.lab.colour.learn import Entry, Trainer


def save_checkpoint(trainer: Trainer, path: Path) -> None:
    """Write the state whole."""
    diary = np.array([astuple(entry) for entry in trainer.diary], np.float64).reshape(-1, 3)
    checkpoint.save(path, _variables(trainer), {"step": trainer.step, "diary": diary}, _about(trainer))


def load_checkpoint(trainer: Trainer, path: Path) -> bool:
    """Whether there was a state to go on from. Raises ModelCorrupt; ModelMismatch where it is another training's."""
    numbers = checkpoint.load(path, _variables(trainer), _about(trainer))
    if numbers is None:
        return False
    trainer.step = int(numbers["step"])
    trainer.diary[:] = [Entry(int(step), loss, error) for step, loss, error in numbers["diary"].tolist()]
    return True


def _variables(trainer: Trainer) -> dict[str, list]:
    return {
        "model": trainer.model.variables,
        "average": trainer.average.variables,
        "optimizer": trainer.optimizer.variables,
    }


def _about(trainer: Trainer) -> dict:
    """What must be the same for the same result."""
    return {
        "steps": trainer.steps,
        "polish": trainer.polish,
        "seed": trainer.seed,
        "slices": {name: len(rows) for name, rows in trainer.pile.slices.items()},
        "centres": trainer.centres.tolist(),
    }
