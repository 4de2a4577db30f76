#!/usr/bin/env python
"""Train a generator from your own pile of pictures: a PG-GAN that draws faces like those you give it.

    python scripts/train_generator.py portraits/ --name mine --minutes 45
        finds, aligns and crops the faces of a folder or zip file, and learns to draw such faces at 64 px
    python scripts/train_generator.py portraits/ --name mine --minutes 300
        goes on with what the first command has learned
    python scripts/train_generator.py paintings.zip --name shore --as-they-are --size 128
        any pictures, the middle square of each

Blurred pictures, faces too small and photographs that are there twice are left out and counted. While it trains,
out/generator/NAME/index.html shows what it draws. It ends by the clock; Ctrl-C or SIGTERM ends it sooner, keeps all it
has and writes the generator so far. The same command goes on from there. The generator lies in models/pg_gan/NAME.npz,
with its card NAME.md; then: python train_inverter.py --generator NAME
"""

import argparse
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from narcissus.core.errors import NarcissusError  # noqa: E402
from narcissus.core.flags import natural, seed  # noqa: E402
from narcissus.core.saying import complain, tell  # noqa: E402
from narcissus.lab.stop import Stop  # noqa: E402

SIZES = tuple(2**log2 for log2 in range(3, 11))
LICENCE = "Not stated: what may be done with it is what the photographs it was trained on allow."
STOPPED = 130


def main(words: list[str] | None = None) -> int:
    options = arguments(words)
    prepare(options.threads)
    try:
        return train(options, Stop())
    except KeyboardInterrupt:
        return put_off()
    except NarcissusError as error:
        complain(f"train_generator: {error}")
        return error.exit_code
    except OSError as error:
        complain(f"train_generator: {error.filename or options.work}: {error.strerror or error}")
        return 74  # EX_IOERR


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="photographs: a folder or zip of JPEG, PNG, WebP")
    parser.add_argument("--name", required=True, help="of the generator: letters, digits, - and _")
    parser.add_argument("--size", type=int, choices=SIZES, default=64, help="pixels (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=60, help="of training in all (default: %(default)s)")
    parser.add_argument("--as-they-are", action="store_true", help="take any pictures; look for no faces")
    parser.add_argument("--maps", type=natural, metavar="N", help="most feature maps (default: 128, on a GPU 512)")
    parser.add_argument("--licence", default=LICENCE, metavar="TEXT", help="what may be done with it, for its sidecar")
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "pg_gan", metavar="DIR")
    parser.add_argument("--work", type=Path, metavar="DIR", help="pile, state, page (default: out/generator/NAME)")
    parser.add_argument("--seed", type=seed, default=0)
    parser.add_argument("--threads", type=natural, default=min(8, len(os.sched_getaffinity(0))), help="processor cores")
    options = parser.parse_args(words)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", options.name):
        parser.error(f"--name {options.name!r}: give letters, digits, - and _")
    if min(options.minutes, options.threads, options.seed + 1) <= 0 or not 4 <= (options.maps or 4) <= 512:
        parser.error("--minutes and --threads want numbers above 0, --seed 0 or more, --maps 4 to 512")
    options.work = options.work or ROOT / "out" / "generator" / options.name
    return options


def prepare(threads: int) -> None:
    """TensorFlow and the libraries under it read these once, when they are first imported."""
    os.environ["KERAS_BACKEND"] = "tensorflow"  # whatever a keras.json says: gradients are taken by its tape
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.update(TF_NUM_INTRAOP_THREADS=str(threads), OMP_NUM_THREADS=str(threads), TF_NUM_INTEROP_THREADS="1")


def train(options: argparse.Namespace, stop: Stop) -> int:
    from narcissus.core.quiet import quiet

    with quiet():  # TensorFlow greets on the standard error whatever its log level
        from narcissus.lab.generator import finish, pile
    from narcissus.lab.likeness.album import Album

    path = options.out / f"{options.name}.npz"
    finish.claim(path, options.work)
    stopped = lambda: stop.asked
    gathered = gather(pile, Album(options.folder, by_person=False), options, stopped)
    if gathered is None:
        return put_off()
    tell(f"{gathered.told()}\n{pile.expectation(len(gathered.pictures))}")
    if gathered.unreadable:
        tell("cannot be read: " + ", ".join(gathered.unreadable))
    counted = whom_it_shows(options, gathered.pictures, stopped)
    if stop.asked:
        return put_off()
    told, source = gathered.told(), gathered.source
    place = finish.Place(path, options.work, told, source, options.licence, counted)
    return learn(options, gathered.pictures, place, stopped)


def gather(pile, album, options: argparse.Namespace, stopped):
    """The pile, its faces found by as many processes as there are threads."""
    from narcissus.lab.likeness.seeing import SeeingPool, see_all

    if options.as_they_are:
        return pile.gather(album, options.size, options.work, None, stopped)
    if options.threads == 1:
        return pile.gather(album, options.size, options.work, see_all, stopped)
    with SeeingPool(options.threads) as pool:
        return pile.gather(album, options.size, options.work, pool, stopped)


def whom_it_shows(options: argparse.Namespace, pictures, stopped) -> dict | None:
    from narcissus.lab.generator import census
    from narcissus.lab.likeness.perception import Eye
    from narcissus.networks.attributes import Attributes

    return census.keep(options.work, pictures, lambda: Eye(Attributes.open(ROOT / "models" / "attributes")), stopped)


def learn(options: argparse.Namespace, pictures, place, stopped) -> int:
    from narcissus.lab.generator import figures, finish, session

    taught, held = figures.parted(pictures, options.seed)
    training = begun(options, pictures[taught] if len(held) else pictures)
    until = 60 * options.minutes
    show = session.shower(training, options.work, options.name, place.told, until)
    tell(f"look at {options.work / 'index.html'}: it renews itself")
    session.train(training, options.work, show, until, stopped)
    made = finish.write(training, place)
    tell(f"written: {place.path}, after {training.seen:,} pictures in {training.seconds / 60:.1f} minutes")
    if stopped():
        show("Stopped.")
        return put_off()
    from narcissus.core.quiet import quiet
    from narcissus.networks.pggan import Generator

    with quiet():  # it would like another number of threads than the training has
        generator = Generator(made)
    found = figures.measure(generator, pictures, held, taught, options.seed, stopped)
    finish.describe(training, place, found)
    show("Ended.")
    if found:
        from narcissus.lab.generator.card import table

        tell(table(found))
    tell(
        f"its card: {finish.beside(place.path, '.md')}\n"
        f"next: .venv/bin/python train_inverter.py --generator {options.name}"
    )
    return 0


def begun(options: argparse.Namespace, pictures):
    """The training, taken up where there is a state of it."""
    from narcissus.core.quiet import quiet
    from narcissus.lab.generator.adversaries import Adversaries, arguments_for
    from narcissus.lab.generator.training import Training

    with quiet():  # TensorFlow greets on the standard error whatever its log level
        own = Adversaries(arguments_for(options.size, options.maps), options.seed)
    training = Training(pictures, own, 60 * options.minutes)
    if training.load_checkpoint(options.work / "state.npz"):
        tell(f"going on after {training.seen:,} pictures and {training.seconds / 60:.1f} minutes")
    return training


def put_off() -> int:
    tell("stopped; the same command goes on from here")
    return STOPPED


if __name__ == "__main__":
    sys.exit(main())
