"""Evaluation of an inverter on held-out drawn faces, beside baselines that know less.

These are quick figures for the one who trains; likeness to real people is what scripts/evaluate.py measures.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from narcissus.features.portrait import COLUMNS, GROUPS
from narcissus.features.spatial import FORMS, forms
from narcissus.lab.training.pairs import Pairs, read

PART = 25  # pictures that one process reads at a time
YAW, AGE, FEMALE = (COLUMNS.index(name) for name in ("yaw", "age", "female"))
CHEEKS = [COLUMNS.index("cheek left, L"), COLUMNS.index("cheek right, L")]
ECHOES = ("landmark skill", "yaw r", "mouth r", "skin r", "skin slope", "age r", "gender agreement")
MOUTH = FORMS.index("mouth inside aspect")


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """Draws answers and reads them with the live perception."""

    generator: object
    attributes: Path | None
    workers: int

    def look(self, latents: np.ndarray) -> np.ndarray:
        """Rows float32 (n, P) of the faces that latents (n, L) draw; NaN where no face is found."""
        parts = np.array_split(latents, -(-len(latents) // PART))
        tasks = (delayed(read)(list(self.generator.render(part)), self.attributes) for part in parts)
        return np.concatenate(list(Parallel(self.workers, return_as="generator")(tasks)))

    def read(self, portraits) -> np.ndarray:
        """Rows float32 (n, P) of photographs (`gap.Portraits`); NaN where no face is found."""
        tasks = (delayed(read)(part, self.attributes) for part in portraits.parts(PART))
        return np.concatenate(list(Parallel(self.workers, return_as="generator", pre_dispatch="n_jobs + 1")(tasks)))

    def answers(self, inverter, learned: Pairs, held: Pairs, seed: int) -> dict[str, Callable[[], np.ndarray]]:
        """The ways to answer the held-out faces, each a function that gives latents (n, L)."""
        rows, size = held.rows, inverter.latent_size
        rng = np.random.default_rng([seed, 3])
        random = rng.standard_normal((len(rows), size), np.float32)
        mirrored = inverter.answer
        nothing = np.zeros((len(rows), inverter.explain(rows[:1])[0].shape[1]), np.float32)
        return {
            "the mirror": lambda: mirrored(rows),
            "shuffled features": lambda: mirrored(np.roll(rows, 1, axis=0)),
            "random latents": lambda: random,
            "the mean face": lambda: inverter.compose(nothing, inverter.fill(rows)),
            "nearest neighbour": lambda: learned.latents[nearest(inverter.imputer, learned.rows, rows)],
            "plain ridge on displacements": lambda: plain_ridge(learned, rows),
        }

    def judge(self, latents: np.ndarray, held: Pairs) -> tuple[dict[str, float], np.ndarray]:
        """The figures, and the reflections' rows that they were made of."""
        rows = self.look(latents)
        return echo(held.rows, rows) | {"apart": apart(latents)}, rows


def landmark_errors(viewers: np.ndarray, reflections: np.ndarray) -> np.ndarray:
    """Mean distance (n,) of the landmarks of paired rows (n, P), in distances between the eyes; NaN: no face."""
    shapes, answered = (rows[:, GROUPS["shape"]].reshape(-1, 68, 2) for rows in (viewers, reflections))
    return np.linalg.norm(shapes - answered, axis=-1).mean(axis=-1)


def echo(viewers: np.ndarray, reflections: np.ndarray) -> dict[str, float]:
    """How much of the viewers' rows (n, P) comes back in their reflections' rows; NaN where nothing can be said."""
    found = ~np.isnan(reflections[:, 0])
    if not found.any():
        return {"face rate": 0.0} | dict.fromkeys(ECHOES, float("nan"))
    seen, back = viewers[found], reflections[found]
    shapes, answered = (rows[:, GROUPS["shape"]].reshape(-1, 68, 2) for rows in (seen, back))
    error = landmark_errors(seen, back).mean()
    strange = np.mean([landmark_errors(np.roll(seen, step, axis=0), back).mean() for step in (1, 2, 3, 5, 8)])
    skin, skin_back = (rows[:, CHEEKS].mean(axis=1) for rows in (seen, back))
    values = (
        float(1 - error / strange),
        correlation(seen[:, YAW], back[:, YAW]),
        correlation(forms(shapes)[:, MOUTH], forms(answered)[:, MOUTH]),
        correlation(skin, skin_back),
        slope(skin, skin_back),
        correlation(seen[:, AGE], back[:, AGE]),
        agreement(seen[:, FEMALE], back[:, FEMALE]),
    )
    return {"face rate": float(found.mean())} | dict(zip(ECHOES, values, strict=True))


def correlation(x: np.ndarray, y: np.ndarray) -> float:
    known = np.isfinite(x) & np.isfinite(y)
    if known.sum() < 3 or min(x[known].std(), y[known].std()) < 1e-6:
        return float("nan")
    return float(np.corrcoef(x[known], y[known])[0, 1])


def slope(x: np.ndarray, y: np.ndarray) -> float:
    known = np.isfinite(x) & np.isfinite(y)
    return float(np.polyfit(x[known], y[known], 1)[0]) if known.sum() > 2 and x[known].std() > 1e-6 else float("nan")


def agreement(x: np.ndarray, y: np.ndarray) -> float:
    known = np.isfinite(x) & np.isfinite(y)
    return float(((x[known] > 0.5) == (y[known] > 0.5)).mean()) if known.any() else float("nan")


def apart(latents: np.ndarray) -> float:
    """Mean angle between the latents of different faces, degrees."""
    directions = latents / np.linalg.norm(latents, axis=1, keepdims=True)
    cosines = (directions @ directions.T)[np.triu_indices(len(latents), 1)]
    return float(np.degrees(np.arccos(np.clip(cosines, -1, 1))).mean())


def nearest(imputer, known: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """For each of rows (m, P) the index of the known row (n, P) nearest to it, every number in units of its spread."""
    scale = StandardScaler().fit(imputer.impute(known))
    pool, asked = scale.transform(imputer.impute(known)), scale.transform(imputer.impute(rows))
    return np.argmin(np.square(pool).sum(1)[None] - 2 * asked @ pool.T, axis=1)


def plain_ridge(learned: Pairs, rows: np.ndarray) -> np.ndarray:
    """Ridge on the 4,556 displacements, stretched to the sphere: what one would try first. Latents (n, L)."""
    # Each axis's displacements D have DᵀD = 68·I − 11ᵀ, and centred shapes do not feel the 11ᵀ: a penalty of 100 on
    # displacements is one of 100/68 on coordinates.
    shape = GROUPS["shape"]
    model = Ridge(100 / 68).fit(learned.rows[:, shape], learned.latents)
    raw = model.predict(rows[:, shape])
    return (raw * np.sqrt(raw.shape[1]) / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)
