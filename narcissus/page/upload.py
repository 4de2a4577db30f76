"""A request's body -> the picture's bytes, in memory, within the limits (multipart would be spooled to a disk)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import contextmanager

from starlette.requests import Request

from narcissus.page.limits import Limits
from narcissus.page.refusal import NOT_A_PICTURE, TOO_LARGE, TOO_SLOW, Refused, busy

RAW = ("application/octet-stream", "image/")  # how the body may call itself


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

    async def receive(self, request: Request, take) -> bytearray:
        """Raises Refused: not raw bytes, too many, too slow, or no room for them now."""
        self._judge_headers(request)
        data = bytearray()
        try:
            async with asyncio.timeout(self.limits.body_seconds):
                async for chunk in request.stream():
                    if len(data) + len(chunk) > self.limits.upload:
                        raise self._too_large()
                    take(len(chunk))
                    data += chunk
        except TimeoutError:
            raise Refused(TOO_SLOW, "The picture took too long to arrive; try again on a better line.") from None
        return data

    async def drain(self, request: Request) -> None:
        """Take the rest of a refused body off the line and forget it: who is still sending would not hear an answer."""
        try:
            async with asyncio.timeout(self.limits.drain_seconds):
                async for _ in _rest(request):
                    pass
        except TimeoutError:
            return

    def _judge_headers(self, request: Request) -> None:
        if not request.headers.get("content-type", "").startswith(RAW):
            raise Refused(NOT_A_PICTURE, "Send the picture's own bytes, as application/octet-stream or image/jpeg.")
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self.limits.upload:
            raise self._too_large()

    def _too_large(self) -> Refused:
        return Refused(TOO_LARGE, f"The file is too large; {self.limits.upload >> 20} MB at most.")


async def _rest(request: Request) -> AsyncIterator[bytes]:
    """What is still to come of a body of which some may have been read."""
    while True:
        message = await request.receive()
        if message["type"] != "http.request" or not message.get("more_body"):
            return
        yield message.get("body", b"")
