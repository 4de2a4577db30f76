"""A request's body -> the picture's bytes, in memory, within the limits (multipart would be spooled to a disk)."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import contextmanager

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from narcissus.page.limits import Limits
from narcissus.page.refusal import NOT_A_PICTURE, TOO_LARGE, TOO_SLOW, RequestRefused, busy

RAW = ("application/octet-stream", "image/")  # how the body may call itself


class Body:
    """A request's body as it comes off the line; knows whether it has come to its end."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._ended = receive, False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Raises ClientDisconnect."""
        while not self._ended:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            self._ended = not message.get("more_body", False)
            yield message.get("body", b"")


class Uploads:
    """Receives uploads; knows how many bytes all of them take together."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self._buffered = limits, 0

    @contextmanager
    def room(self):
        """take(bytes) inside: counted until the upload has been answered, whatever the answer."""
        mine = 0

        def take(count: int) -> None:
            nonlocal mine
            if self._buffered + count > self.limits.buffered:
                raise busy(self.limits.retry_seconds)
            mine, self._buffered = mine + count, self._buffered + count

        try:
            yield take
        finally:
            self._buffered -= mine

    async def receive(self, headers: Mapping[str, str], body: Body, take) -> bytearray:
        """Raises RequestRefused (not raw bytes, too many, too slow, no room for them now) and ClientDisconnect."""
        self._judge_headers(headers)
        data = bytearray()
        try:
            async with asyncio.timeout(self.limits.body_seconds):
                async for chunk in body:
                    if len(data) + len(chunk) > self.limits.upload:
                        raise self._too_large()
                    take(len(chunk))
                    data += chunk
        except TimeoutError:
            raise RequestRefused(TOO_SLOW, "The picture took too long to arrive; try again on a better line.") from None
        return data

    async def drain(self, body: Body) -> None:
        """Take the rest of a refused body off the line and forget it: who is still sending would not hear an answer.

        Raises ClientDisconnect.
        """
        try:
            async with asyncio.timeout(self.limits.drain_seconds):
                async for _ in body:
                    pass
        except TimeoutError:
            return

    def _judge_headers(self, headers: Mapping[str, str]) -> None:
        if not headers.get("content-type", "").startswith(RAW):
            raise RequestRefused(
                NOT_A_PICTURE, "Send the picture's own bytes, as application/octet-stream or image/jpeg."
            )
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self.limits.upload:
            raise self._too_large()

    def _too_large(self) -> RequestRefused:
        return RequestRefused(TOO_LARGE, f"The file is too large; {self.limits.upload >> 20} MB at most.")
