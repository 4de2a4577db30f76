#!/usr/bin/env python
"""Measure filters on pictures that they have not seen, and write their figures.

    python scripts/evaluate_filter.py
        every filter in models/filters; writes docs/filter-figures.md
    python scripts/evaluate_filter.py great-wave --style ../shared/styles/hokusai-great-wave-1831.jpg
        one filter, beside what GPDM makes of the same pictures
    python scripts/evaluate_filter.py out/style/mine/best --contents my/photographs --markdown out/mine.md

Held-out patch distance, faces that are still found, noise, flicker and speed. The distance to the style wants the
style's picture: what code draws is known, anything else is looked for by its sha256 in ../shared/styles, or named by
--style. Nothing but figures is written.
"""

import argparse
import hashlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from narcissus.core.errors import NarcissusError, SourceMissing  # noqa: E402
from narcissus.core.flags import natural  # noqa: E402

SHARED = ROOT.parent / "shared"
HEAD = """# The filters that ship, measured

Written by `{command}`, on {cores} cores, other programs running (load {load:.1f}). What is asked stands in the last
column. How a filter is trained: [filters.md](filters.md).
"""


def main(words: list[str] | None = None) -> int:
    options = arguments(words)
    try:
        evaluate(options)
    except NarcissusError as error:
        print(f"evaluate_filter: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("evaluate_filter: stopped; nothing is written", file=sys.stderr)
        return 130
    return 0


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("filters", nargs="*", metavar="FILTER", help="names or folders (default: all that ship)")
    parser.add_argument("--style", type=Path, metavar="PICTURE", help="what the filter was trained from")
    parser.add_argument("--contents", type=Path, metavar="DIR", help="a folder or zip (default: ../shared)")
    parser.add_argument("--gpdm-steps", type=natural, default=300, metavar="N", help="of GPDM (default %(default)s)")
    parser.add_argument("--threads", type=natural, default=2)
    parser.add_argument("--markdown", type=Path, default=ROOT / "docs" / "filter-figures.md", metavar="FILE")
    options = parser.parse_args(words)
    if min(options.gpdm_steps, options.threads) < 1:
        parser.error("--gpdm-steps and --threads want numbers above 0")
    return options


def evaluate(options: argparse.Namespace) -> None:
    """Raises SourceMissing, SourceError, ModelError."""
    from narcissus.core.files import write_whole
    from narcissus.core.quiet import quiet

    with quiet():  # TensorFlow greets on the standard error whatever its log level
        from narcissus.lab.style import contents
        from narcissus.networks.pggan.backend import use_threads
        from narcissus.networks.style import Filter, filters_in

    use_threads(options.threads)
    names = options.filters or filters_in()
    if not names:
        raise SourceMissing("there is no filter to measure; train one with scripts/train_filter.py")
    seen = contents.own(options.contents) if options.contents else contents.shared(SHARED)
    parts = [HEAD.format(command=command(options), cores=os.cpu_count(), load=os.getloadavg()[0])]
    for name in names:
        painter = Filter.load(name)
        print(f"{painter.name}", flush=True)
        parts.append(table(painter, measured(painter, seen, options)))
    write_whole(options.markdown, "\n".join(parts))
    print(f"written: {options.markdown}")


def measured(painter, seen, options: argparse.Namespace):
    from narcissus.lab.style import evaluation
    from narcissus.lab.style.loss import Weights

    style, terms = style_of(painter, options), Weights(content=painter.facts["loss"]["weight of the content"])
    if style is not None:
        yield from evaluation.nearness(painter, style, seen, options.gpdm_steps, terms)
    portraits = SHARED / "faces" / "identities.zip"
    yield from evaluation.likeness(painter, portraits if portraits.exists() else None)
    yield from evaluation.steadiness(painter, seen, sorted((SHARED / "viewers").glob("*.mp4")))
    yield from evaluation.speed(painter)


def style_of(painter, options: argparse.Namespace):
    """The style's picture as it was learned from, or None where it is not at hand."""
    from narcissus.lab.style import drawings, style_picture

    long_side = max(painter.facts["style size"])
    for name in drawings.STYLES:
        if (drawn := style_picture.drawn(name, long_side)).sha256 == painter.origin["style_sha256"]:
            return drawn
    for path in [options.style] if options.style else sorted((SHARED / "styles").glob("*")):
        if hashlib.sha256(path.read_bytes()).hexdigest() == painter.origin["style_sha256"]:
            return style_picture.read(path, long_side)
    if options.style:
        raise SourceMissing(
            f"{options.style}: not what {painter.name} was trained from; leave --style out, or give that"
        )
    return None


def table(painter, rows) -> str:
    lines = [f"## {painter.name}", f"From {painter.origin['style']}.", "", "| | reached | asked |", "|---|---:|---:|"]
    for row in rows:
        print(f"  {row.what}: {row.value}  {row.asked}", flush=True)
        lines.append(f"| {row.what} | {row.value} | {row.asked} |")
    return "\n".join([*lines, ""])


def command(options: argparse.Namespace) -> str:
    return " ".join(["scripts/evaluate_filter.py", *map(str, options.filters), f"--gpdm-steps {options.gpdm_steps}"])


if __name__ == "__main__":
    sys.exit(main())
