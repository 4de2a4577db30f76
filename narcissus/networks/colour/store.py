"""models/colour/<name>.npz and the sidecar that vouches for it: weights in half precision, bins and temperature."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from narcissus.store import vouched
from narcissus.store.kinds import COLOUR

WEIGHTS = "network/"  # before the names of the network's arrays


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    weights: dict[str, np.ndarray]
    centres: np.ndarray  # float32 (Q, 2): the bins
    temperature: float  # at which colours are as strong as true ones
    facts: dict  # slices and their limits, figures


def save(path: Path, model: Model, licence: str, origin: Mapping[str, str]) -> None:
    """Raises OSError."""
    arrays = {WEIGHTS + name: array.astype(np.float16) for name, array in model.weights.items()}
    arrays |= {"centres": model.centres.astype(np.float32), "temperature": np.array(model.temperature, np.float32)}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    vouched.write(
        path, COLOUR, buffer.getvalue(), name=Path(path).stem, licence=licence, origin=origin, facts=model.facts
    )


def load(path: Path) -> Model:
    """Raises ModelMissing, ModelCorrupt, ModelMismatch."""
    found = vouched.read(path, COLOUR)
    arrays = found.arrays()
    try:
        weights = {name.removeprefix(WEIGHTS): array for name, array in arrays.items() if name.startswith(WEIGHTS)}
        return Model(weights, arrays["centres"], float(arrays["temperature"]), found.sidecar.facts)
    except (KeyError, TypeError, ValueError) as error:
        raise mismatch(path, error) from error


def mismatch(path: Path, what: object) -> Exception:
    return COLOUR.mismatch(Path(path), what)
