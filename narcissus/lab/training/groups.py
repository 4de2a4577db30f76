"""Ablation of the candidate features: the same selection, given one kind more each time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from narcissus.features.portrait import COLUMNS, GROUPS
from narcissus.features.spatial import GreedyFeatures

STEPS = (
    ("displacements", ("displacements",), ()),
    ("+ distances", ("displacements", "distances"), ()),
    ("+ ratios, angles", ("displacements", "distances", "forms"), ()),
    ("+ pose", ("displacements", "distances", "forms", "columns"), ("pose",)),
    ("+ colours", ("displacements", "distances", "forms", "columns"), ("pose", "colour")),
)
EVERYTHING = "+ guesses"


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Cross-validated error against the number of features, when only some kinds may be chosen."""

    name: str
    counts: np.ndarray  # int (m,)
    errors: np.ndarray  # float (m,), a share of the latents' variance
    kept: int

    @property
    def error(self) -> float:
        """At the number that is kept."""
        return float(self.errors[np.searchsorted(self.counts, self.kept).clip(0, len(self.errors) - 1)])


def curve_of(name: str, features: GreedyFeatures) -> Curve:
    return Curve(name, *features.curve_, features.count_)


def curves(rows: np.ndarray, latents: np.ndarray, whole: GreedyFeatures) -> Iterator[Curve]:
    """One curve for each of STEPS, and the one of the features that are used. Rows (n, P) without gaps, (n, L)."""
    for name, pools, groups in STEPS:
        columns = [i for i in whole.columns if any(_in(i, group) for group in groups)]
        if groups and not any(_in(i, groups[-1]) for i in columns):
            continue  # a generator without colours has none to add
        chosen = GreedyFeatures(tuple(columns), tuple(COLUMNS[i] for i in columns), pools=pools, limit=whole.limit)
        yield curve_of(name, chosen.fit(rows, latents))
    yield curve_of(EVERYTHING if any(_in(i, "guesses") for i in whole.columns) else "all", whole)


def kind_of(name: str, pool: str) -> str:
    """What a selected feature is, for people."""
    if pool != "columns":
        return {"displacements": "displacements", "distances": "distances", "forms": "ratios, angles"}[pool]
    index = COLUMNS.index(name)
    return next(
        said for group, said in (("pose", "pose"), ("colour", "colours"), ("guesses", "guesses")) if _in(index, group)
    )


def _in(column: int, group: str) -> bool:
    return GROUPS[group].start <= column < GROUPS[group].stop
