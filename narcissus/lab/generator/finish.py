"""The end of a training, or of what there was of it: weights with their sidecar, samples, census, card, figures."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from narcissus.core.errors import ConfigError
from narcissus.core.files import sha256_of, write_whole
from narcissus.lab.generator import card, samples
from narcissus.lab.generator.training import Training
from narcissus.lab.likeness.pictures import png
from narcissus.networks.pggan import weights
from narcissus.networks.pggan.weights import Weights

OWN = "written.sha256"  # in the work folder: of the weights that this training has written, or was about to


@dataclass(frozen=True, slots=True)
class Place:
    """Where the generator goes, and what is known of the pile."""

    path: Path  # of the .npz
    work: Path
    told: str  # what became of the photographs
    source: str  # the pile's folder
    licence: str
    census: dict | None


def claim(path: Path, work: Path) -> None:
    """Raises ConfigError where another generator has this name."""
    if path.exists() and sha256_of(path) not in _own(work):
        raise ConfigError(f"{path}: there is a generator of this name already; choose another --name")


def write(training: Training, place: Place) -> Weights:
    """All but the figures; what was written before by the same training is replaced."""
    made = at_rest(training, place)
    coming = weights.sha256(made)
    write_whole(place.work / OWN, "\n".join([*_own(place.work), coming, ""]))  # stopped at any moment, it is known
    weights.write(place.path, made)
    write_whole(place.work / OWN, coming + "\n")
    write_whole(beside(place.path, "-samples.png"), png(samples.sheet(training)))
    if place.census is not None:
        write_whole(beside(place.path, ".census.json"), json.dumps(place.census, indent=1) + "\n")
    describe(training, place, None)
    return made


def describe(training: Training, place: Place, figures: dict | None) -> None:
    """Write the card."""
    text = card.text(place.path.stem, training, place.told, place.source, place.licence, figures)
    write_whole(beside(place.path, ".md"), text)


def beside(path: Path, ending: str) -> Path:
    return path.with_name(path.stem + ending)


def at_rest(training: Training, place: Place) -> Weights:
    """The moving average as it is stored: float16 under the reference's names, and how far it has grown."""
    arguments = training.adversaries.arguments
    variables = {name: np.array(value, np.float16) for name, value in training.adversaries.average.items()}
    last, fade = training.growth
    variables["lod"] = np.array(arguments.log2 - last + (fade or 0.0), np.float32)
    origin = (
        f"Trained by scripts/train_generator.py on {len(training.pictures)} pictures of {place.source}: "
        f"{training.seen} seen in {training.seconds / 60:.0f} minutes, seed {training.adversaries.seed}."
    )
    return Weights(arguments, variables, place.path.stem, origin, place.licence)


def _own(work: Path) -> list[str]:
    own = work / OWN
    return own.read_text().split() if own.exists() else []
