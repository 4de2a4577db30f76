"""Arrays out of an .npz that nobody needs to trust: plain numbers only, and no more of them than was agreed."""

import io
import math
import re
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np

from narcissus.core.errors import ModelCorrupt

# All that numpy.save writes for an array of numbers (numpy's format 1.0), matched as text: no header is evaluated.
HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '(?P<type>[<|](?:f[248]|[iu][1248]|b1))', "
    rb"'fortran_order': (?P<fortran>True|False), 'shape': \((?P<shape>[0-9, ]{0,60})\), \} *\n",
    re.DOTALL,
)
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what numpy.savez and numpy.savez_compressed write
ENCRYPTED = 0x1  # bit of a member's flags; APPNOTE.TXT 4.4.4
# What zipfile raises for a damaged archive or member.
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError, OSError)


def read_npz(data: bytes, path: Path, remedy: str, largest: int) -> dict[str, np.ndarray]:
    """The arrays by name. Raises ModelCorrupt, naming `path`, where they are not whole and plain, or too many.

    `largest` is how many bytes the file may unfold to; `remedy` ends the message.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > largest:
                raise ModelCorrupt(f"{path}: unfolds to more than {largest >> 20} MB; {remedy}")
            return {member.filename.removesuffix(".npy"): _array(archive, member) for member in members}
    except BROKEN as fault:
        raise ModelCorrupt(f"{path}: not a whole .npz ({fault}); {remedy}") from fault


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
