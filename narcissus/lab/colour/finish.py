"""The end of a training, or of what there was of it: temperature chosen; model, card and report written."""

import argparse
from pathlib import Path

import numpy as np

from narcissus.core.files import write_whole
from narcissus.lab import licences
from narcissus.lab.colour import card, heldout, report
from narcissus.lab.colour.learn import Trainer
from narcissus.lab.colour.lessons import Lessons
from narcissus.lab.colour.measures import colourfulness
from narcissus.networks.colour.colourist import TEMPERATURES, Colourist
from narcissus.networks.colour.slices import SLICES
from narcissus.networks.colour.store import Model, save
from narcissus.networks.learned import weights_of

AS_COLOURFUL = 0.92  # times as colourful as the true pictures: the default temperature makes them so
CHOSEN_ON = 64  # validation pictures
TRIED = (0.1, 0.2, 0.35, 0.5, 0.7, 1.0)  # temperatures
LICENCE = "research and non-commercial use only, as the UTKFace data set and the photographs' owners ask"


def finish(trainer: Trainer, lessons: Lessons, options: argparse.Namespace) -> None:
    """Write options.out/<name>.npz with its sidecar, card and picture, and options.work/report.html."""
    weights = {name: array.astype(np.float16) for name, array in weights_of(trainer.average).items()}
    centres = lessons.centres
    tried = tuned(Colourist.of(weights, centres, 1.0), _chosen_on(lessons))
    colourist = Colourist.of(weights, centres, chosen(tried))
    facts = {
        "slices": [name for name in SLICES if name in lessons.pile.slices],
        "pictures": {name: len(rows) for name, rows in lessons.pile.slices.items()},
        "limits": {name: list(ends) for name, ends in lessons.limits.items()},
        "steps": trainer.step,
    }
    origin = {
        "command": f"scripts/train_colour.py --steps {trainer.steps} --polish {trainer.polish} --seed {trainer.seed}",
        "data": _data(options),
    }
    path = options.out / f"{options.name}.npz"
    learned_from, licence = (card.PICTURES_OF_ONES_OWN, licences.OWN) if options.own else (card.THE_PILE, LICENCE)
    save(path, Model(weights, centres, colourist.temperature, facts), licence, origin)
    print(f"written: {path} ({path.stat().st_size / 1e6:.1f} MB), temperature {colourist.temperature:.2f}", flush=True)
    count = sum(array.size for array in weights.values())
    said = card.text(options.name, trainer, facts, tried, colourist.temperature, count, learned_from, licence)
    write_whole(options.out / (f"{options.name}.md" if options.own else "README.md"), said)
    write_whole(options.out / f"{options.name}.jpg", card.picture(colourist))
    if options.faces or options.photographs:
        write_whole(options.work / "report.html", report.page(_shown(options), colourist, trainer.diary))
        print(f"written: {options.work / 'report.html'}", flush=True)


def tuned(colourist: Colourist, shown: heldout.HeldOut) -> dict[float, float]:
    """How colourful, as a share of the truth, pictures become at each temperature tried."""
    true = colourfulness(shown.pictures).mean()
    views = {t: heldout.coloured(shown, colourist, "all", t) for t in TRIED}
    return {t: float(colourfulness(seen).mean() / true) for t, seen in views.items()}


def chosen(tried: dict[float, float]) -> float:
    """The temperature at which pictures are AS_COLOURFUL as the truth, between those tried."""
    temperatures = np.array(sorted(tried))
    strengths = np.array([tried[t] for t in temperatures])
    falling = np.minimum.accumulate(strengths)  # vivid when cold, dull when warm
    found = float(np.interp(-AS_COLOURFUL, -falling, temperatures))
    return round(float(np.clip(found, *TEMPERATURES)), 3)


def _chosen_on(lessons: Lessons) -> heldout.HeldOut:
    """Portraits where there are any: they are what is mostly coloured."""
    if lessons.colour_portraits:
        faces = lessons.colour_portraits.faces[:CHOSEN_ON]
        return heldout.HeldOut(list(faces.images), list(faces.landmarks), lessons.colour_portraits[:CHOSEN_ON])
    pictures = lessons.validation.pictures[:CHOSEN_ON]
    return heldout.HeldOut(pictures, [None] * len(pictures), None)


def _shown(options: argparse.Namespace) -> list[heldout.HeldOut]:
    shown = [heldout.people(options.faces, report.PORTRAITS)] if options.faces else []
    photographs = heldout.world(options.photographs or [])
    return [*shown, photographs] if len(photographs) else shown


def _data(options: argparse.Namespace) -> str:
    return ", ".join(Path(place).name for place in [options.faces, *(options.photographs or [])] if place)
