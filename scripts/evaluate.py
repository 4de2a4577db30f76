#!/usr/bin/env python
"""Measure how like the reflections are, on photographs and films of people that nothing was trained on.

    python scripts/evaluate.py --people people.zip --faces portraits/ --labels labels.csv --video a.mp4 b.mp4 --out DIR
    python scripts/evaluate.py --people people.zip --faces portraits/ --last 1500 --lights 200 --quick --out DIR

Writes evaluation.json (every figure with its interval and under every baseline), index.html (a page with reflections
beside their viewers: keep it to yourself, it shows your photographs), ledger.html (the bias ledger; no photographs) and
ledger.json (what the wall says of itself where `measure:` is on, once the file lies beside the inverter, in
models/inverter/<generator>/). Everything is measured with the configuration that ships: config.yaml, the generator,
inverter and perception of the mirror.
"""

import argparse
import contextlib
import os
import sys
import time
from pathlib import Path

INTERRUPTED = 130  # as the shell says it
UNWRITABLE = 73  # as sysexits.h says it

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads that wait for one another only cost

from narcissus.app.settings import Settings, load  # noqa: E402
from narcissus.core.errors import NarcissusError, SourceError  # noqa: E402
from narcissus.core.flags import natural, seed  # noqa: E402


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", metavar="ZIP_OR_DIR", help="photographs of people, a folder for each person")
    parser.add_argument("--faces", metavar="ZIP_OR_DIR", help="portraits, each of somebody else")
    parser.add_argument("--last", type=natural, metavar="N", help="of --faces, only the last N")
    parser.add_argument("--labels", metavar="CSV", help="name, age, gender (0 male, 1 female), race of the portraits")
    parser.add_argument("--video", nargs="+", default=[], metavar="FILE", help="films of people before a camera")
    parser.add_argument(
        "--trained-on",
        nargs="+",
        default=[],
        metavar="ZIP_OR_DIR",
        help="what taught the generator; default: the census of it that lies beside the weights",
    )
    parser.add_argument("--out", type=Path, default=Path("out/likeness"), metavar="DIR", help="default: %(default)s")
    parser.add_argument("--config", type=Path, default=ROOT / "config.yaml", metavar="FILE")
    parser.add_argument("--generator", help="a name in models/pg_gan/, or an .npz; default: the one in config.yaml")
    parser.add_argument(
        "--oracle", type=natural, default=12, metavar="N", help="search the best latent for N photographs"
    )
    parser.add_argument(
        "--lights",
        type=natural,
        nargs="?",
        const=120,
        default=0,
        metavar="N",
        help="also answer N people of each set under seven lights (default: %(const)s)",
    )
    parser.add_argument("--quick", action="store_true", help="our own figures only: no baselines, bounds or distances")
    parser.add_argument("--seed", type=seed, default=0)
    parser.add_argument(
        "--workers", type=natural, default=min(4, os.cpu_count() or 1), metavar="N", help="processes that look"
    )
    options = parser.parse_args(words)
    if not (options.people or options.faces or options.video):
        parser.error("nothing to measure: give --people, --faces or --video")
    return options


def main(words: list[str] | None = None) -> int:
    options = arguments(words)
    try:
        return evaluate(options)
    except NarcissusError as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return error.exit_code


def evaluate(options: argparse.Namespace) -> int:
    from narcissus.lab.likeness.album import Album, read_labels
    from narcissus.sources.lockstep import every_frame

    began = time.monotonic()
    settings = load(options.config, generator=options.generator)
    albums = {}
    if options.people:
        albums["people"] = Album(options.people, by_person=True)
    if options.faces:
        albums["faces"] = Album(options.faces, by_person=False)
        if options.last:
            albums["faces"].last(options.last)
    labels = read_labels(Path(options.labels)) if options.labels else None
    for film in options.video:
        next(every_frame(Path(film)), None)  # what cannot be played is said now, and not after the photographs
    announce(albums)

    with seeing(options.workers) as see_all:
        evaluation, inverter = build(settings, see_all, options.seed)
        try:
            follow(evaluation, options, settings, inverter, albums)
            evaluation.complete = True
        except KeyboardInterrupt:
            print("\nevaluate: interrupted; keeping what is measured so far", file=sys.stderr)
        except SourceError as error:
            if not evaluation.sets:
                raise
            print(f"\nevaluate: {error}; keeping what is measured so far", file=sys.stderr)
            finish(evaluation, options, labels, began)
            return error.exit_code
        return finish(evaluation, options, labels, began)


def seeing(workers: int):
    """Finds and describes faces: here, or in as many processes as are asked for."""
    from narcissus.lab.likeness.seeing import SeeingPool, see_all

    return SeeingPool(workers) if workers > 1 else contextlib.nullcontext(see_all)


def announce(albums: dict) -> None:
    for name, album in albums.items():
        print(f"{name}: {len(album.photos)} photographs in {album.path}")
    if "people" in albums:
        count = len({photo.person for photo in albums["people"].photos})
        print(f"people: {count} persons")
        if count == len(albums["people"].photos):
            print(
                "people: one photograph per person, so nobody can be recognised again: "
                "identity_auc_other and recall stay null"
            )


