"""The official network pickles of 2018: what they hold, and what of it a picture needs.

Such a file is `(G, D, Gs)`, three `tfutil.Network`s whose state is a dict: `name`, `static_kwargs` (the arguments they
were built with), `build_func_name`, Python source, and `variables`. `Gs`, the running average of G, draws best.
"""

import math
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from narcissus.core.errors import ModelCorrupt, ModelMismatch, ModelMissing
from narcissus.core.printable import brief
from narcissus.networks.pggan.arguments import Arguments
from narcissus.networks.pggan.unpickle import Array, Network, unpickle

LARGEST = 2 << 30  # bytes; the official 1024 px file has 277 million
SMALLEST = 100


@dataclass(frozen=True, slots=True, eq=False)
class Official:
    """What an official file says of its `Gs`."""

    arguments: Arguments
    variables: dict[str, np.ndarray]  # as stored
    name: str
    ignored: dict  # arguments that do not change the pictures


def read(path: Path | str) -> Official:
    """`Gs` of the pickle at `path`. Raises ModelMissing, ModelCorrupt, ModelMismatch; runs nothing of what it reads."""
    path = Path(path)
    if not path.is_file():
        raise ModelMissing(f"{path}: there is no such file; give the path of an official pickle")
    size = path.stat().st_size
    if not SMALLEST <= size <= LARGEST:
        raise ModelCorrupt(f"{path}: {size} bytes are not the size of a network; download it again")
    return official(generator_of(unpickle(path.read_bytes(), str(path)), str(path)), str(path))


def generator_of(content, where: str) -> dict:
    """The state of `Gs` in what a pickle held."""
    if isinstance(content, list | tuple) and len(content) == 3 and all(isinstance(one, Network) for one in content):
        return content[2].state
    raise ModelMismatch(f"{where}: holds no (G, D, Gs) of three networks; give one of the official network pickles")


def official(state: dict, where: str) -> Official:
    function = state.get("build_func_name")
    if function != "G_paper":
        raise ModelMismatch(f"{where}: built by {brief(function)}; only G_paper is known here")
    given, stored = state.get("static_kwargs"), state.get("variables")
    if not isinstance(given, dict) or not isinstance(stored, list):
        raise ModelMismatch(f"{where}: the network lacks static_kwargs or variables")
    given = {name: _plain(value) for name, value in given.items()}
    known = {one.name for one in fields(Arguments)}
    try:
        arguments = Arguments(**{name: value for name, value in given.items() if name in known})
    except ValueError as fault:
        raise ModelMismatch(f"{where}: {fault}") from fault
    ignored = {name: value for name, value in given.items() if name not in known}
    return Official(arguments, _variables(stored, arguments, where), _word(state.get("name"), "Gs"), ignored)


def _plain(value):
    """A numpy scalar as Python's own number; anything else as it is."""
    scalar = isinstance(value, Array) and value.value is not None and value.value.shape == ()
    return value.value.item() if scalar else value


def _level(value):
    """A bare whole number, which `lod` may be, as a floating-point one; one that is out of reach is infinite."""
    if not isinstance(value, int):
        return value
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _word(value, otherwise: str) -> str:
    return value if isinstance(value, str) else otherwise


def _variables(stored: list, arguments: Arguments, where: str) -> dict[str, np.ndarray]:
    """The stored arrays by name, exactly those that the arguments imply."""
    variables = {}
    for pair in stored:
        if not (isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[0], str)):
            raise ModelMismatch(f"{where}: its variables are not pairs of a name and an array")
        name, value = pair
        variables[name] = value.value if isinstance(value, Array) else _level(value)
    shapes = arguments.shapes()
    variables.setdefault("lod", np.zeros((), np.float32))
    for name in sorted(shapes.keys() ^ variables.keys()):
        said = "is missing" if name in shapes else "belongs to no G_paper of these arguments"
        raise ModelMismatch(f"{where}: the variable {name:.60} {said}")
    for name, shape in shapes.items():
        value = variables[name]
        found = np.shape(value) if isinstance(value, float | np.ndarray) else type(value).__name__
        if found != shape:
            raise ModelMismatch(f"{where}: {name} has shape {found}, but its arguments ask for {shape}")
        variables[name] = np.asarray(value)
        if not np.isfinite(variables[name]).all():
            raise ModelCorrupt(f"{where}: {name} holds NaN or infinity")
    return {name: variables[name] for name in shapes}
