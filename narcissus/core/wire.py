"""What two processes of the same user say to one another: JSON, and bytes beside it, over a Unix-domain socket.

A message is two lengths of 32 bits, big-endian, then the JSON in UTF-8 and the bytes. Nobody else may open the socket.
"""

import asyncio
import json
import os
import stat
import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HEAD = struct.Struct("!II")  # lengths of JSON and bytes
LARGEST = 8 << 20  # bytes of a message


class Malformed(ValueError):
    """Says in a few words what is wrong with a message; whoever sent it is no longer listened to."""


def wall_socket() -> Path:
    """Where the mirror of this user listens, if one runs. Raises OSError as runtime_folder does."""
    return runtime_folder() / "wall.sock"


def packed(told: Mapping[str, Any], blob: bytes = b"") -> bytes:
    """A message as bytes."""
    words = json.dumps(told, ensure_ascii=False, allow_nan=False).encode()
    return HEAD.pack(len(words), len(blob)) + words + blob


async def received(reader: asyncio.StreamReader, most: int = LARGEST) -> tuple[dict[str, Any], bytes] | None:
    """The next message; None where there is none any more. Raises Malformed, also where it is larger than `most`."""
    try:
        words, blob = HEAD.unpack(await reader.readexactly(HEAD.size))
        if words + blob > most:
            raise Malformed(f"larger than {most} bytes")
        told = json.loads(await reader.readexactly(words))
        if not isinstance(told, dict):
            raise Malformed("no names and values")
        return told, await reader.readexactly(blob)
    except (asyncio.IncompleteReadError, OSError):
        return None
    except (ValueError, RecursionError) as fault:
        raise Malformed(str(fault)[:80]) from None


def runtime_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where this user's programs meet: a folder that nobody else may enter, made if need be.

    The service's own (RUNTIME_DIRECTORY, systemd.exec(5)), else a part of the user's (XDG_RUNTIME_DIR), else one among
    the temporary files. Raises OSError where it cannot be had, or belongs to somebody else.
    """
    own, user = environment.get("RUNTIME_DIRECTORY"), environment.get("XDG_RUNTIME_DIR")
    among = Path(tempfile.gettempdir()) / f"narcissus-{os.geteuid()}"
    folder = Path(own) if own else Path(user) / "narcissus" if user else among
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or (found.st_mode & 0o077 and not own):
        raise PermissionError(f"{folder} is not this user's alone; remove it")
    return folder
