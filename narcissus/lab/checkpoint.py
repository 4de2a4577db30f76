"""A training put down and taken up again: one file with all that the next step depends on."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np

from narcissus.core.errors import ModelCorrupt, ModelMismatch
from narcissus.core.files import write_whole

REMEDY = "begin anew with another --work folder"
ABOUT = "about"  # the name of the array that says whose state it is


def put_down(path: Path, arrays: dict[str, np.ndarray], about: dict) -> None:
    """Write the state whole: a stop at any moment leaves this one or the one before.

    `about` is what must be the same for the same result.
    """
    buffer = io.BytesIO()
    np.savez(buffer, **arrays, **{ABOUT: np.frombuffer(_text(about), np.uint8)})
    write_whole(path, buffer.getvalue())


def take_up(path: Path, about: dict) -> dict[str, np.ndarray] | None:
    """The arrays; None where there are none yet. Raises ModelCorrupt; ModelMismatch where it is another training's."""
    if not Path(path).exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as fault:
        raise ModelCorrupt(f"{path}: cannot be read ({fault}); {REMEDY}") from fault
    if arrays.pop(ABOUT).tobytes() != _text(about):
        raise ModelMismatch(f"{path}: the state of a training with other pictures, steps or seed; {REMEDY}")
    return arrays


def _text(about: dict) -> bytes:
    return json.dumps(about, sort_keys=True).encode()
