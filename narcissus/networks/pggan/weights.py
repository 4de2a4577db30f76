"""Generator weights on disk: an .npz of plain arrays, and beside it a sidecar .json that vouches for it.

    utk-64.npz     the reference's variables under the reference's names, float16 or float32
    utk-64.json    format, name, sha256 of the .npz, the arguments of G_paper, origin, licence

Nothing parses the .npz before its sha256 is that of the sidecar, and no array is read before its declared name, type
and size are those that the arguments imply.
"""

import hashlib
import io
import json
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Set
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from narcissus.core.errors import ModelCorrupt, ModelMismatch, ModelMissing
from narcissus.core.files import write_whole
from narcissus.networks.pggan.arguments import Arguments

FORMAT = 1
LARGEST_SIDECAR = 1 << 16  # bytes; a real one has about a thousand
MOST_WEIGHTS = 1 << 28  # the official 1024 px network has 23 million
MEMBER_OVERHEAD = 1024  # bytes; what zip and npy headers of one array may take
# All that numpy.save writes for such an array (numpy's format 1.0), matched as text: no header is ever evaluated.
NPY_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '(?P<type><f[24])', 'fortran_order': (?P<fortran>True|False), "
    rb"'shape': \((?P<shape>[0-9, ]{0,60})\), \} *\n",
    re.DOTALL,
)
# What zipfile raises for a damaged archive, an unknown compression or an encrypted member.
BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
REMEDY = "make it anew with scripts/import_pggan.py, or restore the shipped one with: git checkout models/pg_gan"


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """A generator at rest."""

    arguments: Arguments
    variables: dict[str, np.ndarray]  # as stored: names, shapes and layout of the reference, no gain applied
    name: str
    origin: str
    licence: str
    sha256: str = ""  # of the .npz; empty for weights that have never been on disk


def sidecar_of(path: Path) -> Path:
    return Path(path).with_suffix(".json")


def read(path: Path | str) -> Weights:
    """The weights at `path`, proved whole.

    Raises ModelMissing when the .npz or its sidecar is not there, ModelCorrupt when a file is not what it was when it
    was written or holds NaN or infinity, ModelMismatch when arrays and arguments do not fit each other.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelMissing(f"{path}: there is no such file; {REMEDY}")
    facts = _read_sidecar(path)
    arguments = facts["arguments"]
    shapes = arguments.shapes()
    count = sum(math.prod(shape) for shape in shapes.values())
    if count > MOST_WEIGHTS or path.stat().st_size > 4 * count + MEMBER_OVERHEAD * len(shapes):
        raise ModelMismatch(f"{path}: larger than the arguments in {sidecar_of(path).name} allow; {REMEDY}")
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != facts["sha256"]:
        raise ModelCorrupt(
            f"{path}: its sha256 is {found[:12]}…, but {sidecar_of(path).name} vouches for "
            f"{facts['sha256'][:12]}…; {REMEDY}"
        )
    variables = _read_arrays(data, path, arguments)
    return Weights(arguments, variables, facts["name"], facts["origin"], facts["licence"], found)


def write(path: Path | str, weights: Weights) -> str:
    """Write the .npz and then, as its seal, the sidecar; returns the sha256. Raises OSError and ModelError.

    A power cut between the two leaves an .npz without a sidecar, or beside one that vouches for another file: `read`
    refuses both.
    """
    path = Path(path)
    buffer = io.BytesIO()
    np.savez(buffer, **weights.variables)
    data = buffer.getvalue()
    _read_arrays(data, path, weights.arguments)
    sha256 = hashlib.sha256(data).hexdigest()
    facts = {
        "format": FORMAT,
        "name": weights.name,
        "sha256": sha256,
        "arguments": asdict(weights.arguments),
        "origin": weights.origin,
        "licence": weights.licence,
    }
    write_whole(path, data)
    write_whole(sidecar_of(path), json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
    return sha256


def _read_sidecar(path: Path) -> dict:
    """The sidecar's facts, each of the right kind, `arguments` already made."""
    sidecar = sidecar_of(path)
    if not sidecar.is_file():
        raise ModelMissing(f"{sidecar}: {path.name} has no sidecar to vouch for it; {REMEDY}")
    if sidecar.stat().st_size > LARGEST_SIDECAR:
        raise ModelCorrupt(f"{sidecar}: too large for a sidecar; {REMEDY}")
    try:
        facts = json.loads(sidecar.read_bytes())
    except (ValueError, RecursionError) as fault:  # not UTF-8, not JSON, or nested beyond all sense
        raise ModelCorrupt(f"{sidecar}: not readable as JSON ({fault}); {REMEDY}") from fault
    if not isinstance(facts, dict):
        raise ModelCorrupt(f"{sidecar}: must hold one JSON object; {REMEDY}")
    if facts.get("format") != FORMAT:
        raise ModelMismatch(f"{sidecar}: format is {facts.get('format')!r:.40}, this version reads {FORMAT}; {REMEDY}")
    for key in ("name", "sha256", "origin", "licence"):
        if not isinstance(facts.get(key), str):
            raise ModelCorrupt(f"{sidecar}: {key} is missing or not a text; {REMEDY}")
    if not isinstance(facts.get("arguments"), dict):
        raise ModelCorrupt(f"{sidecar}: arguments are missing; {REMEDY}")
    return facts | {"arguments": _read_arguments(sidecar, facts["arguments"])}


