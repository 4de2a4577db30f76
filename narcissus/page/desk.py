"""The artist's desk in a browser: it reads and sets the live settings of the wall beside it, and shows the wall.

A process of its own, for this machine alone. The mirror holds the one truth (see `narcissus.app.desk`): whatever a
browser asks for is handed on to it, and every browser is told what holds. Whoever has no token is let in nowhere.
"""

import asyncio
import hmac
import json
import secrets
import socket
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from narcissus.core.privacy import forbid_dumps
from narcissus.page.guard import Guard
from narcissus.page.limits import USUAL
from narcissus.page.server import Address, Server, file_route, settings, url_of
from narcissus.page.wall import Away, Line, Pictures, show

FILES = {
    "/": ("desk.html", "text/html"),
    "/desk.css": ("desk.css", "text/css"),
    "/desk.js": ("desk.js", "text/javascript"),
    "/controls.js": ("controls.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
SPOKEN = "narcissus"  # the WebSockets' protocol; the token stands beside it, where no address and no log has it
HANDED_ON = ("set", "choose", "do", "presets")  # what a browser may ask of the wall
LOOK = 0.2  # seconds between two looks at what holds
AGAIN = 0.5  # seconds until a wall that is away is looked for again
SIGNPOST = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The desk</title><meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0;url={link}"></head><body><a href="{link}">The desk</a></body></html>
"""


class Present:
    """What holds on the wall, looked at while somebody has the desk open."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._number, self._told = 0, {"away": True}
        self._revision: int | None = None  # None: the wall is away
        self._laid = False  # whether the newest browser has been told what there is to be turned
        self._coming: asyncio.Task | None = None

    def opened(self) -> None:
        """Another browser is there: what there is to be turned is asked for anew, since it names files."""
        self._laid = False

    async def after(self, number: int) -> tuple[int, dict[str, Any]]:
        """The newest number and all that holds, once that is another number."""
        while self._number == number:
            if self._coming is None or self._coming.done():
                self._coming = asyncio.create_task(self._look())
            await asyncio.shield(self._coming)
        return self._number, self._told

    async def _look(self) -> None:
        try:
            if self._revision is None or not self._laid:
                self._laid = True
                controls, _ = await self._line.ask({"ask": "controls"})
                self._told = {**self._told, "controls": controls["controls"]}
            told, _ = await self._line.ask({"ask": "present", "after": self._revision})
        except (Away, KeyError):  # or its answer is a fault
            self._take({**self._told, "away": True}, None)
            await asyncio.sleep(AGAIN)
        else:
            self._take({**self._told, **told, "away": False}, told["revision"])
            await asyncio.sleep(LOOK)

    def _take(self, told: dict[str, Any], revision: int | None) -> None:
        if told != self._told:
            self._number += 1
        self._told, self._revision = told, revision


class Hands:
    """Every browser's own WebSocket: what it asks goes to the wall, and what holds comes back."""

    def __init__(self, path: Path) -> None:
        self._asking = Line(path)
        self._present = Present(Line(path))

    async def serve(self, browser: WebSocket) -> None:
        self._present.opened()
        telling = asyncio.create_task(self._tell(browser))
        try:
            while True:
                await browser.send_json(await self._answered(await browser.receive_text()))
        except (WebSocketDisconnect, KeyError):  # it left, or sent what is no text
            pass
        finally:
            telling.cancel()

    async def _tell(self, browser: WebSocket) -> None:
        """What holds, whenever it changes; a browser that is slow is told the newest."""
        number, before = -1, {}
        with suppress(WebSocketDisconnect, RuntimeError):  # it has left
            while True:
                number, now = await self._present.after(number)
                news = {key: value for key, value in now.items() if key not in before or before[key] != value}
                await browser.send_json({"present": news})
                before = now

    async def _answered(self, text: str) -> Mapping[str, Any]:
        try:
            asked = json.loads(text)
            if not isinstance(asked, dict) or asked.get("ask") not in HANDED_ON:
                raise ValueError
        except (ValueError, RecursionError):
            return {"fault": "that is not asked here"}
        number = asked.pop("number", None)
        try:
            answer, _ = await self._asking.ask(asked)
        except Away:
            answer = {"fault": "the wall is away"}
        except ValueError:  # a number that is none
            answer = {"fault": "that is not asked here"}
        return {"answers": number, **answer}


def build(path: Path, token: str) -> Guard:
    """The desk of the wall whose socket is at `path`, for whoever has the token."""
    hands, pictures = Hands(path), Pictures(path)

    def behind_token(serve):
        async def answer(browser: WebSocket) -> None:
            offered = browser.scope["subprotocols"]
            if len(offered) != 2 or not hmac.compare_digest(offered[1].encode(), token.encode()):
                await browser.close()  # before it is accepted: HTTP's 403
                return
            await browser.accept(SPOKEN)
            await serve(browser)

        return answer

    routes = [file_route(address, *file) for address, file in FILES.items()]
    routes.append(WebSocketRoute("/hand", behind_token(hands.serve)))
    routes.append(WebSocketRoute("/wall", behind_token(lambda browser: show(browser, pictures))))
    return Guard(Starlette(routes=routes), ())


def new_token() -> str:
    return secrets.token_urlsafe(18)


def link(address: Address, token: str) -> str:
    """The desk's address; what stands after # never leaves the browser."""
    return f"{url_of(address)}#{token}"


@contextmanager
def signpost(folder: Path, link: str) -> Iterator[str]:
    """The address of a file that leads there, for as long as it is wanted, and that only this user can read.

    A browser is started with an address that every account of this machine can read. Raises OSError.
    """
    with NamedTemporaryFile("w", dir=folder, prefix="desk-", suffix=".html", encoding="utf-8") as file:  # mode 0600
        file.write(SIGNPOST.format(link=link))
        file.flush()
        yield Path(file.name).as_uri()


async def serve(listening: socket.socket, path: Path, token: str, beside: Awaitable | None = None) -> None:
    """Until SIGTERM or Ctrl-C, or until what runs beside it has ended."""
    forbid_dumps()
    server = Server(settings(build(path, token), USUAL, sockets="wsproto"))

    async def end_with(other: Awaitable) -> None:
        await other
        server.should_exit = True

    ending = asyncio.create_task(end_with(beside)) if beside else None
    await server.serve(sockets=[listening])
    if ending:
        ending.cancel()
