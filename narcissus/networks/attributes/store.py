"""attributes.npz, plain arrays and never code, and attributes.json beside it, which vouches for its bytes."""

import hashlib
import io
import json
from pathlib import Path

import numpy as np

from narcissus.core.errors import ModelCorrupt, ModelMismatch, ModelMissing
from narcissus.core.files import write_whole
from narcissus.store.npz import read_npz

FORMAT = 1
ARRAYS, SIDECAR = "attributes.npz", "attributes.json"
LARGEST = 1 << 20  # bytes; nothing larger is read
LARGEST_UNFOLDED = 4 << 20  # bytes of arrays
REMEDY = "make it anew with: python scripts/train_attributes.py, or restore it with: git checkout models/attributes"

Parts = dict[str, dict[str, np.ndarray]]  # {"network": {…}, "expression": {…}, "calibration": {…}}


def save(folder: Path, parts: Parts, about: dict) -> None:
    """Write both files; `about` (origin, licence, figures, …) joins the sidecar. Raises OSError."""
    arrays = {f"{part}/{name}": array for part, members in parts.items() for name, array in members.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    sidecar = {"format": FORMAT, "sha256": hashlib.sha256(buffer.getvalue()).hexdigest(), **about}
    write_whole(Path(folder) / ARRAYS, buffer.getvalue())
    write_whole(Path(folder) / SIDECAR, json.dumps(sidecar, indent=2, ensure_ascii=False) + "\n")


def load(folder: Path) -> Parts:
    """The arrays as they were saved; no array is parsed before the file's SHA-256 is that of the sidecar.

    Raises ModelMissing, ModelCorrupt (damaged or replaced) and ModelMismatch (another format).
    """
    path = Path(folder) / ARRAYS
    sidecar = _sidecar(Path(folder) / SIDECAR)
    data = _read(path)
    if hashlib.sha256(data).hexdigest() != sidecar.get("sha256"):
        raise ModelCorrupt(f"{path}: not the file that {SIDECAR} vouches for; {REMEDY}")
    parts: Parts = {}
    for name, array in read_npz(data, path, REMEDY, LARGEST_UNFOLDED).items():
        part, _, member = name.partition("/")
        parts.setdefault(part, {})[member] = array
    return parts


def _sidecar(path: Path) -> dict:
    try:
        sidecar = json.loads(_read(path))
    except (ValueError, RecursionError) as error:  # nested beyond all sense
        raise ModelCorrupt(f"{path}: not JSON ({error}); {REMEDY}") from None
    if not isinstance(sidecar, dict):
        raise ModelCorrupt(f"{path}: not a table of facts about {ARRAYS}; {REMEDY}")
    if sidecar.get("format") != FORMAT:
        raise ModelMismatch(f"{path}: format {sidecar.get('format')}, but this version reads {FORMAT}; {REMEDY}")
    return sidecar


def _read(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise ModelMissing(f"{path}: no such file; {REMEDY}") from None
    except OSError as error:
        raise ModelCorrupt(f"{path}: cannot be read ({error.strerror}); {REMEDY}") from error
    if len(data) > LARGEST:
        raise ModelCorrupt(f"{path}: larger than any file of this kind; {REMEDY}")
    return data
