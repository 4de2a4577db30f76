"""What a camera sees stays in memory: no dump of it reaches a disk."""

import ctypes
import os
import resource
import tempfile

PR_SET_DUMPABLE = 4  # linux/prctl.h


def forbid_dumps() -> None:
    """A crash of this process leaves no image of its memory, whatever the machine's settings are.

    The limit alone is not enough: it is ignored where the kernel hands dumps to a program. What is not dumpable can
    also not be read by other processes of the same user. Elsewhere than on Linux the limit is all there is.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def forbid_probing() -> None:
    """Libraries that ask for a place for temporary files get an answer, and no file is written to find one.

    TensorFlow asks while it is imported, and cannot be imported where the disk is full or read-only.
    """
    tempfile.tempdir = os.environ.get("TMPDIR", "/tmp")
