"""The wall on a page: a browser asks for the next picture over a WebSocket, and gets the newest one there is.

One process beside the mirror reads its socket (see `narcissus.sinks.publishing`), however many browsers look on: they
share each picture. Whoever is slow asks more seldom, and what came meanwhile was never kept.
"""

import asyncio
import json
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from narcissus.core.wire import Malformed, packed, received
from narcissus.page.limits import USUAL

AGAIN = 0.5  # seconds until a wall that is away is looked for again
PATIENCE = 5.0  # seconds in which the mirror must answer
LENGTH = struct.Struct("!I")  # of the JSON at the head of every message to a browser; the JPEG follows


class Away(Exception):
    """No mirror is there, or none that answers."""


class Line:
    """A connection to the mirror, made when something is asked; one question at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._busy = asyncio.Lock()
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._leaving: asyncio.Future | None = None  # held, or it would be collected before it is done

    async def ask(self, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        """The answer, and the bytes beside it. Raises Away."""
        async with self._busy:
            try:
                return await asyncio.wait_for(self._asked(asked), PATIENCE)
            except (OSError, Malformed, TimeoutError):
                raise Away from None
            except BaseException:
                self.close()  # an answer that comes later must not be taken for the next one
                raise

    async def _asked(self, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        try:
            if self._ends is None:
                self._ends = await asyncio.open_unix_connection(self._path)
            reader, writer = self._ends
            writer.write(packed(asked))
            answer = await received(reader)
            if answer is None:
                raise ConnectionResetError
            return answer
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        ends, self._ends = self._ends, None
        if ends is not None:
            ends[1].close()
            self._leaving = asyncio.ensure_future(_left(ends[1]))


async def _left(writer: asyncio.StreamWriter) -> None:
    """What broke the connection is taken note of: asyncio complains of what nobody asks for."""
    with suppress(OSError):
        await writer.wait_closed()


class Pictures:
    """The wall's newest picture, fetched while somebody waits for it."""

    def __init__(self, path: Path) -> None:
        self._line = Line(path)
        self._number, self._message = -1, message({"away": True})  # nobody has asked yet
        self._coming: asyncio.Task | None = None

    async def after(self, number: int) -> tuple[int, bytes]:
        """The number of the newest picture and the message that shows it; the same number: nothing is new."""
        if self._number == number:
            if self._coming is None or self._coming.done():
                self._coming = asyncio.create_task(self._fetch())
            await asyncio.shield(self._coming)
        return self._number, self._message

    async def _fetch(self) -> None:
        try:
            told, picture = await self._line.ask({"ask": "picture", "after": max(0, self._number)})
        except Away:
            self._number, self._message = 0, message({"away": True})
            await asyncio.sleep(AGAIN)
            return
        if picture or "refused" in told:
            self._number = told["number"]
            self._message = message(told, picture)


def message(told: Mapping[str, Any], picture: bytes = b"") -> bytes:
    """What a browser is sent."""
    words = json.dumps(told).encode()
    return LENGTH.pack(len(words)) + words + picture


async def show(socket: WebSocket, pictures: Pictures) -> None:
    """Answer every message of a browser that has been let in with the next picture, until it leaves."""
    number = -1
    try:
        while (await socket.receive())["type"] == "websocket.receive":
            number, picture = await pictures.after(number)
            await socket.send_bytes(picture)
    except WebSocketDisconnect:
        return


def wall_route(pictures: Pictures, most: int = USUAL.sockets, path: str = "/wall") -> WebSocketRoute:
    """The wall for everybody who may see the page, `most` at a time."""
    places = asyncio.Semaphore(most)

    async def answer(socket: WebSocket) -> None:
        if places.locked():
            await socket.close()  # before it is accepted: HTTP's 403
            return
        async with places:
            await socket.accept()
            await show(socket, pictures)

    return WebSocketRoute(path, answer)
