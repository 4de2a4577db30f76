"""Pairs -> an inverter: selection, regression, the directions in which features speak, and the limits of confidence."""

import numpy as np
from sklearn.base import clone
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from narcissus.inverter import Fit, Gaps, Inverter
from narcissus.portrait import COLUMNS, GROUPS
from narcissus.spatial import GreedyFeatures
from narcissus.training.pairs import Pairs

ANCHORS = 2000


def fit_inverter(pairs: Pairs, generator, limit: int = 200, seed: int = 0) -> Inverter:
    targets = pairs.latents * (np.sqrt(pairs.latents.shape[1]) / np.linalg.norm(pairs.latents, axis=1, keepdims=True))
    gaps = Gaps.learned(pairs.rows)
    rows = gaps.fill(pairs.rows)
    known = ~np.isnan(pairs.rows).all(axis=0)
    fits = []
    for groups in (("pose", "colour", "guesses"), ("pose", "guesses")):
        columns = [i for group in groups for i in range(GROUPS[group].start, GROUPS[group].stop) if known[i]]
        fits.append(learn(regression(columns, limit, seed), rows, targets))
    inverter = Inverter(*fits, gaps, GROUPS["colour"], (0.0, 1.0), (generator.name, generator.sha256), COLUMNS)
    distances = inverter.measure(rows[:, GROUPS["shape"]])
    within = float(np.quantile(distances, 0.99))
    inverter.limits = (2 * within, 6 * within)
    return inverter


def regression(columns: list[int], limit: int, seed: int) -> Pipeline:
    features = GreedyFeatures(tuple(columns), tuple(COLUMNS[i] for i in columns), limit=limit)
    both = FeatureUnion(
        [("as they are", FunctionTransformer()), ("near", Nystroem(gamma=2e-3, n_components=500, random_state=seed))]
    )
    return Pipeline([("features", features), ("scale", StandardScaler()), ("both", both), ("ridge", Ridge(300.0))])


def learn(model: Pipeline, rows: np.ndarray, targets: np.ndarray) -> Fit:
    """Fit the model and find the directions along which it predicts faces it has not seen (at most a third of all)."""
    model.fit(rows, targets)
    after = Pipeline(model.steps[1:])
    predicted = cross_val_predict(clone(after), model[0].transform(rows), targets, cv=4)
    _, _, directions = np.linalg.svd(predicted - predicted.mean(axis=0), full_matrices=False)
    axes = directions[: targets.shape[1] // 3].astype(np.float32)  # (k, L)
    said = predicted @ axes.T
    residuals = targets - targets @ axes.T @ axes
    spread = said.std(axis=0)
    return Fit(
        model, axes, (said / spread)[:ANCHORS].astype(np.float32), residuals[:ANCHORS].astype(np.float32), spread
    )
