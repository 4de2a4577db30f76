#!/usr/bin/env python
"""Measure the wall that breeds: variety, resemblance, humanity, names, its clock, and what kill -9 leaves.

    python scripts/evaluate_creatures.py                      all of it, an hour of the clock and 1,000 kills among it
    python scripts/evaluate_creatures.py --only heredity --births 2000
    python scripts/evaluate_creatures.py --seconds 300 --kills 200 --markdown docs/creatures.md

Prints a table; with --markdown it also replaces the one in that page. Ctrl-C keeps what is finished.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from narcissus.app.settings import Settings  # noqa: E402
from narcissus.core.errors import NarcissusError  # noqa: E402
from narcissus.core.flags import natural, seed  # noqa: E402
from narcissus.core.saying import complain, tell  # noqa: E402

PARTS = ("crashes", "pace", "names", "heredity")
NAMES = 12  # creatures drawn twice
SOONEST = 5.0  # seconds of the clock


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--generator", default=Settings().generator, metavar="NAME")
    parser.add_argument("--cells", type=natural, default=48, help="on the wall (default %(default)s)")
    parser.add_argument("--births", type=natural, default=10_000, help="(default %(default)s)")
    parser.add_argument("--walls", type=natural, default=4, help="that are looked at (default %(default)s)")
    parser.add_argument(
        "--children", type=natural, default=100, help="whose parents are looked for (default %(default)s)"
    )
    parser.add_argument("--seconds", type=float, default=3600, help="of the clock (default %(default)s)")
    parser.add_argument("--kills", type=natural, default=1000, help="(default %(default)s)")
    parser.add_argument("--seed", type=seed, default=0)
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="a page with a place for the figures")
    asked = parser.parse_args(words)
    if not asked.seconds >= SOONEST:
        parser.error(f"--seconds: {SOONEST:g} or more, for some births to be told apart")
    return asked


def main(words: list[str] | None = None) -> int:
    asked = arguments(words)
    rows: list[tuple[str, str, str]] = []
    code = 0
    try:
        for part in sorted(asked.only, key=PARTS.index):  # crashes first: who forks has no threads yet
            rows += MEASURES[part](asked)
    except NarcissusError as error:
        complain(f"evaluate_creatures: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        complain("evaluate_creatures: stopped; what follows was finished")
        code = 130
    report(asked, rows)
    return code


def report(asked: argparse.Namespace, rows: list[tuple[str, str, str]]) -> None:
    from narcissus.lab.creatures import page

    tell(page.table(rows))
    if asked.markdown and rows:
        load = os.getloadavg()[0]
        machine = f"On {os.cpu_count()} cores, {load:.1f} processes wanting one at the end."
        page.put(asked.markdown, rows, machine)


def heredity(asked: argparse.Namespace) -> list[tuple[str, str, str]]:
    from narcissus.lab.creatures import heredity, page

    found = heredity.measured(
        generator(asked), asked.cells, asked.births, asked.walls, asked.children, asked.seed, bar("births")
    )
    return page.of_heredity(found)


def names(asked: argparse.Namespace) -> list[tuple[str, str, str]]:
    from narcissus.lab.creatures import names, page

    path = str(Settings(generator=asked.generator).generator_path)
    return page.of_names(names.difference(generator(asked), path, asked.cells, NAMES, asked.seed), NAMES)


def pace(asked: argparse.Namespace) -> list[tuple[str, str, str]]:
    from narcissus.lab.creatures import pace, page

    watch = pace.Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "wall.sqlite")
        block = {"store": store, "cells": asked.cells, "seed": asked.seed, "joining": False}
        settings = Settings(generator=asked.generator, scenes={"creatures": block})
        scene = pace.opened(settings, generator(asked), watch)
        return page.of_pace(pace.paced(scene, watch, asked.seconds, bar("pictures")))


def crashes(asked: argparse.Namespace) -> list[tuple[str, str, str]]:
    from narcissus.lab.creatures import crashes, page

    with tempfile.TemporaryDirectory() as folder:
        found = crashes.killed(Path(folder) / "wall.sqlite", asked.kills, asked.cells, asked.seed, bar("kills"))
    return page.of_crashes(found)


def generator(asked: argparse.Namespace):
    from narcissus.networks.pggan import Generator

    return Generator.load(Settings(generator=asked.generator).generator_path)


def bar(what: str):
    from tqdm import tqdm

    return lambda steps: tqdm(steps, desc=what, disable=None)


MEASURES = {"heredity": heredity, "names": names, "pace": pace, "crashes": crashes}

if __name__ == "__main__":
    sys.exit(main())
