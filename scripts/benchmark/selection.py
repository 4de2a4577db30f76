"""Section "selection": exact forward selection by the Gram recursion, beside fitting every candidate anew."""

import time
from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
from threadpoolctl import threadpool_limits

from benchmark.rows import Options, Row
from narcissus.features.greedy import Candidates, forward
from narcissus.features.spatial import DISPLACEMENTS

PEOPLE, OUTPUTS, CHOSEN = 20_000, 512, 64  # the large problem: as many pairs as are drawn, an official latent
QUICK_OUTPUTS = 128  # the latent of the generator that ships
FEW, FEW_POINTS, FEW_OUTPUTS, FEW_CHOSEN = 300, 12, 8, 5  # the small one: 132 candidates


def rows(options: Options) -> Iterator[Row]:
    small, candidates = problem(FEW, FEW_POINTS, FEW_OUTPUTS), displacements(FEW_POINTS)
    answers = {}
    for name, way in {"ours": ours, "brute force": brute_force, "scikit-learn": scikit_learn}.items():
        answers[name], seconds = timed(lambda way=way: way(*small, candidates, FEW_CHOSEN))
        same = "the same features" if set(answers[name]) == set(answers["ours"]) else "other features"
        about = f"{len(candidates)} candidates, {FEW} × {FEW_OUTPUTS}, {FEW_CHOSEN} chosen: {same}"
        yield Row("selection", f"small, {name}", {"seconds": seconds}, about)
    outputs = QUICK_OUTPUTS if options.quick else OUTPUTS
    large = problem(PEOPLE, 68, outputs)
    chosen, seconds = timed(lambda: ours(*large, DISPLACEMENTS, CHOSEN))
    about = f"{len(DISPLACEMENTS)} candidates, {PEOPLE} × {outputs}, {len(chosen)} chosen"
    yield Row("selection", "large, ours", {"seconds": seconds}, about)
    fit = least_squares(large, chosen)
    fits = len(DISPLACEMENTS) * CHOSEN
    yield Row(
        "selection", "large, brute force", {"seconds": fit * fits}, f"extrapolated: {fits} fits of {fit * 1000:.0f} ms"
    )
    folds = 5  # what SequentialFeatureSelector does unless told otherwise, each on four fifths of the rows
    about = f"extrapolated: {folds * fits} fits of four fifths as many rows"
    yield Row("selection", "large, scikit-learn", {"seconds": 0.8 * fit * fits * folds}, about)


def problem(people: int, points: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    """Centred coordinates (n, 2·points) and centred targets (n, outputs) that partly depend on them."""
    rng = np.random.default_rng(0)
    shapes = rng.standard_normal((people, 2 * points)) @ rng.standard_normal((2 * points, 2 * points))
    targets = shapes @ rng.standard_normal((2 * points, outputs)) + 20 * rng.standard_normal((people, outputs))
    return shapes - shapes.mean(axis=0), targets - targets.mean(axis=0)


def displacements(points: int) -> Candidates:
    """All signed x and y displacements between that many landmarks."""
    one, two = np.array(list(combinations(range(points), 2))).T
    return Candidates(np.concatenate([2 * one, 2 * one + 1]), np.concatenate([2 * two, 2 * two + 1]))


def ours(shapes, targets, candidates: Candidates, count: int) -> list[int]:
    order, _ = forward(shapes.T @ shapes, shapes.T @ targets, candidates, count)
    return order.tolist()


def brute_force(shapes, targets, candidates: Candidates, count: int) -> list[int]:
    """A least-squares fit for every candidate at every step."""
    features, chosen = candidates.of(shapes), []
    for _ in range(count):
        errors = np.full(len(candidates), np.inf)
        for one in set(range(len(candidates))) - set(chosen):
            design = features[:, [*chosen, one]]
            weights = np.linalg.lstsq(design, targets, rcond=None)[0]
            errors[one] = np.square(targets - design @ weights).sum()
        chosen.append(int(np.argmin(errors)))
    return chosen


def scikit_learn(shapes, targets, candidates: Candidates, count: int) -> list[int]:
    """`SequentialFeatureSelector` as it comes; scored on the rows it was fitted on, so that it must choose the same."""
    from sklearn.feature_selection import SequentialFeatureSelector
    from sklearn.linear_model import LinearRegression

    everything = np.arange(len(shapes))
    chooser = SequentialFeatureSelector(
        LinearRegression(fit_intercept=False),
        n_features_to_select=count,
        scoring=lambda model, X, y: -np.square(y - model.predict(X)).sum(),
        cv=[(everything, everything)],
    )
    chooser.fit(candidates.of(shapes), targets)
    return np.flatnonzero(chooser.get_support()).tolist()


def least_squares(large: tuple[np.ndarray, np.ndarray], chosen: list[int]) -> float:
    """Seconds of one fit with half of the chosen features, which is how many there are on average."""
    shapes, targets = large
    design = DISPLACEMENTS.of(shapes)[:, chosen[: len(chosen) // 2]]
    return timed(lambda: np.linalg.lstsq(design, targets, rcond=None))[1]


def timed(function: Callable) -> tuple[object, float]:
    """What it returns and the seconds of one core it took: everything here is given one thread."""
    with threadpool_limits(1):
        start = time.process_time()
        result = function()
        return result, time.process_time() - start
