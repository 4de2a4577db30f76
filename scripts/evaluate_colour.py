#!/usr/bin/env python
"""Measure a network that colours on pictures it has never seen, and write its figures and its ledger.

    python scripts/evaluate_colour.py
        models/colour/pile.npz, on ../shared/faces and ../shared/photographs; writes docs/colour.md
    python scripts/evaluate_colour.py --model mine --portraits 200 --markdown out/mine.md
        another model, fewer portraits

ΔE00 by region beside one mean colour and the nearest neighbour, colourfulness, a classifier real/coloured, flicker, and
what each slice of the pile makes of whose skin. Nothing but figures is written.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from narcissus.core.errors import NarcissusError, SourceError  # noqa: E402
from narcissus.core.flags import natural  # noqa: E402

SHARED = ROOT.parent / "shared"


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="pile", help="a name in models/colour/, or an .npz (default %(default)s)")
    parser.add_argument("--faces", type=Path, default=SHARED / "faces", metavar="DIR")
    parser.add_argument(
        "--photographs", type=Path, nargs="+", default=[SHARED / "photographs" / "photographs.zip"], metavar="PLACE"
    )
    parser.add_argument("--portraits", type=natural, default=600, help="of the held-out 1,500 (default %(default)s)")
    parser.add_argument(
        "--by-slice", type=natural, default=300, help="of these, under every slice (default %(default)s)"
    )
    parser.add_argument("--markdown", type=Path, default=ROOT / "docs" / "colour.md", metavar="FILE")
    options = parser.parse_args(words)
    if min(options.portraits, options.by_slice) < 10:
        parser.error("--portraits and --by-slice want 10 or more")
    return options


def main(words: list[str] | None = None) -> int:
    options = arguments(words)
    try:
        evaluate(options)
    except NarcissusError as error:
        print(f"evaluate_colour: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("evaluate_colour: stopped; nothing is written", file=sys.stderr)
        return 130
    return 0


def evaluate(options: argparse.Namespace) -> None:
    """Raises SourceMissing, SourceError, ModelError."""
    from narcissus.core.files import write_whole
    from narcissus.core.quiet import quiet

    with quiet():  # TensorFlow greets on the standard error whatever its log level
        from narcissus.lab.colour import heldout, ledger_page, lessons
        from narcissus.networks.colour import store
        from narcissus.networks.colour.colourist import Colourist

    path = Path(options.model)
    path = path if path.suffix == ".npz" else ROOT / "models" / "colour" / f"{options.model}.npz"
    colourist, facts = Colourist.open(path), store.load(path).facts
    say("reading the pile, and what was held out of it")
    pile = lessons.gather(options.faces, options.photographs, 0).pile
    people, world = heldout.people(options.faces, options.portraits), heldout.world(options.photographs)
    if not len(world) or not facts["limits"]:
        raise SourceError("figures want portraits and at least ten photographs, and a model that was taught on both")
    findings = measured(options, facts, pile, people, world, colourist)
    about = {"name": path.stem, "temperature": colourist.temperature, "command": command(options)}
    counts = {"portraits": len(people), "photographs": len(world)}
    write_whole(options.markdown, ledger_page.page(findings, about | counts))
    say(f"written: {options.markdown}")


def command(options: argparse.Namespace) -> str:
    other = "" if options.model == "pile" else f" --model {options.model}"
    return f"scripts/evaluate_colour.py --portraits {options.portraits} --by-slice {options.by_slice}{other}"


def measured(options: argparse.Namespace, facts: dict, pile, people, world, colourist):
    from narcissus.lab.colour import evaluation
    from narcissus.lab.colour.heldout import HeldOut

    findings = evaluation.Findings()
    say(f"{len(people)} portraits")
    evaluation.of_portraits(findings, people, pile, colourist)
    say(f"{len(world)} photographs")
    evaluation.of_photographs(findings, world, pile, colourist)
    few = slice(0, options.by_slice)
    some = HeldOut(people.pictures[few], people.landmarks[few], people.colour_portraits[few])
    say(f"{len(some)} portraits under every slice")
    evaluation.of_slices(findings, some, facts["limits"], colourist)
    say("viewers who keep still")
    evaluation.of_stillness(findings, some, colourist)
    return findings


def say(what: str) -> None:
    print(what, flush=True)


if __name__ == "__main__":
    sys.exit(main())
