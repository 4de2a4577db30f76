"""Generator weights on disk: the reference's variables under the reference's names, float16 or float32, in an .npz.

Its sidecar holds the arguments of G_paper. No weights are read before the arrays that the sidecar names are those that
the arguments imply.
"""

import hashlib
import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from narcissus import store
from narcissus.networks.pggan.arguments import Arguments
from narcissus.store import Sidecar, npz
from narcissus.store.generators import found
from narcissus.store.kinds import GENERATOR

MOST_WEIGHTS = 1 << 28  # the official 1024 px network has 23 million


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """A generator at rest."""

    arguments: Arguments
    variables: dict[str, np.ndarray]  # as stored: names, shapes and layout of the reference, no gain applied
    name: str
    origin: str
    licence: str
    sha256: str = ""  # of the .npz; empty for weights that have never been on disk


def read(path: Path | str) -> Weights:
    """The weights at `path`, proved whole.

    Raises ModelMissing when the .npz or its sidecar is not there, ModelCorrupt when a file is not what it was when it
    was written or holds NaN or infinity, ModelMismatch when arrays and arguments do not fit each other.
    """
    vouched = store.read(found(Path(path)), GENERATOR, accept)
    sidecar, variables = vouched.sidecar, vouched.arrays()
    arguments = Arguments(**sidecar.facts["arguments"])
    _check_numbers(Path(path), arguments, variables)
    return Weights(arguments, variables, sidecar.name, sidecar.origin["source"], sidecar.licence, sidecar.sha256)


def write(path: Path | str, weights: Weights) -> str:
    """Write the .npz and its sidecar; returns the sha256. Raises OSError and ModelError."""
    path = Path(path)
    try:
        _check_arrays(weights.arguments, npz.described(weights.variables))
    except ValueError as fault:
        raise GENERATOR.mismatch(path, fault) from fault
    _check_numbers(path, weights.arguments, weights.variables)
    sidecar = store.write(
        path,
        GENERATOR,
        _packed(weights),
        name=weights.name,
        licence=weights.licence,
        origin={"source": weights.origin},
        facts={"arguments": asdict(weights.arguments)},
    )
    return sidecar.sha256


def sha256(weights: Weights) -> str:
    """Of the .npz that `write` makes of them."""
    return hashlib.sha256(_packed(weights)).hexdigest()


def accept(sidecar: Sidecar) -> None:
    """Raises ValueError, naming what is wrong, where the sidecar's arrays are not those of its arguments."""
    _check_arrays(_arguments(sidecar.facts["arguments"]), sidecar.arrays)


def _packed(weights: Weights) -> bytes:
    return npz.packed(weights.variables, compressed=False)  # it would gain a fourteenth


def _arguments(given: dict) -> Arguments:
    """Every argument must be there: a default silently taken would draw another face, not an error."""
    known = {field.name for field in fields(Arguments)}
    for name in sorted(known ^ given.keys()):
        raise ValueError(
            f"the argument {name} is missing" if name in known else f"{name:.40} is no argument of G_paper"
        )
    return Arguments(**given)


def _check_arrays(arguments: Arguments, described: dict[str, str]) -> None:
    """Raises ValueError, naming the array."""
    shapes = arguments.shapes()
    if sum(math.prod(shape) for shape in shapes.values()) > MOST_WEIGHTS:
        raise ValueError("the arguments ask for a larger network than any computer here draws")
    for name in sorted(shapes.keys() ^ described.keys()):
        raise ValueError(f"the array {name:.60} " + ("is missing" if name in shapes else "belongs to no such network"))
    for name, shape in shapes.items():
        if described[name] not in (f"float16 {shape}", f"float32 {shape}"):
            raise ValueError(f"{name} is {described[name]:.60}, but the arguments ask for float16 or float32 {shape}")


def _check_numbers(path: Path, arguments: Arguments, variables: npz.Arrays) -> None:
    for name, array in variables.items():
        if not np.isfinite(array).all():
            raise GENERATOR.corrupt(path, f"{name} holds NaN or infinity")
    lod, most = variables["lod"], arguments.log2 - 2
    if not 0 <= lod <= most:
        raise GENERATOR.mismatch(path, f"lod is {lod}, but must be 0 to {most}")
