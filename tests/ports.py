"""Ports for the servers of tests: two tests that run at the same time are never given the same one."""

import itertools
import os
import socket

FIRST, ROOM, ROOMS = 20_000, 50, 240  # below 32,768, from where on the kernel lends ports to whoever connects

_numbers = itertools.count()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens at, by TCP or UDP; each process of tests takes them from its own room.

    A port that the kernel names is free now, and the next who asks may be given it before a server has started there.
    """
    first = FIRST + os.getpid() % ROOMS * ROOM
    for number in itertools.islice(_numbers, ROOM):
        port = first + number % ROOM
        if _is_free(port):
            return port
    raise OSError(f"no port from {first} to {first + ROOM - 1} is free")


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(kind == socket.SOCK_STREAM))
            try:
                line.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
