"""A small filter for tests: random weights, so it paints nonsense, but it paints."""

from pathlib import Path

import numpy as np

from narcissus.networks.style import store
from narcissus.networks.style.network import Size, initial

TINY = Size(channels=8, blocks=1)
RANDOM = {"style": "none: random weights", "style_sha256": "0" * 64, "command": "tests"}  # a sidecar's origin


def random_model(name: str = "random", size: Size = TINY, seed: int = 0) -> store.Model:
    rng = np.random.default_rng(seed)
    weights = {key: array + rng.normal(0, 0.05, array.shape) for key, array in initial(size, rng).items()}
    return store.Model(name, weights, size, strength=0.7)


def write_filter(folder: Path, name: str = "random", size: Size = TINY, seed: int = 0) -> Path:
    """Write folder/name/filter.npz and its sidecar; returns folder/name, for Filter.load."""
    store.save(Path(folder) / name, random_model(name, size, seed), "none", RANDOM)
    return Path(folder) / name
