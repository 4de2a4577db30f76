"""A generator's file, by its path: whether it is there, and what may be meant if it is not. Loads no network."""

import os
from difflib import get_close_matches
from pathlib import Path

from narcissus.core.errors import ModelMissing
from narcissus.store.kinds import GENERATOR


def found(path: Path) -> Path:
    """The same, whatever it is that is there. Raises ModelMissing where nothing is, and says what may be meant."""
    if os.path.lexists(path):
        return path
    name = path.name.removesuffix(".npz")
    if name.endswith(".pkl"):
        own = f"models/pg_gan/{name.removesuffix('.pkl')}.npz"
        into = f".venv/bin/python scripts/import_pggan.py {path.with_name(name)} {own}"
        raise ModelMissing(f"{name}: a pickle is imported first, without running it: {into}")
    near = get_close_matches(name, [other.stem for other in path.parent.glob("*.npz")], n=1)
    raise GENERATOR.missing(path, "there is no such file" + (f"; did you mean {near[0]}?" if near else ""))
