#!/usr/bin/env python
"""Serve the page: a portrait goes in, the colours that a pile of pictures assumes of it come out.

examples:
  python scripts/page.py                                     at http://127.0.0.1:8000/, for this machine alone
  python scripts/page.py --host 0.0.0.0 --name wall.local    for everybody in this network, as http://wall.local:8000/
  python scripts/page.py --port 8001 --name colour.museum.example
      behind a proxy that serves https://colour.museum.example/ and hands on what the browser said; see docs/page.md

Uploads are answered from memory, and never stored or logged. Ctrl-C ends it.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from narcissus.core.errors import NarcissusError  # noqa: E402
from narcissus.core.flags import natural  # noqa: E402
from narcissus.core.saying import complain, prepare_streams  # noqa: E402

MODELS = ROOT / "models" / "colour"


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default %(default)s: nobody else)")
    parser.add_argument("--port", type=port, default=8000, help="default: %(default)s")
    parser.add_argument("--workers", type=natural, default=cores(), help="that colour at once; default: a core each")
    parser.add_argument("--name", action="append", default=[], help="by which it may also be called; repeat for more")
    parser.add_argument("--model", default="pile", help="a name in models/colour/, or an .npz (default %(default)s)")
    options = parser.parse_args(words)
    if not 1 <= options.workers <= 64:
        parser.error("--workers goes from 1 to 64")
    return options


def main(words: list[str] | None = None) -> int:
    prepare_streams()
    options = arguments(words)
    model = Path(options.model) if options.model.endswith(".npz") else MODELS / f"{options.model}.npz"
    try:
        import asyncio

        from narcissus.page.server import Address, serve

        asyncio.run(serve(Address(options.host, options.port, tuple(options.name)), model.absolute(), options.workers))
    except NarcissusError as error:
        complain(f"page: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return 0
    return 0


def port(word: str) -> int:
    number = int(word)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError("goes from 1 to 65535")
    return number


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    sys.exit(main())
