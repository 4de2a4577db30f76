"""Arrays out of an .npz that nobody needs to trust: plain numbers only, and no more of them than was agreed."""

import io
import math
import re
import struct
import warnings
import zipfile
import zlib
from pathlib import Path
from tokenize import TokenError

import numpy as np

from narcissus.core.printable import printable

# All that numpy.save writes for an array of numbers (numpy's format 1.0), matched as text: no header is evaluated.
HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '(?P<type>[<|](?:f[248]|[iu][1248]|b1))', "
    rb"'fortran_order': (?P<fortran>True|False), 'shape': \((?P<shape>[0-9, ]{0,60})\), \} *\n",
    re.DOTALL,
)
DESCRIPTION = re.compile(r"(?P<type>bool|float(?:16|32|64)|u?int(?:8|16|32|64)) \((?P<shape>[0-9, ]{0,60})\)")
OVERHEAD = 1024  # bytes that the headers of one array may take
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what numpy.savez and numpy.savez_compressed write
ENCRYPTED = 0x1  # bit of a member's flags; APPNOTE.TXT 4.4.4
# What zipfile raises for a damaged archive or member.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)

# And what numpy.load raises besides, whose parser of headers is Python's own; TypeError: one array, and no .npz.
UNREADABLE = (*BROKEN, SyntaxError, TokenError, TypeError, AttributeError, KeyError, MemoryError)

Arrays = dict[str, np.ndarray]


def packed(arrays: Arrays, compressed: bool = True) -> bytes:
    """The bytes of an .npz; the same arrays make the same bytes."""
    buffer = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(buffer, **arrays)
    return buffer.getvalue()


def described(arrays: Arrays) -> dict[str, str]:
    """Name -> type and shape, as a sidecar says it: "float16 (128, 2048)"."""
    return {name: f"{array.dtype.name} {array.shape}" for name, array in arrays.items()}


def largest_of(described: dict[str, str]) -> int:
    """Bytes that an .npz of these arrays may unfold to, headers included. Raises ValueError, naming the array."""
    total = 0
    for name, one in described.items():
        found = DESCRIPTION.fullmatch(one)
        if found is None:
            raise ValueError(f"the array {name:.60} is described as {one!r:.60}")
        sides = found["shape"].replace(",", " ").split()
        total += np.dtype(found["type"]).itemsize * math.prod(map(int, sides)) + OVERHEAD
    return total


def unpacked(data: bytes, largest: int) -> Arrays:
    """The arrays by name. Raises ValueError where they are not plain and whole, or unfold to over `largest` bytes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > largest:
                raise ValueError(f"unfolds to more than {largest >> 20} MB")
            arrays = {member.filename.removesuffix(".npy"): _array(archive, member) for member in members}
    except BROKEN as fault:
        raise ValueError(f"not a whole .npz ({fault})") from fault
    if len(arrays) != len(members):
        raise ValueError("not a whole .npz (an array is there twice)")
    return arrays


def loaded(path: Path) -> Arrays:
    """All arrays of an .npz in a folder of our own work, of any size, once it is known that it is there.

    Raises ValueError where it is damaged, FileNotFoundError.
    """
    try:
        with warnings.catch_warnings(), np.load(path, allow_pickle=False) as file:
            warnings.simplefilter("error", UserWarning)  # a header that only Python 2 writes is none of ours
            arrays = dict(file)
    except FileNotFoundError:
        raise
    except (*UNREADABLE, UserWarning) as fault:
        raise ValueError(f"not a whole .npz ({printable(str(fault))})") from fault
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):  # a member of the archive that is no array
            raise ValueError(f"not a whole .npz ({printable(name)} is no array)")
    return arrays


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """Raises ValueError for anything but an array of numbers."""
    if member.compress_type not in PLAIN or member.flag_bits & ENCRYPTED:
        raise ValueError(f"{member.filename:.60} is compressed as numpy does not")
    raw = archive.read(member)
    header = HEADER.match(raw)
    if header is None:
        raise ValueError(f"{member.filename:.60} is no plain array of numbers")
    shape = tuple(int(side) for side in header["shape"].decode().replace(",", " ").split())
    dtype, body = np.dtype(header["type"].decode()), raw[header.end() :]
    if len(body) != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"{member.filename:.60} holds {len(body)} bytes, but its shape is {shape}")
    return np.frombuffer(body, dtype).reshape(shape, order="F" if header["fortran"] == b"True" else "C")
