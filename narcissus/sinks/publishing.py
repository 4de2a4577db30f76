"""The wall for other processes of the same user: the newest picture as a JPEG, and whatever else they may ask.

Whoever reads asks for the next picture, and is answered once: nothing queues, and a slow reader is late alone. Pictures
are framed small and encoded while somebody asks, in this thread, RATE times a second at most; the display only leaves
its newest one here.
"""

import asyncio
import logging
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from narcissus.core.permit import Permit
from narcissus.core.sections import SharedSettings
from narcissus.core.types import Picture, Sink
from narcissus.core.wire import Malformed, packed, received
from narcissus.sinks.small_wall import SmallWall

log = logging.getLogger("narcissus")

RATE = 12.0  # pictures a second: enough for a corner of a screen
QUALITY = 80  # of the JPEG: libjpeg's scale
REQUEST = 64 << 10  # bytes
READERS = 16  # at once
LONGEST_WAIT = 0.5  # seconds that a reader waits for a newer picture; then he is told that there is none
WINDOW = 2.0  # seconds over which new pictures are counted
PATIENCE = 1.0  # seconds that closing waits for the thread

Answer = Callable[[dict[str, Any]], Mapping[str, Any]]


def nothing_else(asked: dict[str, Any]) -> Mapping[str, Any]:
    return {"fault": f"{str(asked.get('ask'))[:40]!r} is not known here"}


class Publisher:
    """Belongs to a thread of its own, but for `put`. A context manager.

    {"ask": "picture", "after": n} is answered with the first picture whose number is greater than n: its number, the
    moment's rate, what the scene tells, and a JPEG; or with the reason in "refused", where the permit has one.
    Every other request is answered by `answer`, in the same thread.
    """

    def __init__(self, path: Path, permit: Permit, answer: Answer = nothing_else) -> None:
        self._path, self._permit, self._answer = path, permit, answer
        self._newest: Picture | None = None
        self._number = 0  # of the newest picture
        self._drawn = 0  # pictures with something new
        self._moments: deque[float] = deque(maxlen=1000)  # when pictures with something new were shown
        self._encoded: tuple[int, bytes] = 0, b""  # number and message
        self._encoded_at = float("-inf")
        self._readers = 0
        self._wall = SmallWall()
        self._over: asyncio.Future | None = None  # None: it never began
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._listening: socket.socket | None = None

    def __enter__(self) -> "Publisher":
        try:
            self._listening = listening(self._path)
        except OSError as fault:
            log.warning("desk: %s cannot be used (%s); the mirror goes on without it", self._path, reason(fault))
        else:
            self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
            self._over = self._runner.get_loop().create_future()
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._over is None:
            return
        self._over.get_loop().call_soon_threadsafe(self._over.set_result, None)
        self._thread.join(PATIENCE)
        with suppress(OSError):
            os.unlink(self._path)

    def put(self, picture: Picture, shown: float) -> None:
        """A picture was shown. Never waits."""
        if self._newest is None or picture.image is not self._newest.image:
            self._number += 1
            self._drawn += 1
            self._moments.append(shown)
        self._newest = picture

    def tune(self, settings: SharedSettings) -> None:
        """The wall is framed as these say from now on: a new picture, also where the reflection stands still."""
        self._number += 1
        self._wall.tune(settings.framing, settings.screen.rotation)

    @property
    def rate(self) -> float:
        """New pictures a second, of late."""
        moments, now = list(self._moments), time.monotonic()
        return sum(moment > now - WINDOW for moment in moments) / WINDOW

    def _run(self) -> None:
        with self._runner:
            self._runner.run(self._listen())

    async def _listen(self) -> None:
        server = await asyncio.start_unix_server(self._serve, sock=self._listening)
        await self._over
        server.close()  # those who still ask are let go with the loop

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One reader, until he leaves or says what is no request."""
        self._readers += 1
        try:
            while self._readers <= READERS and (asked := await received(reader, REQUEST)) is not None:
                writer.write(await self._answered(asked[0]))
                await writer.drain()
        except (Malformed, OSError, asyncio.CancelledError):  # the last: the wall is taken down
            pass
        finally:
            self._readers -= 1
            writer.close()

    async def _answered(self, asked: dict[str, Any]) -> bytes:
        if asked.get("ask") != "picture":
            return packed(self._answer(asked))
        after = asked.get("after")
        return await self._picture(after if isinstance(after, int) else 0)

    async def _picture(self, after: int) -> bytes:
        """The message with a picture newer than that of number `after`; with none where none comes for a while."""
        waited = 0.0
        while waited < LONGEST_WAIT:
            due = self._encoded_at + 1 / RATE - time.monotonic()
            if self._newest is not None and self._number > self._encoded[0] and due <= 0:
                self._encode()
            if self._encoded[0] > after or 0 < self._encoded[0] < after:  # who read before the start begins anew
                return self._encoded[1]
            pause = max(due, 1 / (4 * RATE))
            waited += pause
            await asyncio.sleep(pause)
        return packed({"number": after, "rate": self.rate})

    def _encode(self) -> None:
        number, picture, now = self._number, self._newest, time.monotonic()
        told: dict[str, Any] = {"number": number, "drawn": self._drawn, "rate": self.rate, "told": dict(picture.told)}
        refused = self._permit.refusal(picture)
        blob = b"" if refused else jpeg(self._wall.draw(self._permit.outside(picture).image, now))
        self._encoded = number, packed(told | ({"refused": refused} if refused else {}), blob)
        self._encoded_at = now


class Published:
    """A Sink that also leaves what it shows with a publisher."""

    def __init__(self, sink: Sink, publisher: Publisher) -> None:
        self._sink, self._publisher = sink, publisher

    def show(self, picture: Picture) -> float:
        shown = self._sink.show(picture)
        self._publisher.put(picture, shown)
        return shown

    def commands(self) -> list[str]:
        return self._sink.commands()

    def obey(self, command: str) -> None:
        self._sink.obey(command)

    def tune(self, settings: SharedSettings) -> None:
        self._sink.tune(settings)
        self._publisher.tune(settings)

    def say(self, message: str, seconds: float = 4.0) -> None:
        self._sink.say(message, seconds)

    def close(self) -> None:
        self._sink.close()


def publish(sink: Sink, path: Path, permit: Permit, parts: ExitStack, answer: Answer = nothing_else) -> Sink:
    """The sink, published at `path` for as long as the `parts` last."""
    return Published(sink, parts.enter_context(Publisher(path, permit, answer)))


def listening(path: Path) -> socket.socket:
    """A socket at `path` that only this user may open. Raises OSError, also where another process listens there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other, suppress(FileNotFoundError):
        if other.connect_ex(str(path)) == 0:
            raise OSError(None, "another mirror is there")
        os.unlink(path)  # left by one that was ended hard
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.bind(str(path))
    os.chmod(path, 0o600)
    line.listen(READERS)
    line.setblocking(False)
    return line


def jpeg(image: np.ndarray) -> bytes:
    """uint8 (H, W, 3) RGB -> a JPEG's bytes."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))[1].tobytes()


def reason(fault: OSError) -> str:
    return fault.strerror or str(fault)
