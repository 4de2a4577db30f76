"""Checkpoints of a training: one file with all that the next step depends on."""

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from narcissus.core.errors import ModelCorrupt, ModelMismatch
from narcissus.core.files import write_whole
from narcissus.core.printable import printable
from narcissus.store import npz

REMEDY = "begin anew with another --work folder"


def save(path: Path, variables: Mapping[str, Iterable], numbers: Mapping[str, object], about: Mapping) -> None:
    """Write the state whole: a stop at any moment leaves this one or the one before.

    `variables`: lists of a network's variables by part; `numbers`: what else changes, as arrays; `about`: what must be
    the same for whoever goes on, as JSON.
    """
    arrays = {f"{part}/{i}": np.array(v) for part, vs in variables.items() for i, v in enumerate(vs)}
    arrays |= {name: np.asarray(value) for name, value in numbers.items()}
    arrays["about"] = np.frombuffer(_plain(about), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_whole(path, buffer.getvalue())


def load(path: Path, variables: Mapping[str, Iterable], about: Mapping) -> dict[str, np.ndarray] | None:
    """Give every variable the value it had; returns the numbers, or None where there is no state to go on from.

    Raises ModelCorrupt; ModelMismatch where it is another training's.
    """
    if not Path(path).exists():
        return None
    arrays = _read(path)
    if arrays.pop("about", np.empty(0, np.uint8)).tobytes() != _plain(about):
        raise ModelMismatch(f"{path}: the state of a training with other pictures, steps or seed; {REMEDY}")
    try:
        for part, own in variables.items():
            for i, variable in enumerate(own):
                variable.assign(arrays.pop(f"{part}/{i}"))
    except (KeyError, ValueError, TypeError) as fault:
        raise ModelCorrupt(f"{path}: holds another network's state ({printable(str(fault))}); {REMEDY}") from fault
    return arrays


def _plain(about: Mapping) -> bytes:
    return json.dumps(about, sort_keys=True).encode()


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        return npz.loaded(path)
    except ValueError as fault:
        raise ModelCorrupt(f"{path}: cannot be read ({fault}); {REMEDY}") from fault
