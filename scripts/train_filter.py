#!/usr/bin/env python
"""Train a filter from one picture: a painting, a poster, a texture.

    python scripts/train_filter.py painting.jpg
        into models/filters/painting, in a quarter of an hour on two cores
    python scripts/train_filter.py painting.jpg --name nocturne --contents my/photographs --minutes 8
        learned on the pictures of a folder or zip of your own
    python scripts/train_filter.py poster.png --begin nocturne --minutes 4
        begins with what another filter has learned
    python scripts/train_filter.py cells
        from a picture that code draws: cells, copper-circuit

While it learns, out/style/NAME/watch.html shows what it can do so far; at the end there are models/filters/NAME, with a
card and a sample, and out/style/NAME/report.html. Ctrl-C or SIGTERM stops it: the best so far is kept as a filter in
out/style/NAME/best, and the same command goes on where it stopped, to the same result (with more than one thread: but
for rounding). A filter that exists is never overwritten.
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from narcissus.core.errors import NarcissusError  # noqa: E402
from narcissus.core.flags import natural, seed  # noqa: E402
from narcissus.core.processor import keep_to  # noqa: E402
from narcissus.lab import licences  # noqa: E402
from narcissus.lab.stop import Stop  # noqa: E402

SHARED = ROOT.parent / "shared"
LICENCE = "research and non-commercial use only, as the owners of the pictures it was learned on ask"


def main(words: list[str] | None = None) -> int:
    options = arguments(words)
    keep_to(options.threads)
    try:
        return train(options)
    except NarcissusError as error:
        print(f"train_filter: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"train_filter: {error.filename or options.work}: {error.strerror}", file=sys.stderr)
        return 74  # EX_IOERR
    except KeyboardInterrupt:
        return 130


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("style", metavar="PICTURE", help="JPEG, PNG, TIFF or WebP; or cells, copper-circuit")
    parser.add_argument("--name", help="of the filter (default: the picture's)")
    parser.add_argument("--title", help="what the picture is, for the card; such as: The Great Wave, Hokusai, 1831")
    parser.add_argument(
        "--contents", type=Path, metavar="DIR", help="a folder or zip to learn on (default: ../shared, or drawn faces)"
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=15.0, help="how long to learn (default %(default)g)")
    length.add_argument("--steps", type=natural, help="how many steps instead")
    parser.add_argument(
        "--size", type=int, default=512, help="pixels of the picture's longer side: half as many, half as large strokes"
    )
    parser.add_argument(
        "--content", type=float, default=0.5, help="how much of a picture's drawing is kept (default %(default)g)"
    )
    parser.add_argument(
        "--begin", metavar="FILTER", help="begin with what another filter has learned: it needs a third of the time"
    )
    parser.add_argument("--seed", type=seed, default=0)
    parser.add_argument("--threads", type=natural, default=2, help="processor cores (default %(default)s)")
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "filters", metavar="DIR")
    parser.add_argument("--work", type=Path, metavar="DIR", help="state and report (default: out/style/NAME)")
    options = parser.parse_args(words)
    _check(parser, options)
    options.name = options.name or slug(Path(options.style).stem)
    options.work = options.work or ROOT / "out" / "style" / options.name
    return options


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if not (0 < options.minutes <= 24 * 60 and options.threads > 0 and (options.steps or 1) > 0):
        parser.error("--minutes, --steps and --threads want numbers above 0")
    if not 128 <= options.size <= 2048:
        parser.error("--size goes from 128 to 2048 pixels")
    if not 0 <= options.content <= 100:
        parser.error("--content goes from 0 to 100")
    if options.name and options.name != slug(options.name):
        parser.error(f"--name wants small letters, digits and hyphens, such as {slug(options.name)}")


def slug(words: str) -> str:
    """Small letters, digits and hyphens: what is safe as a folder's name everywhere."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:48] or "filter"


def train(options: argparse.Namespace) -> int:
    stop = Stop()
    from narcissus.core.quiet import quiet

    with quiet():  # TensorFlow greets on the standard error whatever its log level
        from narcissus.lab.style import finish, session, state
        from narcissus.lab.style.learn import Trainer
        from narcissus.lab.style.loss import Weights
        from narcissus.networks.pggan.backend import use_threads
        from narcissus.networks.style import store

    use_threads(options.threads)
    folder = options.out / options.name
    finish.refuse_taken(folder)
    style, title = read_style(options)
    contents = read_contents(options)
    begin = store.load(store.place(options.begin)).weights if options.begin else None
    weights = Weights(content=options.content)
    trainer = Trainer(style, contents, options.steps, options.seed, weights=weights, begin=begin)
    taken_up = state.load_checkpoint(trainer, options.work / "state.npz")
    print(f"{'going on after step ' + str(trainer.step) if taken_up else 'learning'} from {len(contents)} pictures")
    print(f"to look at meanwhile: {options.work / 'watch.html'}", flush=True)
    ended = session.train(trainer, options.work, None if options.steps else options.minutes, stop)
    origin = {"style": title, "style_sha256": style.sha256, "command": command(options)}
    where = folder if ended else options.work / "best"
    painter = finish.finish(trainer, where, options.work, origin, licences.OWN if options.contents else LICENCE)
    print(f"written: {where} (default strength {painter.strength:g}), {options.work / 'report.html'}")
    if not ended:
        print(f"stopped after step {trainer.step} of {trainer.steps}; the same command goes on")
    return 0 if ended else 130


def read_style(options: argparse.Namespace):
    """The picture to learn from, and what it is."""
    from narcissus.lab.style import drawings, style_picture

    if options.style in drawings.STYLES:
        return style_picture.drawn(options.style, options.size), options.title or drawings.TITLES[options.style]
    style = style_picture.read(Path(options.style), options.size)
    return style, options.title or f"the picture {style.name}"


def read_contents(options: argparse.Namespace):
    from narcissus.lab.style import contents

    return contents.own(options.contents) if options.contents else contents.shared(SHARED)


def command(options: argparse.Namespace) -> str:
    """Without folders: whose machine it was is nobody's business."""
    length = f"--steps {options.steps}" if options.steps else f"--minutes {options.minutes:g}"
    own = f" --begin {Path(options.begin).name}" if options.begin else ""
    own += " --contents …" if options.contents else ""
    style = Path(options.style).name
    sizes = f"--size {options.size} --content {options.content:g} --seed {options.seed}"
    return f"scripts/train_filter.py {style} --name {options.name}{own} {length} {sizes}"


if __name__ == "__main__":
    sys.exit(main())
