"""Measure ways of enlarging a face four times: a table in Markdown, against real faces of that size.

    python scripts/measure_enlarging.py [--faces ../shared/faces/identities.zip] [--people 60]

Portraits are averaged to a quarter of their size and enlarged again; once more with a fine grid laid over the small
ones, as a generator leaves it in its pictures. What the columns mean stands in narcissus/lab/enlarging.py.
"""

import argparse
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from narcissus.core.flags import natural  # noqa: E402


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--faces", type=Path, default=HOME / "../shared/faces/identities.zip", help="a .zip of pictures"
    )
    parser.add_argument("--people", type=natural, default=60, help="so many of them, one picture each (default: 60)")
    asked = parser.parse_args(words)
    if not asked.faces.is_file():
        print(f"measure_enlarging: {asked.faces}: not there; name one with --faces", file=sys.stderr)
        return 66  # EX_NOINPUT

    from narcissus.lab.enlarging import measured, portraits

    print("| | distance | edge | ringing | distance, grid | edge, grid | grid |\n|---|---|---|---|---|---|---|")
    for name, values in measured(portraits(asked.faces, asked.people)):
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in values) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
