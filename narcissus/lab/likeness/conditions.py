"""The inverter that ships and its baselines: each gives every viewer a face."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from narcissus.features.spatial import DISPLACEMENTS
from narcissus.lab.likeness.perception import Eye, Looks

BATCH = 32  # pictures drawn at once
DRAWN = 1500  # random faces: the pool of the baselines, and the ledger's third column
PENALTIES = 10.0 ** np.arange(-2, 5)  # of the plain ridge, chosen on every fifth drawn face


class Reflector:
    """Rows -> latents -> pictures, as the mirror does it for a viewer who has just come."""

    def __init__(self, inverter, generator, exaggeration: float = 1.0) -> None:
        self._inverter, self.generator, self.exaggeration = inverter, generator, exaggeration

    def latents(self, rows: np.ndarray, exaggeration: float | None = None) -> np.ndarray:
        """Rows (n, P) -> float32 (n, L) of length √L; every row is its own visitor, with a fill of its own."""
        return self._inverter.answer(rows, self.exaggeration if exaggeration is None else exaggeration)

    def pictures(self, latents: np.ndarray) -> np.ndarray:
        """As the wall shows them: uint8 (n, R, R, 3)."""
        starts = range(0, len(latents), BATCH)
        parts = [self._inverter.drawn(self.generator, latents[start : start + BATCH]) for start in starts]
        side = self.generator.resolution
        return np.concatenate(parts) if parts else np.zeros((0, side, side, 3), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Random faces of the generator and what is seen in them: the pool of the baselines."""

    latents: np.ndarray  # float32 (m, L)
    pictures: np.ndarray  # uint8 (m, R, R, 3)
    looks: Looks

    @property
    def outline(self) -> np.ndarray:
        """Where the generator puts a face: the median landmarks float32 (68, 2), pixels of its pictures."""
        return np.nanmedian(self.looks.landmarks, axis=0)


def draw(count: int, reflector: Reflector, eye: Eye, seed: int, progress: Callable) -> Drawn:
    """`count` random faces, seen without any noise; `progress` wraps the batches."""
    size = reflector.generator.latent_size
    latents = np.random.default_rng(seed).standard_normal((count, size), np.float32)
    latents *= np.sqrt(size) / np.linalg.norm(latents, axis=1, keepdims=True)
    pictures, looks = [], []
    for start in progress(range(0, count, BATCH)):
        pictures.append(reflector.generator.render(latents[start : start + BATCH]))
        looks.append(eye.look(list(pictures[-1])))
    return Drawn(latents, np.concatenate(pictures), Looks.joined(looks))


def strangers(people: np.ndarray, seed: int) -> np.ndarray:
    """A random permutation (n,) that gives every photograph one of somebody else, as far as that is possible."""
    rng = np.random.default_rng(seed)
    given = rng.permutation(len(people))
    for here in np.flatnonzero(people[given] == people):
        fits = (people[given] != people[here]) & (people[given[here]] != people)  # either is then a stranger's
        if fits.any():
            there = rng.choice(np.flatnonzero(fits))
            given[here], given[there] = given[there], given[here]
    return given


def nearest(rows: np.ndarray, drawn: Drawn) -> np.ndarray:
    """For each row (n, P) the index of the drawn face whose numbers are nearest, each number in units of its spread.

    Numbers that a viewer's row does not know (the colours of a grey photograph) do not count.
    """
    known = drawn.looks.found
    pool, index = drawn.looks.rows[known], np.flatnonzero(known)
    mean, spread = np.nanmean(pool, axis=0), np.nanstd(pool, axis=0)
    usable = np.isfinite(spread) & (spread > 1e-6)
    standard = lambda values: (values[:, usable] - mean[usable]) / spread[usable]
    pool = np.nan_to_num(standard(pool))
    best = [index[np.nansum(np.square(pool - row), axis=1).argmin()] for row in standard(rows)]
    return np.array(best, int)


def plain_ridge(drawn: Drawn) -> Callable[[np.ndarray], np.ndarray]:
    """Ridge regression from the 4,556 displacements alone, its predictions merely rescaled: rows (n, P) -> latents
    (n, L).

    Solved in the space of samples; the penalty is the one with the least squared error on every fifth drawn face.
    """
    known = drawn.looks.found
    features, targets = _displacements(drawn.looks.rows[known]), drawn.latents[known].astype(np.float64)
    centre, mean = features.mean(axis=0), targets.mean(axis=0)
    spread = np.maximum(features.std(axis=0), 1e-6)
    features = (features - centre) / spread
    held = np.arange(len(features)) % 5 == 0
    error = lambda p: np.square(
        features[held] @ _solved(features[~held], targets[~held] - mean, p) + mean - targets[held]
    )
    weights = _solved(features, targets - mean, min(PENALTIES, key=lambda penalty: error(penalty).mean()))

    def predict(rows: np.ndarray) -> np.ndarray:
        raw = (_displacements(rows) - centre) / spread @ weights + mean
        length = np.sqrt(raw.shape[1]) / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-9)
        return (raw * length).astype(np.float32)

    return predict


def _displacements(rows: np.ndarray) -> np.ndarray:
    """float64 (n, 4556) of the rows' normalised shapes."""
    return (rows[:, DISPLACEMENTS.first] - rows[:, DISPLACEMENTS.second]).astype(np.float64)


def _solved(features: np.ndarray, targets: np.ndarray, penalty: float) -> np.ndarray:
    """Ridge weights (p, L); the penalty is per sample and per feature."""
    gram = features @ features.T
    gram[np.diag_indices_from(gram)] += penalty * len(features)
    return features.T @ np.linalg.solve(gram, targets)