def _read_arguments(sidecar: Path, given: dict) -> Arguments:
    """Every argument must be there: a default silently taken would draw another face, not an error."""
    known = {field.name for field in fields(Arguments)}
    for name in sorted(known - given.keys()):
        raise ModelMismatch(f"{sidecar}: the argument {name} is missing; {REMEDY}")
    for name in sorted(given.keys() - known):
        raise ModelMismatch(f"{sidecar}: {name:.40} is no argument of G_paper; {REMEDY}")
    try:
        return Arguments(**given)
    except ValueError as fault:
        raise ModelMismatch(f"{sidecar}: {fault}; {REMEDY}") from fault


def _read_arrays(data: bytes, path: Path, arguments: Arguments) -> dict[str, np.ndarray]:
    """The arrays of an .npz in memory, each one expected by name, shape and type, and finite."""
    shapes = arguments.shapes()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            _check_names(members.keys(), path, shapes.keys())
            variables = {name: _read_array(archive, members[name], path, shape) for name, shape in shapes.items()}
    except BROKEN_ZIP as fault:
        raise ModelCorrupt(f"{path}: not a whole .npz ({fault}); {REMEDY}") from fault
    if not 0 <= variables["lod"] <= arguments.log2 - 2:
        raise ModelMismatch(f"{path}: lod is {variables['lod']}, but must be 0 to {arguments.log2 - 2}; {REMEDY}")
    return variables


def _check_names(found: Set[str], path: Path, expected: Set[str]) -> None:
    for name in sorted(expected - found):
        raise ModelMismatch(f"{path}: the array {name} is missing; {REMEDY}")
    for name in sorted(found - expected):
        raise ModelMismatch(f"{path}: the array {name:.60} belongs to no such network; {REMEDY}")


def _read_array(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, shape: tuple[int, ...]) -> np.ndarray:
    name = info.filename.removesuffix(".npy")
    count = math.prod(shape)
    if info.file_size > 4 * count + MEMBER_OVERHEAD:
        raise ModelMismatch(
            f"{path}: {name:.60} declares {info.file_size} bytes, far more than {shape} needs; {REMEDY}"
        )
    raw = archive.read(info)
    header = NPY_HEADER.match(raw)
    if not header:
        raise ModelMismatch(f"{path}: {name} is not a plain float16 or float32 array; {REMEDY}")
    declared = tuple(int(side) for side in header["shape"].decode().replace(",", " ").split())
    if declared != shape:
        raise ModelMismatch(f"{path}: {name} has shape {declared}, but the arguments ask for {shape}; {REMEDY}")
    body = raw[header.end() :]
    dtype = np.dtype(header["type"].decode())
    if len(body) != count * dtype.itemsize:
        raise ModelCorrupt(f"{path}: {name} holds {len(body)} bytes instead of {count * dtype.itemsize}; {REMEDY}")
    array = np.frombuffer(body, dtype).reshape(shape, order="F" if header["fortran"] == b"True" else "C")
    if not np.isfinite(array).all():
        raise ModelCorrupt(f"{path}: {name} holds NaN or infinity; {REMEDY}")
    return array
