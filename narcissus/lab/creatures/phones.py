"""Telephones that look at the creatures' page: some take each picture at once, some are slow, and all open it together.

They speak HTTP and WebSockets themselves, in a few lines and one thread: what they take of the processor, the wall has
not.
"""

import asyncio
import base64
import json
import os
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

NEXT = bytes([0x81, 0x84, 0, 0, 0, 0]) + b"next"  # a text frame, masked with zeros (RFC 6455, section 5.2)
SMALL = 4 << 10  # bytes that a slow telephone lets the network hold for it
SLOWLY = 2048  # bytes that it takes each time, ten times a second
AT_ONCE = 6  # requests of one browser to one server
FILES = ("/creatures", "/creatures.css", "/creatures.js", "/icon.svg")


@dataclass(slots=True)
class Looked:
    """What one telephone was sent over its WebSocket."""

    pictures: int = 0
    away: int = 0  # times that it was told that the wall is away
    moments: list[float] = field(default_factory=list)  # at which a picture was whole

    @property
    def longest(self) -> float:
        """Seconds between two pictures, at most."""
        return max((later - one for one, later in zip(self.moments, self.moments[1:], strict=False)), default=0.0)


async def crowd(port: int, quick: int, slow: int, seconds: float) -> tuple[list[Looked], list[Looked]]:
    """So many of each look at the wall for so long. Raises OSError where the page lets one not in."""
    looked = [Looked() for _ in range(quick + slow)]
    looking = [_look(port, one, number >= quick) for number, one in enumerate(looked)]
    tasks = [asyncio.create_task(one) for one in looking]
    done, under_way = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    for task in under_way:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)
    for task in done:
        task.result()
    return looked[:quick], looked[quick:]


async def opened_together(port: int, phones: int) -> tuple[dict[int, int], list[float]]:
    """All of them open the page at once, with its portraits: how often each status, and each one's seconds."""
    statuses: dict[int, int] = {}
    seconds = await asyncio.gather(*(_open(port, statuses) for _ in range(phones)))
    return statuses, list(seconds)


async def _open(port: int, statuses: dict[int, int]) -> float:
    begun, places = time.monotonic(), asyncio.Semaphore(AT_ONCE)

    async def ask(path: str) -> bytes:
        async with places:
            status, body = await fetched(port, path)
        statuses[status] = statuses.get(status, 0) + 1
        return body if status == 200 else b"[]"

    for path in FILES:
        await ask(path)
    names = [one["name"] for one in json.loads(await ask("/newest"))]
    await asyncio.gather(*(ask(f"/portrait/{name}") for name in names))
    return time.monotonic() - begun


async def fetched(port: int, path: str) -> tuple[int, bytes]:
    """Status and body of a GET."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
    try:
        head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
        return int(head.split()[1]), body
    finally:
        writer.close()


async def _look(port: int, looked: Looked, slow: bool) -> None:
    """Ask for the next picture whenever one is there, until this is cancelled."""
    line = socket.socket()
    line.setblocking(False)
    if slow:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=line, limit=SMALL if slow else 1 << 16)
    try:
        await _let_in(reader, writer, port)
        while True:
            writer.write(NEXT)
            await _taken(reader, writer, looked, slow)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _let_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    key = base64.b64encode(os.urandom(16)).decode()
    asked = (
        f"GET /wall HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    )
    writer.write(asked.encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    if b" 101 " not in answer.split(b"\r\n")[0]:
        raise ConnectionRefusedError(answer.split(b"\r\n")[0].decode())


async def _taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, looked: Looked, slow: bool) -> None:
    """One whole frame, and what is in it. A ping is answered, as every browser does."""
    kind, length = await reader.readexactly(2)
    if length >= 126:
        length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8), "big")
    body = await (_sipped(reader, length) if slow else reader.readexactly(length))
    if kind & 15 == 9:
        writer.write(bytes([0x8A, 0x80 | length, 0, 0, 0, 0]) + body)
        return await _taken(reader, writer, looked, slow)
    if kind & 15 == 8:
        raise ConnectionResetError("the page has closed")
    words = int.from_bytes(body[:4], "big")
    if len(body) > 4 + words:
        looked.pictures += 1
        looked.moments.append(time.monotonic())
    looked.away += b'"away"' in body[4 : 4 + words]
    return None


async def _sipped(reader: asyncio.StreamReader, length: int) -> bytes:
    parts = []
    while length:
        parts.append(await reader.readexactly(min(SLOWLY, length)))
        length -= len(parts[-1])
        await asyncio.sleep(0.1)
    return b"".join(parts)


def told(looked: Sequence[Looked], seconds: float) -> dict[str, float]:
    """Pictures a second of one telephone, the fewest and on average, and the longest that one waited, in seconds."""
    rates = [one.pictures / seconds for one in looked]
    return {
        "telephones": len(looked),
        "pictures_a_second_mean": round(sum(rates) / max(1, len(rates)), 2),
        "pictures_a_second_least": round(min(rates, default=0.0), 2),
        "longest_wait_seconds": round(max((one.longest for one in looked), default=0.0), 2),
        "told_that_the_wall_is_away": sum(one.away for one in looked),
    }