def build(settings: Settings, see_all, seed: int):
    """The evaluation, and the inverter, which films need too."""
    from narcissus.features.portrait import COLUMNS
    from narcissus.inverter import Inverter
    from narcissus.lab.likeness.conditions import Reflector
    from narcissus.lab.likeness.evaluation import Evaluation
    from narcissus.lab.likeness.perception import Eye
    from narcissus.networks.attributes import Attributes
    from narcissus.networks.pggan import Generator

    generator = Generator.load(settings.generator_path)
    inverter = Inverter.open(settings.inverter_folder, generator.sha256, COLUMNS)
    attributes = Attributes.open(settings.attributes_folder)
    reflector = Reflector(inverter, generator, settings.scenes.mirror.exaggeration)
    return Evaluation(Eye(attributes, see_all), reflector, seed), inverter


def follow(evaluation, options, settings, inverter, albums: dict) -> None:
    """Every step of the evaluation, the cheap and the important first."""
    if albums:
        evaluation.prepare()
    for name, album in albums.items():
        view(evaluation, name, album, bounds=not options.quick)
        evaluation.measure(name)
        if options.lights:
            evaluation.light(name, album, options.lights)
    if options.video:
        films(evaluation, options, settings, inverter)
    if options.trained_on:
        evaluation.look_at_teachers(options.trained_on)
    else:
        evaluation.taught = shipped_census(settings.generator_path)
    if not options.quick:
        for name in albums:
            evaluation.compare(name)
        evaluation.judge_quality()
        evaluation.consult(options.oracle)


def view(evaluation, name: str, album, bounds: bool) -> None:
    """Raises SourceError where no face is found in any photograph."""
    from narcissus.lab.likeness.photo_set import PhotoSet

    photo_set = PhotoSet(album, bounds=bounds)
    evaluation.view(name, photo_set)
    if photo_set.unreadable:
        some = ", ".join(photo_set.unreadable[:3]) + (", …" if len(photo_set.unreadable) > 3 else "")
        print(f"{name}: {len(photo_set.unreadable)} photographs cannot be read and are left out: {some}")
    if not photo_set.viewers.found.any():
        del evaluation.sets[name]  # there is nothing to measure
        raise SourceError(
            f"{album.path}: no face found in any of its {len(photo_set.photos)} readable photographs; "
            "give photographs in which a face is upright, seen from the front and at least 80 pixels wide"
        )


def shipped_census(generator: Path) -> dict | None:
    """What the ledger counted in the generator's training set when that was at hand: it lies beside the weights."""
    import json

    path = generator.with_suffix(".census.json")
    return json.loads(path.read_text()) if path.is_file() else None


def films(evaluation, options, settings, inverter) -> None:
    from narcissus.app.build import Doors, Installation
    from narcissus.lab.likeness.motion_figures import measure_clips, measure_motion
    from narcissus.networks.attributes import Attributes

    doors = Doors(generator=lambda settings, coarser: evaluation.reflector.generator)
    scene = Installation(settings.model_copy(update={"source": "films"}), doors).scene
    evaluation.films = measure_motion(options.video, scene, inverter, evaluation.reflector, options.seed)
    attributes = Attributes.open(settings.attributes_folder)
    drawn = evaluation.random_faces()
    evaluation.films["clips"] = measure_clips(options.video, scene, attributes.guess, drawn)


def finish(evaluation, options, labels, began: float) -> int:
    """Write what is known. 0 where that is everything, 130 after an interruption, 73 where it cannot be."""
    import json

    from narcissus.core.files import write_whole
    from narcissus.lab.likeness.ledger_page import ledger_page
    from narcissus.lab.likeness.ledger_wall import for_the_wall
    from narcissus.lab.likeness.page import evaluation_page
    from narcissus.lab.likeness.words import lights_table, table

    evaluation.measure_what_was_left()
    evaluation.keep_ledger(labels)
    report = evaluation.report() | {"seconds": round(time.monotonic() - began, 1)}
    print(table(report))
    print(lights_table(report["lights"]))
    outline = None if evaluation.drawn is None else evaluation.drawn.outline
    files = {
        "evaluation.json": json.dumps(report, indent=1, ensure_ascii=False) + "\n",
        "index.html": evaluation_page(report, evaluation.sets, evaluation.reflector, outline),
    }
    if evaluation.ledger:
        files["ledger.html"] = ledger_page(evaluation.ledger)
        said = for_the_wall(evaluation.ledger, report["generator"]["sha256"])
        if said is not None:
            files["ledger.json"] = said.model_dump_json(indent=1) + "\n"
    try:
        for name, text in files.items():
            write_whole(options.out / name, text)
    except OSError as error:
        remedy = "name another with --out"
        print(f"evaluate: {options.out}: cannot be written ({error.strerror}); {remedy}", file=sys.stderr)
        return UNWRITABLE
    print(f"\nwritten to {options.out}: {', '.join(files)}")
    return 0 if evaluation.complete else INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
