"""models/filters/<name>/filter.npz and the sidecar that vouches for it: weights in half precision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from narcissus.core.files import HOME
from narcissus.networks.style.network import Size
from narcissus.store import npz, vouched
from narcissus.store.kinds import FILTER

FOLDER = HOME / "models" / "filters"
FILE = "filter.npz"


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    name: str
    weights: dict[str, np.ndarray]  # float32; see network.Size.shapes
    size: Size
    strength: float  # the default
    facts: dict = field(default_factory=dict)  # more that is known of it: seed, loss, minutes
    origin: dict[str, str] = field(default_factory=dict)


def place(name: Path | str) -> Path:
    """Where a filter's weights lie: of a name, in models/filters; of a path, in that folder, or that file itself."""
    path = Path(name)
    if path.suffix == ".npz":
        return path
    return (path if path.is_dir() or len(path.parts) > 1 else FOLDER / path) / FILE


def filters_in(folder: Path | str = FOLDER) -> list[str]:
    """The names of the filters in a folder, sorted; [] where there are none."""
    return sorted(path.parent.name for path in Path(folder).glob(f"*/{FILE}"))


def save(folder: Path, model: Model, licence: str, origin: Mapping[str, str]) -> Path:
    """Write `folder`/filter.npz with its sidecar. Raises OSError; ModelError where it could not be read again."""
    arrays = {name: array.astype(np.float16) for name, array in model.weights.items()}
    facts = {"channels": model.size.channels, "blocks": model.size.blocks, "strength": float(model.strength)}
    path = Path(folder) / FILE
    data = npz.packed(arrays)
    vouched.write(path, FILTER, data, name=model.name, licence=licence, origin=origin, facts=model.facts | facts)
    return path


def load(path: Path | str) -> Model:
    """Raises ModelMissing, ModelCorrupt, ModelMismatch."""
    found = vouched.read(path, FILTER)
    try:
        facts = found.sidecar.facts
        size = Size(facts["channels"], facts["blocks"])
        weights = {name: array.astype(np.float32) for name, array in found.arrays().items()}
        _check(weights, size, facts["strength"])
    except ValueError as fault:
        raise found.mismatch(fault) from fault
    return Model(found.sidecar.name, weights, size, facts["strength"], dict(facts), dict(found.sidecar.origin))


def _check(weights: dict[str, np.ndarray], size: Size, strength: float) -> None:
    """Raises ValueError where the arrays are not those of the network."""
    if not (1 <= size.channels <= 256 and 1 <= size.blocks <= 32 and 0 <= strength <= 1):
        raise ValueError(f"{size.channels} channels, {size.blocks} blocks and a strength of {strength:g} make no sense")
    wanted, given = size.shapes(), {name: array.shape for name, array in weights.items()}
    strangers = sorted(name for name in wanted | given if wanted.get(name) != given.get(name))
    if strangers:
        raise ValueError(f"the weights are those of another network ({strangers[0]} and {len(strangers) - 1} more)")
    if not all(np.isfinite(array).all() for array in weights.values()):
        raise ValueError("some weights are not finite")
