#!/usr/bin/env python
"""Measure filters on pictures that they have not seen, and write their figures.

    python scripts/evaluate_filter.py
        every filter in models/filters, into docs/filter-figures.md
    python scripts/evaluate_filter.py great-wave --style ../shared/styles/hokusai-great-wave-1831.jpg
        one filter, beside what GPDM makes of the same pictures; what the page says of others stays
    python scripts/evaluate_filter.py out/style/mine/best --contents my/photographs --markdown out/mine.md

Held-out patch distance, faces that are still found, noise, flicker and speed. The distance to the style wants the
style's picture: what code draws is known, anything else is looked for by its sha256 in ../shared/styles, or named by
--style. Nothing but figures is written. Stopped by Ctrl-C or SIGTERM, the same command goes on with what is not yet
measured.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from narcissus.core.errors import NarcissusError, SourceMissing  # noqa: E402
from narcissus.core.flags import natural  # noqa: E402

SHARED = ROOT.parent / "shared"


def main(words: list[str] | None = None) -> int:
    options = arguments(words)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        evaluate(options)
    except NarcissusError as error:
        print(f"evaluate_filter: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"evaluate_filter: {error.filename or options.markdown}: {error.strerror}", file=sys.stderr)
        return 74  # EX_IOERR
    except KeyboardInterrupt:
        print("evaluate_filter: stopped; the same command goes on with what is not yet measured", file=sys.stderr)
        return 130
    return 0


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("filters", nargs="*", metavar="FILTER", help="names or folders (default: all that ship)")
    parser.add_argument("--style", type=Path, metavar="PICTURE", help="what the filter was trained from")
    parser.add_argument("--contents", type=Path, metavar="DIR", help="a folder or zip (default: ../shared)")
    parser.add_argument("--gpdm-steps", type=natural, default=300, metavar="N", help="of GPDM (default %(default)s)")
    parser.add_argument("--threads", type=natural, default=2)
    parser.add_argument("--work", type=Path, default=ROOT / "out" / "style", metavar="DIR", help=argparse.SUPPRESS)
    parser.add_argument("--markdown", type=Path, default=ROOT / "docs" / "filter-figures.md", metavar="FILE")
    options = parser.parse_args(words)
    if options.style and len(options.filters) != 1:
        parser.error("--style is the picture of one filter: name that filter")
    return options


def evaluate(options: argparse.Namespace) -> None:
    """Raises SourceMissing, SourceError, ModelError, OSError."""
    from narcissus.core.quiet import quiet

    with quiet():  # TensorFlow greets on the standard error whatever its log level
        from narcissus.lab.style import contents
        from narcissus.networks.pggan.backend import use_threads
        from narcissus.networks.style import Filter, filters_in

    use_threads(options.threads)
    names = options.filters or filters_in()
    if not names:
        raise SourceMissing("there is no filter to measure; train one with scripts/train_filter.py")
    painters = [Filter.load(name) for name in names]
    styles = [style_of(painter, options) for painter in painters]  # what is missing is said before an hour has passed
    seen = contents.own(options.contents) if options.contents else contents.shared(SHARED)
    kept = [
        measured(name, painter, style, seen, options)
        for name, painter, style in zip(names, painters, styles, strict=True)
    ]
    print(f"written: {options.markdown}")
    for one in kept:
        one.forget()


def measured(name: str, painter, style, seen, options: argparse.Namespace):
    """Measure one filter, and write its section of the page."""
    from narcissus.core.files import sha256_of, write_whole
    from narcissus.lab.style.figures_page import section, with_section
    from narcissus.lab.style.rows import Kept
    from narcissus.networks.style import store

    print(painter.name, flush=True)
    load = os.getloadavg()[0]
    about = {"filter": sha256_of(store.place(name)), "command": command(name, options)}
    kept, rows = Kept(options.work / painter.name / "figures.json", about), []
    for part, measure in parts(painter, style, seen, options.gpdm_steps):
        for row in kept.part(part, measure):
            print(f"  {row.what}: {row.value}  {row.asked}", flush=True)
            rows.append(row)
    said = f"From {painter.origin['style']}. Measured by `{about['command']}`, {options.threads} threads on "
    said += f"{os.cpu_count()} cores, whose load was {load:.1f} before."
    page = options.markdown.read_text(encoding="utf-8") if options.markdown.exists() else ""
    write_whole(options.markdown, with_section(page, section(painter.name, said, rows)))
    return kept


def parts(painter, style, seen, steps: int):
    """What is measured, in order: name and function."""
    from functools import partial

    from narcissus.lab.style import evaluation
    from narcissus.lab.style.loss import Weights

    portraits, videos = SHARED / "faces" / "identities.zip", sorted((SHARED / "viewers").glob("*.mp4"))
    if style is not None:
        terms = Weights(content=painter.facts["loss"]["weight of the content"])
        yield "nearness", partial(evaluation.nearness, painter, style, seen, steps, terms)
    yield "likeness", partial(evaluation.likeness, painter, portraits if portraits.exists() else None)
    yield "noise", partial(evaluation.noise, painter, seen)
    if videos:
        yield "flicker", partial(evaluation.flicker, painter, videos)
    yield "speed", partial(evaluation.speed, painter)


def style_of(painter, options: argparse.Namespace):
    """The style's picture as it was learned from, or None where it is not at hand. Raises SourceError, OSError."""
    from narcissus.core.files import sha256_of
    from narcissus.lab.style import drawings, style_picture

    long_side = max(painter.facts["style size"])
    for name in drawings.STYLES:
        if (drawn := style_picture.drawn(name, long_side)).sha256 == painter.origin["style_sha256"]:
            return drawn
    for path in [options.style] if options.style else sorted((SHARED / "styles").glob("*.*")):
        if sha256_of(path) == painter.origin["style_sha256"]:
            return style_picture.read(path, long_side)
    if options.style:
        raise SourceMissing(
            f"{options.style}: not what {painter.name} was trained from; leave --style out, or give that"
        )
    return None


def command(name: str, options: argparse.Namespace) -> str:
    """What measures this filter again; without folders: whose machine it was is nobody's business."""
    own = " --contents …" if options.contents else ""
    return f"scripts/evaluate_filter.py {Path(name).name}{own} --gpdm-steps {options.gpdm_steps}"


if __name__ == "__main__":
    sys.exit(main())
