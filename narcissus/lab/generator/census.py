"""Whom the pile shows: the first column of the bias ledger, counted before anything is learned."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from narcissus.core.files import write_whole
from narcissus.lab.likeness import ledger
from narcissus.lab.likeness.perception import Eye, Looks
from narcissus.lab.likeness.progress import counted

LOOKED_AT = 1500  # pictures at most, evenly over the pile
AT_ONCE = 50
FACES = 0.5  # share of pictures in which a face must be found: a pile of anything else has no such column


def count(pictures: np.ndarray, eye: Eye, stopped: Callable[[], bool]) -> dict | None:
    """The census of uint8 (n, R, R, 3); None where it is no pile of faces, or somebody stopped it."""
    rows = np.unique(np.linspace(0, len(pictures) - 1, LOOKED_AT).astype(int))
    parts = np.array_split(rows, -(-len(rows) // AT_ONCE))
    looks = []
    for part in counted("counting whom the pile shows", len(rows), "picture", len)(parts):
        if stopped():
            return None
        looks.append(eye.look(list(pictures[part])))
    seen = Looks.joined(looks)
    return ledger.census(seen) if seen.found.mean() >= FACES else None


def keep(work: Path, pictures: np.ndarray, eye: Callable[[], Eye], stopped: Callable[[], bool]) -> dict | None:
    """The same, counted once and kept in the work folder."""
    path = work / "census.json"
    if not path.exists():
        found = count(pictures, eye(), stopped)
        if stopped():
            return None
        write_whole(path, json.dumps(found, indent=1) + "\n")
    return json.loads(path.read_text())
