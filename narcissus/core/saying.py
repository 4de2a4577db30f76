"""What is said on the standard output: never a reason to end, whoever has closed it and whatever it can spell."""

import contextlib
import os
import sys

from narcissus.core.printable import printable

MOST = 4000  # characters of a complaint


def prepare_streams() -> None:
    """From now on no character is too strange for the standard streams, and a closed one swallows what is said."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - it stays open to the end
        with contextlib.suppress(AttributeError):  # a stand-in of a test
            getattr(sys, name).reconfigure(errors="backslashreplace")


def tell(line: str) -> None:
    """Print it at once; a pipe that nobody reads and a disk that is full are no faults of ours."""
    with contextlib.suppress(OSError, ValueError):
        print(line, flush=True)


def complain(line: str) -> None:
    """The same on the standard error, and in one line whatever it names."""
    with contextlib.suppress(OSError, ValueError):
        print(printable(line, longest=MOST), file=sys.stderr, flush=True)


def flush() -> None:
    """Before the process ends. What cannot be written is forgotten, and the exit code stays as it is meant."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
