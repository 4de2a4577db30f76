#!/usr/bin/env python
"""The desk: turn every live setting of the running mirror in a browser. Starts the mirror too, if none runs.

examples:
  python scripts/desk.py                            beside the mirror that runs, else with a mirror in a window
  python scripts/desk.py --source demo              what it does not know itself goes to the mirror it starts
  python scripts/desk.py --beside --port 8011       starts no mirror: it waits for one

The link it prints holds a token, which is another one each time: whoever has the link may turn the settings. Only
this machine can reach it. Ctrl-C ends it, and the mirror that it has started.
"""

import argparse
import asyncio
import os
import sys
import webbrowser
from contextlib import ExitStack, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from narcissus.core.errors import ConfigError, NarcissusError  # noqa: E402
from narcissus.core.saying import complain, prepare_streams, tell  # noqa: E402
from narcissus.core.wire import wall_socket  # noqa: E402


def arguments(words: list[str] | None = None) -> tuple[argparse.Namespace, list[str]]:
    """The desk's own, and what goes to the mirror."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8010, help="default: %(default)s")
    parser.add_argument("--beside", action="store_true", help="start no mirror; wait for one")
    parser.add_argument("--no-browser", action="store_true", help="only print the link")
    options, rest = parser.parse_known_args(words)
    if not 1 <= options.port <= 65535:
        parser.error("--port goes from 1 to 65535")
    return options, rest


def main(words: list[str] | None = None) -> int:
    prepare_streams()
    options, rest = arguments(words)
    try:
        return asyncio.run(run(options, rest))
    except NarcissusError as error:
        complain(f"desk: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return 0


async def run(options: argparse.Namespace, rest: list[str]) -> int:
    """Returns the exit code: of the mirror, where it was started here and ended by itself. Raises ConfigError."""
    from narcissus.page.desk import link, new_token, serve, signpost
    from narcissus.page.server import Address, bound

    address, token = Address(port=options.port), new_token()
    path = meeting_place()
    with bound(address) as listening, ExitStack() as held:
        mirror = None if options.beside or await runs(path) else await started(rest)
        if mirror is None and rest:
            complain(f"desk: a mirror runs already; left aside: {' '.join(rest)}")
        tell(f"narcissus: the desk is at {link(address, token)}  (Ctrl-C ends it)")
        if not options.no_browser and has_display():
            with suppress(OSError):  # no room for its file; the link is printed
                webbrowser.open(held.enter_context(signpost(path.parent, link(address, token))))
        await serve(listening, path, token, mirror and mirror.wait())
    return 0 if mirror is None else await ended(mirror)


def meeting_place() -> Path:
    """Raises ConfigError."""
    try:
        return wall_socket()
    except OSError as fault:
        raise ConfigError(f"there is no place to meet the mirror: {fault}") from None


async def runs(path: Path) -> bool:
    """Whether a mirror listens there."""
    try:
        _, line = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    line.close()
    return True


async def started(words: list[str]) -> asyncio.subprocess.Process:
    """A mirror in a window: beside it there must be room for the browser."""
    return await asyncio.create_subprocess_exec(sys.executable, str(ROOT / "run_mirror.py"), "--window", *words)


async def ended(mirror: asyncio.subprocess.Process) -> int:
    """The mirror's exit code; it is asked to end if it still runs."""
    if mirror.returncode is not None:
        return mirror.returncode
    mirror.terminate()
    await mirror.wait()
    return 0


def has_display() -> bool:
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())
