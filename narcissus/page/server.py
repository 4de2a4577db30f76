"""The page's server: a few files, and one address that takes a picture and answers."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from narcissus.core.errors import ConfigError, ModelError
from narcissus.core.privacy import forbid_dumps
from narcissus.core.saying import tell
from narcissus.page.guard import Guard
from narcissus.page.limits import USUAL, Limits
from narcissus.page.refusal import RequestRefused, busy
from narcissus.page.request_timeout import RequestTimeout
from narcissus.page.upload import Body, Uploads
from narcissus.page.workers import Lost, Pool, command

STATIC = Path(__file__).parent / "static"
FILES = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/colour.js": ("colour.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
BACKLOG = 128  # connections that wait to be taken up
GRACE = 3  # seconds for what is under way when the server is asked to end


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page is served, and by which names it may be called beside its host."""

    host: str = "127.0.0.1"
    port: int = 8000
    names: tuple[str, ...] = ()


def build(pool, names: Iterable[str] = (), limits: Limits = USUAL) -> Guard:
    """The application over a pool that has been started, or anything else with `ask` and `full`."""
    uploads = Uploads(limits)

    async def assume(request: Request) -> Response:
        try:
            return Response(await _answer(request, pool, uploads), media_type="application/octet-stream")
        except RequestRefused as refusal:
            return _refused(refusal)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody hears it

    async def health(_: Request) -> Response:
        return PlainTextResponse("full\n", 503) if pool.full else PlainTextResponse("well\n")

    files = [file_route(path, *file) for path, file in FILES.items()]
    routes = [*files, Route("/assume", assume, methods=["POST"]), Route("/health", health)]
    return Guard(Starlette(routes=routes), names)


async def serve(address: Address, model: Path, workers: int, limits: Limits = USUAL) -> None:
    """Until SIGTERM or Ctrl-C. Raises ConfigError, ModelError."""
    forbid_dumps()
    listening = bound(address)
    pool = Pool(command(model), workers, limits)
    try:
        await _started(pool)
        app = build(pool, (address.host, *address.names), limits)
        said = f"narcissus: the page is at {url_of(address)}  (workers: {workers}; Ctrl-C ends it)"
        await Server(settings(app, limits), said).serve(sockets=[listening])
    finally:
        await pool.stop()
        listening.close()


def settings(app, limits: Limits, *, sockets: str = "none") -> uvicorn.Config:
    """No log of who asked for what, no word about what serves, and no more connections than can be held.

    `sockets`: what speaks WebSockets, where the application has any: "wsproto".
    """
    return uvicorn.Config(
        app,
        http=partial(RequestTimeout, seconds=limits.header_seconds),
        ws=sockets,
        ws_max_size=limits.message,
        ws_per_message_deflate=False,  # what is large are JPEGs
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level="error",  # that somebody sent no HTTP is nobody's fault here
        server_header=False,
        limit_concurrency=limits.connections,
        timeout_graceful_shutdown=GRACE,
    )


def bound(address: Address) -> socket.socket:
    """Listening already, so that a port that is taken is known before anything is loaded. Raises ConfigError."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as fault:
        said = getattr(fault, "strerror", None) or fault
        where = f"{address.host}, port {address.port}"
        raise ConfigError(
            f"the page cannot be served at {where} ({said}); name another with --host or --port"
        ) from None


def url_of(address: Address) -> str:
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"http://{host}:{address.port}/"


class Server(uvicorn.Server):
    """Ends with the exit code 0 when it is asked to: uvicorn's own would raise the signal anew at the end.

    `said` is told once a signal is heard: whoever has read it may end the server at once.
    """

    def __init__(self, config: uvicorn.Config, said: str = "") -> None:
        super().__init__(config)
        self._said = said

    @contextlib.contextmanager
    def capture_signals(self):
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked)
        if self._said:
            tell(self._said)
        yield

    def _asked(self) -> None:
        self.should_exit = True


async def _answer(request: Request, pool, uploads: Uploads) -> bytes:
    """Raises RequestRefused, ClientDisconnect."""
    body = Body(request.receive)
    with uploads.room() as take:
        try:
            temperature = _temperature(request)
            if pool.full:
                raise busy(uploads.limits.retry_seconds)
            data = await uploads.receive(request.headers, body, take)
        except RequestRefused:
            await uploads.drain(body)
            raise
        return await pool.ask(data, temperature)


def _temperature(request: Request) -> float | None:
    """Raises RequestRefused."""
    given = request.query_params.get("temperature")
    try:
        return None if given is None else float(given)
    except ValueError:
        raise RequestRefused(400, "The temperature must be a number.") from None


def _refused(refusal: RequestRefused) -> Response:
    headers = {} if refusal.retry is None else {"retry-after": str(refusal.retry)}
    return PlainTextResponse(refusal.reason + "\n", refusal.status, headers)


def file_route(path: str, name: str, kind: str) -> Route:
    """A file of static/, served at `path` as this kind."""
    body = (STATIC / name).read_bytes()

    async def answer(_: Request) -> Response:
        return Response(body, media_type=kind)

    return Route(path, answer)


async def _started(pool: Pool) -> None:
    """Raises ModelError, in one line, whichever child said it first."""
    try:
        await pool.start()
    except* ModelError as faults:
        raise faults.exceptions[0] from None
    except* Lost:
        raise ModelError(
            "the page's workers ended before they were ready; look the machine over: make doctor"
        ) from None
