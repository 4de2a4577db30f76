#!/usr/bin/env python
"""Teach the network that colours, and write its report and its model card.

    python scripts/train_colour.py
        from ../shared/faces and ../shared/photographs, into models/colour/pile.npz: about half an hour on one core
    python scripts/train_colour.py --photographs my/pictures --name mine
        from the pictures of any folder or zip; --faces my/faces where there are labelled portraits

Ctrl-C or SIGTERM stops it and keeps what it has: the network so far is written, and the same command goes on where it
stopped, to the same result as if it had never been stopped (with more than one thread: but for rounding).
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from narcissus.core.errors import NarcissusError  # noqa: E402
from narcissus.core.flags import natural, seed  # noqa: E402
from narcissus.core.processor import keep_to  # noqa: E402
from narcissus.lab.stop import Stop  # noqa: E402

SHARED = ROOT.parent / "shared"
MODELS = ROOT / "models" / "colour"
SHIPPED = "pile"  # the name of the network that ships
STATE_EVERY = 100  # steps between two states on disk
LINE_EVERY = 200  # steps between two lines of the diary


def main(words: list[str] | None = None) -> int:
    options = arguments(words)
    keep_to(options.threads)
    try:
        return train(options)
    except NarcissusError as error:
        print(f"train_colour: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=Path, metavar="DIR", help="labelled portraits; default: ../shared/faces")
    parser.add_argument(
        "--photographs", type=Path, nargs="+", metavar="PLACE", help="folders or zips; default: ../shared/photographs"
    )
    parser.add_argument("--name", default=SHIPPED, help="of the model (default %(default)s)")
    parser.add_argument("--out", type=Path, default=MODELS, metavar="DIR")
    parser.add_argument("--work", type=Path, metavar="DIR", help="state and report; default: out/colour/NAME")
    parser.add_argument("--steps", type=natural, default=3000, help="batches of 24 pictures (default %(default)s)")
    parser.add_argument("--polish", type=int, default=900, help="more of them, larger (default %(default)s)")
    parser.add_argument("--seed", type=seed, default=0)
    parser.add_argument(
        "--threads", type=natural, default=1, help="processor cores; with 1, the default, it repeats itself exactly"
    )
    options = parser.parse_args(words)
    if min(options.steps, options.threads, options.polish + 1) <= 0:
        parser.error("--steps and --threads want numbers above 0, --polish 0 or more")
    options.own = options.faces is not None or options.photographs is not None
    if options.own and options.name == SHIPPED and options.out == MODELS:
        parser.error(f"--name: {SHIPPED} is the network that ships; name your own")
    if not options.own:
        options.faces, options.photographs = SHARED / "faces", [SHARED / "photographs" / "photographs.zip"]
    options.work = options.work or ROOT / "out" / "colour" / options.name
    return options


def train(options: argparse.Namespace) -> int:
    stop = Stop()
    from narcissus.core.quiet import quiet

    with quiet():  # TensorFlow greets on the standard error whatever its log level
        from narcissus.lab.colour import state
        from narcissus.lab.colour.learn import Trainer
        from narcissus.lab.colour.lessons import gather

    print("reading the pile", flush=True)
    lessons = gather(options.faces, options.photographs or [], options.seed)
    for name, rows in lessons.pile.slices.items():
        print(f"  {name:8} {len(rows):6} pictures", flush=True)
    trainer = Trainer(lessons.pile, lessons.centres, lessons.shares, options.steps, options.polish, options.seed)
    path = options.work / "state.npz"
    if state.load_checkpoint(trainer, path):
        print(f"going on after step {trainer.step} of {trainer.planned}", flush=True)
    ended = learn(trainer, lessons, path, stop)
    from narcissus.lab.colour.finish import finish

    finish(trainer, lessons, options)
    return 0 if ended else 130


def learn(trainer, lessons, path: Path, stop) -> bool:
    """Train to the end, or until somebody stops it; whether the end was reached. The state is on disk afterwards."""
    from narcissus.lab.colour.learn import Entry
    from narcissus.lab.colour.state import save_checkpoint
    from narcissus.lab.likeness.progress import counted

    examples, losses = lessons.examples(), []
    for loss in counted("learning", trainer.planned - trainer.step, "step")(trainer.learn()):
        losses.append(loss)
        if trainer.step % LINE_EVERY == 0:
            trainer.diary.append(Entry(trainer.step, sum(losses) / len(losses), trainer.error(examples)))
            losses.clear()
            line = trainer.diary[-1]
            print(f"step {line.step:6}  loss {line.loss:.3f}  error {line.error:.2f} ab", flush=True)
        if stop.asked or trainer.step % STATE_EVERY == 0:
            save_checkpoint(trainer, path)
        if stop.asked:
            print(f"stopped after step {trainer.step} of {trainer.planned}; the same command goes on", flush=True)
            return False
    save_checkpoint(trainer, path)
    return True


if __name__ == "__main__":
    sys.exit(main())
