#!/usr/bin/env python3
"""Train the guesses of age, gender presentation and expression, and write their model card.

    python scripts/train_attributes.py --data ../shared/faces --minutes 25

Ctrl-C ends the training early and keeps the best network so far.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from narcissus.core.errors import NarcissusError
from narcissus.core.files import HOME, write_whole
from narcissus.core.flags import natural, seed
from narcissus.core.processor import keep_to

NAME = "UTKFace age and gender presentation at 64 px; press-photograph expressions"


def main(arguments: list[str] | None = None) -> int:
    flags = _flags(arguments)
    keep_to(flags.threads)
    try:
        return _train(flags)
    except NarcissusError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return error.exit_code


def _flags(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=HOME.parent / "shared" / "faces", help="folder of labelled faces")
    parser.add_argument("--out", type=Path, default=HOME / "models" / "attributes")
    parser.add_argument(
        "--epochs", type=natural, default=60, help="looks at every portrait, at most (default %(default)s)"
    )
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="of training the network, at most (default %(default)s)"
    )
    parser.add_argument("--seed", type=seed, default=0)
    parser.add_argument("--threads", type=natural, default=2, help="processor cores to use (default %(default)s)")
    flags = parser.parse_args(arguments)
    if min(flags.epochs, flags.minutes, flags.threads) <= 0:
        parser.error("--epochs, --minutes and --threads want numbers above 0")
    return flags


def _train(flags: argparse.Namespace) -> int:
    from narcissus.lab.attributes import portraits, study
    from narcissus.lab.attributes.learn import Trainer

    print(f"reading {flags.data}")
    press = study.read(flags.data / "expressions.npz")
    faces = portraits.read(flags.data)
    learn, validation, held_out = portraits.split(faces, flags.seed)
    print(f"{len(learn)} portraits to learn from, {len(validation)} to choose by, {len(held_out)} held out")
    expressions, found = learn_expressions(press)
    trainer = Trainer(learn, validation, flags.seed)
    del faces, learn  # the trainer has what it needs
    started = time.monotonic()
    try:
        for epoch in trainer.learn(flags.epochs, 60 * flags.minutes, time.monotonic):
            _tell(epoch, time.monotonic() - started)
    except KeyboardInterrupt:
        if trainer.best is None:
            print("stopped before the first epoch was over: nothing is written")
            return 130
        print("stopped: the best network so far is kept")
    trained = f"`--epochs {flags.epochs} --minutes {flags.minutes:g} --seed {flags.seed}`"
    finish(flags.out, trainer.best, trainer.diary, expressions, found, (validation, held_out, press), trained)
    return 0


def learn_expressions(press):
    """The study of the press photographs, and the arrays of an ExpressionReader that has learned from all of them."""
    from narcissus.features.spatial import MEAN_SHAPE, normalise
    from narcissus.lab.attributes import study

    print(f"expressions of {len(press.label)} faces")
    shapes = normalise(press.landmarks).reshape(-1, 136)
    found = study.investigate(shapes, press, shortlist)
    first, second = shortlist(shapes, study.targets(press.label), found.count)
    weights, bias = study.fit(shapes[:, first] - shapes[:, second], press.label, press.person)
    for count, (accuracy, balanced) in found.curve.items():
        print(f"  {count:3} displacements: accuracy {accuracy:.3f}, balanced {balanced:.3f}")
    arrays = {"mean_shape": MEAN_SHAPE, "first": first, "second": second, "weights": weights, "bias": bias}
    short = {"i": "int16", "f": "float32"}  # by kind of number
    return {name: array.astype(short[array.dtype.kind]) for name, array in arrays.items()}, found


def shortlist(shapes, targets, count: int):
    """The `count` displacements that say most about the targets, as coordinates (first, second), best first."""
    from narcissus.features.greedy import forward
    from narcissus.features.spatial import DISPLACEMENTS

    centred = shapes.astype("float64") - shapes.mean(axis=0)
    order, _ = forward(centred.T @ centred, centred.T @ targets, DISPLACEMENTS, count, ridge=1e-3)
    chosen = DISPLACEMENTS.take(order)
    return chosen.first, chosen.second


def finish(out: Path, network, diary, expressions, found, data, trained: str) -> None:
    """Calibrate on the validation portraits, measure on those held out, write the model, its sidecar and its card."""
    import numpy as np

    from narcissus.lab.attributes import card, figures
    from narcissus.networks.attributes import Attributes, store

    validation, held_out, press = data
    parts = {
        "network": {path: array.astype(np.float16) for path, array in network.items()},
        "expression": expressions,
        "calibration": {"spread": np.float32(1.0)},
    }
    rows = Attributes.of(parts).guess_many(validation.images, validation.landmarks)
    parts["calibration"]["spread"] = np.float32(figures.within(rows[:, 0] - validation.age, rows[:, 1]))

    attributes = Attributes.of(parts)
    rows = attributes.guess_many(held_out.images, held_out.landmarks)
    accuracies = figures.of_expressions(press, found.probabilities)
    divisions = figures.by_division(held_out, rows)
    best = min(diary, key=lambda epoch: epoch.score)
    findings = card.Findings(
        divisions=divisions,
        augmented=figures.when_augmented(held_out, attributes),
        ages=(held_out.age, rows[:, 0], rows[:, 1]),
        genders=figures.confusion((held_out.female > 0.5).astype(int), (rows[:, 2] > 0.5).astype(int), 2),
        expressions=figures.confusion(press.label, found.probabilities.argmax(axis=1), 4),
        accuracies=accuracies,
        study=found,
        diary=diary,
        weights=sum(array.size for array in network.values()),
        faces=len(press.label),
        trained=f"{trained}; {len(diary)} epochs, the one that ships is number {best.number}.",
    )
    expressed = zip(("expression accuracy", "expression balanced accuracy"), accuracies, strict=True)
    store.save(
        out,
        parts,
        name=NAME,
        licence=card.LICENCE,
        command="python scripts/train_attributes.py " + trained.strip("`"),
        figures={name: figure.table() for name, figure in (*divisions["all"].items(), *expressed)},
    )
    for name, content in card.write(findings).items():
        write_whole(out / name, content)
    age, gender = divisions["all"]["age error"], divisions["all"]["gender right"]
    print(f"held out: age error {age.value:.2f} years, gender label met {gender.value:.1%}")
    print(f"held out: expression accuracy {accuracies[0].value:.3f}, balanced {accuracies[1].value:.3f}")
    print(f"written: {out}")


def _tell(epoch, elapsed: float) -> None:
    left = elapsed * (1 - epoch.share) / max(epoch.share, 1e-9)
    print(
        f"epoch {epoch.number:3}  loss {epoch.loss:.3f}  age error {epoch.age_error:.2f} years  "
        f"gender right {1 - epoch.gender_error:.1%}  about {left / 60:.0f} min left",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
