"""The data of a training: the pile, its bins, and pictures held out for validation."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from narcissus.lab.attributes import portraits
from narcissus.lab.colour import piles
from narcissus.lab.colour.batches import Batch, batch
from narcissus.networks.colour import bins

SAMPLED = 3000  # pictures that the bins are counted on
CHOSEN_BY = 240  # pictures that each line of the diary is measured on
SIDE = 96  # pixels they are shown at


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    pile: piles.Pile
    validation: piles.Pile
    colour_portraits: piles.ColourPortraits | None  # of the validation's portraits
    centres: np.ndarray  # float32 (Q, 2)
    shares: np.ndarray  # float32 (Q,)
    limits: dict[str, tuple[float, float]]  # "ita" in degrees, "age" in years: where the thirds part

    def examples(self) -> Batch:
        """The same pictures each time."""
        return batch(self.validation, 0, 0, SIDE, CHOSEN_BY)


def gather(faces: Path | None, places: list[Path], seed: int) -> Lessons:
    """Read portraits (None: there are none) and photographs. Raises SourceMissing, SourceError."""
    people, chosen_by = _people(faces, seed) if faces else (None, None)
    worlds = [piles.split(piles.photographs(place)) for place in places]
    learn, choose = ([picture for world in worlds for picture in world[part]] for part in (0, 1))
    pile = piles.pile(people, learn)
    limits = {"ita": piles.thirds(people.ita), "age": piles.thirds(people.faces.age)} if people else {}
    validation = piles.pile(chosen_by, choose) if chosen_by or choose else pile
    return Lessons(pile, validation, chosen_by, *bins.chosen(_colours(pile, seed)), limits)


def _people(faces: Path, seed: int) -> tuple[piles.ColourPortraits, piles.ColourPortraits]:
    learn, validation, _ = portraits.split(portraits.read(faces), seed)
    return piles.in_colour(learn), piles.in_colour(validation)


def _colours(pile: piles.Pile, seed: int) -> np.ndarray:
    """float32 (n, 2): the colours of a sample, portraits and photographs as often as the training shows them."""
    seen = batch(pile, seed, 2**31, 64, SAMPLED)
    return seen.ab.reshape(-1, 2)
