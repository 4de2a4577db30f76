"""The checkpoint of a training: one file with all that the next step depends on."""

import io
import json
import zipfile
from dataclasses import astuple
from pathlib import Path

import numpy as np

from narcissus.core.errors import ModelCorrupt, ModelMismatch
from narcissus.core.files import write_whole
from narcissus.lab.colour.learn import Entry, Student

REMEDY = "begin anew with another --work folder"


def put_down(student: Student, path: Path) -> None:
    """Write the state whole: a stop at any moment leaves this one or the one before."""
    arrays = {f"{part}/{i}": np.array(v) for part, vs in _variables(student).items() for i, v in enumerate(vs)}
    arrays["step"] = np.array(student.step)
    arrays["diary"] = np.array([astuple(entry) for entry in student.diary], np.float64).reshape(-1, 3)
    arrays["about"] = np.frombuffer(_about(student), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_whole(path, buffer.getvalue())


def take_up(student: Student, path: Path) -> bool:
    """Whether there was a state to go on from. Raises ModelCorrupt; ModelMismatch where it is another training's."""
    if not Path(path).exists():
        return False
    arrays = _read(path)
    if arrays["about"].tobytes() != _about(student):
        raise ModelMismatch(f"{path}: the state of a training with other pictures, steps or seed; {REMEDY}")
    for part, variables in _variables(student).items():
        for i, variable in enumerate(variables):
            variable.assign(arrays[f"{part}/{i}"])
    student.step = int(arrays["step"])
    student.diary[:] = [Entry(int(step), loss, error) for step, loss, error in arrays["diary"].tolist()]
    return True


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as fault:
        raise ModelCorrupt(f"{path}: cannot be read ({fault}); {REMEDY}") from fault


def _variables(student: Student) -> dict[str, list]:
    return {
        "model": student.model.variables,
        "average": student.average.variables,
        "optimizer": student.optimizer.variables,
    }


def _about(student: Student) -> bytes:
    """What must be the same for the same result."""
    slices = {name: len(rows) for name, rows in student.pile.slices.items()}
    about = {
        "steps": student.steps,
        "polish": student.polish,
        "seed": student.seed,
        "slices": slices,
        "centres": student.centres.tolist(),
    }
    return json.dumps(about, sort_keys=True).encode()
