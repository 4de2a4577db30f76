"""Drawn faces, seen by the live perception, teach the inverter which latent looks like which numbers."""

from pathlib import Path

from narcissus.training.fit import fit_inverter
from narcissus.training.pairs import draw_pairs


def train(generator, out: Path, count: int, seed: int, features: int, workers: int, attributes: Path | None) -> None:
    pairs = draw_pairs(generator, count, seed, out / "pairs", workers, attributes)
    inverter = fit_inverter(pairs, generator, limit=features, seed=seed)
    inverter.save(out, {"pairs": len(pairs.rows), "drawn": pairs.drawn, "seed": seed})
