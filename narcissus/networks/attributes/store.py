"""attributes.npz: the arrays of the guesses, in parts."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from narcissus import store
from narcissus.store import npz
from narcissus.store.kinds import ATTRIBUTES

ARRAYS = "attributes.npz"

Parts = dict[str, dict[str, np.ndarray]]  # {"network": {…}, "expression": {…}, "calibration": {…}}


def save(folder: Path, parts: Parts, *, name: str, licence: str, command: str, figures: Mapping) -> None:
    """Write the arrays and their sidecar; `command` made them, `figures` say how well. Raises OSError."""
    arrays = {f"{part}/{name}": array for part, members in parts.items() for name, array in members.items()}
    origin = {"command": command}
    path = Path(folder) / ARRAYS
    store.write(
        path,
        ATTRIBUTES,
        npz.packed(arrays),
        name=name,
        licence=licence,
        origin=origin,
        facts={"figures": dict(figures)},
    )


def load(folder: Path) -> Parts:
    """The arrays as they were saved. Raises ModelMissing, ModelCorrupt and ModelMismatch."""
    parts: Parts = {}
    for name, array in store.read(Path(folder) / ARRAYS, ATTRIBUTES).arrays().items():
        part, _, member = name.partition("/")
        parts.setdefault(part, {})[member] = array
    return parts
