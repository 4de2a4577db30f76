"""Connections that say nothing are closed: uvicorn alone would wait for a request's headers for ever."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol


class RequestTimeout(H11Protocol):
    """Closes a connection on which no request has come to its end, or to its body, between two looks."""

    def __init__(self, *words, seconds: float, **more) -> None:
        super().__init__(*words, **more)
        self._seconds = seconds

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._look(last=self)

    def _look(self, last: object) -> None:
        """`last` is the request that was seen the last time; at first something that is none."""
        if self.transport.get_protocol() is not self:  # it has become a WebSocket, which looks after itself
            return
        resting = self.cycle is None or self.cycle.response_complete
        if self.transport.is_closing() or (resting and self.cycle is last):
            self.transport.close()
            return
        self.loop.call_later(self._seconds, self._look, self.cycle)
