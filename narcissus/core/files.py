"""Files are written whole or not at all, and what they contain is known by its hash."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

# Where models/ and config.yaml lie, wherever it is started from: this checkout, or the one that NARCISSUS_HOME names.
HOME = Path(os.environ.get("NARCISSUS_HOME") or Path(__file__).resolve().parents[2]).absolute()


def write_whole(path: Path, data: bytes | str, mode: int = 0o644) -> None:
    """Put `data` at `path` in one step: a reader, a power cut or Ctrl-C sees the old file or the new one, never a part.

    Folders are made as needed. `mode`: who may read and write it then. Raises OSError when the disk is full or
    read-only; the old file then stands as it was.
    """
    with writing_whole(path, mode) as file:
        file.write(data.encode() if isinstance(data, str) else data)


@contextmanager
def writing_whole(path: Path, mode: int = 0o644) -> Iterator[BinaryIO]:
    """A file to be written little by little, which is at `path` once it is left without a fault, and in one step.

    A fault inside leaves nothing behind. Folders are made as needed. Raises OSError as write_whole does.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(part, mode)  # mkstemp makes it readable by its owner alone
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal. Raises OSError."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unused(path: Path) -> Path:
    """The path itself, or the same with -2, -3, … before its suffix: nothing that is there is overwritten."""
    found, number = path, 1
    while found.exists():
        number += 1
        found = path.with_stem(f"{path.stem}-{number}")
    return found


def absolute(folder: Path) -> Path:
    """The same folder wherever the process goes; inside the checkout where the working directory has been deleted."""
    try:
        return folder.absolute()
    except OSError:
        return HOME / folder
