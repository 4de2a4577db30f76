"""The checkpoint of a training of the network that colours."""

from dataclasses import astuple
from pathlib import Path

import numpy as np

from narcissus.lab import checkpoint
from narcissus.lab.colour.learn import Entry, Student


def put_down(student: Student, path: Path) -> None:
    """Write the state whole."""
    diary = np.array([astuple(entry) for entry in student.diary], np.float64).reshape(-1, 3)
    checkpoint.put_down(path, _variables(student), {"step": student.step, "diary": diary}, _about(student))


def take_up(student: Student, path: Path) -> bool:
    """Whether there was a state to go on from. Raises ModelCorrupt; ModelMismatch where it is another training's."""
    numbers = checkpoint.take_up(path, _variables(student), _about(student))
    if numbers is None:
        return False
    student.step = int(numbers["step"])
    student.diary[:] = [Entry(int(step), loss, error) for step, loss, error in numbers["diary"].tolist()]
    return True


def _variables(student: Student) -> dict[str, list]:
    return {
        "model": student.model.variables,
        "average": student.average.variables,
        "optimizer": student.optimizer.variables,
    }


def _about(student: Student) -> dict:
    """What must be the same for the same result."""
    return {
        "steps": student.steps,
        "polish": student.polish,
        "seed": student.seed,
        "slices": {name: len(rows) for name, rows in student.pile.slices.items()},
        "centres": student.centres.tolist(),
    }
