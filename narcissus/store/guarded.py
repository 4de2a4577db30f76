"""The bytes of a file that may be missing, enormous, a folder, a pipe or a device."""

import errno
import os
import stat
from pathlib import Path

# The system is at fault, not the file, and it may pass: these go on as OSError.
PASSING = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}


def read_guarded(path: Path, largest: int) -> bytes:
    """At most `largest` bytes; nothing is read of a larger file.

    Raises FileNotFoundError, ValueError where the file cannot be read, and OSError of PASSING.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise ValueError("is not a regular file")
            if found.st_size > largest:
                raise ValueError(f"larger than {largest} bytes, too large to be what it should be")
            return file.read(largest)
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise FileNotFoundError(fault.errno, fault.strerror) from fault
    except OSError as fault:
        if fault.errno in PASSING:
            raise
        raise ValueError(f"cannot be read ({fault.strerror})") from fault


def _without_waiting(path: str, flags: int) -> int:
    """A pipe that nobody writes to is opened at once instead of never."""
    return os.open(path, flags | os.O_NONBLOCK)
