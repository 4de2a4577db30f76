"""Who may ask, and what every answer says to the browser about it."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("localhost", "127.0.0.1", "::1")
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), display-capture=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """Answers only those who call the page by its own names, and takes uploads only from the page itself.

    The names are checked because another site's name may be pointed at this machine (DNS rebinding); the origin,
    because any site may make its visitor's browser send something here.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self.app, self.names = app, {name.lower() for name in names} | set(LOOPBACK)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        reason = self.objection(scope["method"], Headers(scope=scope))
        app = PlainTextResponse(reason + "\n", 403) if reason else self.app
        await app(scope, receive, headed)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A WebSocket is for the page itself only; the browser asks nobody before it opens one to another site."""
        if self.objection("WEBSOCKET", Headers(scope=scope)):
            await send({"type": "websocket.close"})  # before it is accepted: HTTP's 403
            return
        await self.app(scope, receive, send)

    def objection(self, method: str, headers: Headers) -> str | None:
        """Why the request is refused, in one line; None where it is not."""
        asked = headers.getlist("host")
        if len(asked) != 1 or _name(asked[0]) not in self.names:
            return "This page does not go by that name; whoever runs it can add one with --name."
        if method in ("GET", "HEAD") or _same_origin(headers, asked[0]):
            return None
        return "The page itself may ask for that, and nobody else."


def _same_origin(headers: Headers, host: str) -> bool:
    """As the browser says: by Sec-Fetch-Site where it is sent, and by Origin in any case."""
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    try:
        origin = urlsplit(headers.get("origin", ""))
    except ValueError:
        return False
    return origin.scheme in ("http", "https") and origin.netloc.lower() == host.lower()


def _name(host: str) -> str | None:
    """The name in a Host header, without its port."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
