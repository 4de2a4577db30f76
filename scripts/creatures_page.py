#!/usr/bin/env python
"""Serve the creatures' page for visitors' phones: the wall as it lives, every creature's tree, keep and delete by code.

examples:
  python scripts/creatures_page.py                                    at http://127.0.0.1:8001/, for this machine alone
  python scripts/creatures_page.py --host 0.0.0.0 --name wall.local   for everybody in this network
  python scripts/creatures_page.py --config gallery.yaml              with the settings of the wall beside it

The wall runs beside it, under the same user and with the same settings; its file must be on disk (scenes: creatures:
store). Write the page's address into those settings (page), and the wall shows it as a QR code. Ctrl-C ends it.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # a GPU belongs to the wall

from narcissus.core.errors import ConfigError, NarcissusError  # noqa: E402
from narcissus.core.saying import complain, prepare_streams  # noqa: E402

POLITE = 10  # the wall goes first: niceness


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default %(default)s: nobody else)")
    parser.add_argument("--port", type=int, default=8001, help="default: %(default)s")
    parser.add_argument("--name", action="append", default=[], help="by which it may also be called; repeat for more")
    parser.add_argument("--config", type=Path, default=ROOT / "config.yaml", help="the wall's settings")
    options = parser.parse_args(words)
    if not 1 <= options.port <= 65535:
        parser.error("--port goes from 1 to 65535")
    return options


def main(words: list[str] | None = None) -> int:
    prepare_streams()
    options = arguments(words)
    os.nice(POLITE)
    try:
        import asyncio

        from narcissus.app.settings import load
        from narcissus.page.album import opened
        from narcissus.page.creatures import serve
        from narcissus.page.server import Address

        album, wall = opened(load(options.config)), meeting_place()
        asyncio.run(serve(Address(options.host, options.port, tuple(options.name)), album, wall))
    except NarcissusError as error:
        complain(f"creatures_page: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return 0
    return 0


def meeting_place() -> Path:
    """Where the wall listens, if it runs. Raises ConfigError."""
    from narcissus.core.wire import wall_socket

    try:
        return wall_socket()
    except OSError as fault:
        raise ConfigError(f"page and wall have no folder to meet in ({fault}); set XDG_RUNTIME_DIR") from None


if __name__ == "__main__":
    sys.exit(main())
