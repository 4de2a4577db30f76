"""The creatures' page: the wall as it lives, every creature with its tree, and the visitor's own second act.

A code comes in the body of a POST, never in an address; it is compared, and neither kept nor logged. Whoever guesses is
slowed down (see rate.py and docs/creatures.md).
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from narcissus.core.errors import NarcissusError
from narcissus.core.privacy import forbid_dumps
from narcissus.page.album import Album
from narcissus.page.guard import Guard
from narcissus.page.limits import USUAL, Limits
from narcissus.page.rate import Rate
from narcissus.page.refusal import TOO_SLOW
from narcissus.page.server import Address, Server, bound, file_route, settings, url_of
from narcissus.page.wall import Away, Line, Pictures, wall_route
from narcissus.scenes.creatures.joining.codes import is_code

FILES = {
    "/": ("creatures.html", "text/html"),
    "/creatures": ("creatures.html", "text/html"),  # where the QR code leads; the code itself stands after #
    "/creatures.css": ("creatures.css", "text/css"),
    "/creatures.js": ("creatures.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
EACH, TOGETHER = 5, 30  # codes tried a minute, by one address and by all
LONGEST = 200  # bytes of a code, however it is written
WAITING = 24  # different questions that wait to be answered; more are asked to come again
LIMITS = replace(USUAL, connections=512)  # a telephone holds seven: fifty are not too many
KEPT_WITHIN, LOOK = 4.0, 0.2  # seconds in which the wall keeps whoever it was told to, and between two looks
BUSY = {"retry-after": "2"}
SLOWER = {"retry-after": "60"}


class Clerk:
    """One thread for the album, and who waits for it. What many ask at once is looked up once for all of them."""

    def __init__(self, album: Album) -> None:
        self.album = album
        self._thread = ThreadPoolExecutor(1, "album")
        self._coming: dict[tuple, asyncio.Future] = {}

    async def ask(self, question: Callable[..., Any], *words: Any) -> Any:
        """Raises Away where too many wait."""
        asked = question, words
        if asked not in self._coming:
            if len(self._coming) >= WAITING:
                raise Away
            answer = asyncio.get_running_loop().run_in_executor(self._thread, question, *words)
            answer.add_done_callback(lambda _: self._coming.pop(asked))
            self._coming[asked] = answer
        return await asyncio.shield(self._coming[asked])  # whoever leaves takes the answer from nobody


def build(
    album: Album,
    wall: Path,
    names: Iterable[str] = (),
    clock: Callable[[], float] = time.monotonic,
    limits: Limits = LIMITS,
) -> Guard:
    """The page over the colony's file, beside the wall whose socket is at `wall`."""
    clerk, rate, line = Clerk(album), Rate(EACH, TOGETHER), Line(wall)

    async def newest(_: Request) -> Response:
        return JSONResponse(await clerk.ask(album.newest))

    async def about(request: Request) -> Response:
        found = await clerk.ask(album.about, request.path_params["name"])
        return _nobody() if found is None else JSONResponse(found)

    async def portrait(request: Request) -> Response:
        found = await clerk.ask(album.portrait, request.path_params["name"])
        return _nobody() if found is None else Response(found, media_type="image/png")

    async def keep(request: Request) -> Response:
        code = await _code(request, rate, clock, limits)
        if isinstance(code, Response):
            return code
        await line.ask({"ask": "keep", "code": code})
        name = await _joined(clerk, code)
        if name is None:
            return PlainTextResponse("That is nobody who hangs in the middle of the wall just now.\n", 404)
        return JSONResponse({"name": name})

    async def delete(request: Request) -> Response:
        code = await _code(request, rate, clock, limits)
        if isinstance(code, Response):
            return code
        gone = await clerk.ask(album.delete, code)
        return JSONResponse({"deleted": True}) if gone else PlainTextResponse("Nobody joined with these words.\n", 404)

    routes = [file_route(address, *file) for address, file in FILES.items()]
    routes += [
        Route("/newest", _calm(newest)),
        Route("/about/{name}", _calm(about)),
        Route("/portrait/{name}", _calm(portrait)),
        Route("/keep", _calm(keep), methods=["POST"]),
        Route("/delete", _calm(delete), methods=["POST"]),
        wall_route(Pictures(wall), limits.sockets),
    ]
    return Guard(Starlette(routes=routes), names)


async def serve(address: Address, album: Album, wall: Path) -> None:
    """Until SIGTERM or Ctrl-C. Raises ConfigError."""
    forbid_dumps()
    with bound(address) as listening:
        app = build(album, wall, (address.host, *address.names))
        said = f"narcissus: the creatures' page is at {url_of(address)}  (Ctrl-C ends it)"
        await Server(settings(app, LIMITS, sockets="wsproto"), said).serve(sockets=[listening])


def _calm(answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
    """What cannot be answered now is said in one line."""

    async def answered(request: Request) -> Response:
        try:
            return await answer(request)
        except Away:
            return PlainTextResponse("The wall is away, or many are asking; please ask again.\n", 503, BUSY)
        except NarcissusError:
            return PlainTextResponse("The page cannot answer that just now.\n", 500)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody hears it

    return answered


async def _code(request: Request, rate: Rate, clock: Callable[[], float], limits: Limits) -> str | Response:
    """The code in the body, in its plain spelling; or the refusal. Raises ClientDisconnect."""
    body = b""
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for part in request.stream():
                body += part
                if len(body) > LONGEST:
                    return PlainTextResponse("A code is four words.\n", 413)
    except TimeoutError:
        return PlainTextResponse("The code took too long to arrive; please try again.\n", TOO_SLOW)
    code = " ".join(body.decode("utf-8", "replace").lower().replace("-", " ").split())
    if not is_code(code):
        return PlainTextResponse("A code is four words, as they stood on the wall.\n", 422)
    if not rate.allowed(request.client.host if request.client else "", clock()):
        return PlainTextResponse("Too many tries; please wait a minute.\n", 429, SLOWER)
    return code


async def _joined(clerk: Clerk, code: str) -> str | None:
    """The name of whoever joined with this code, once the wall has written it."""
    for _ in range(round(KEPT_WITHIN / LOOK)):
        name = await clerk.ask(clerk.album.whose, code)
        if name is not None:
            return name
        await asyncio.sleep(LOOK)
    return None


def _nobody() -> Response:
    return PlainTextResponse("Nobody of this name is known here.\n", 404)
