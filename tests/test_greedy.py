"""The recursion that selects features is exact: brute force and plain refits are its witnesses."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from narcissus.features.greedy import Candidates, forward, nested_weights


@pytest.fixture
def problem():
    rng = np.random.default_rng(3)
    columns = rng.standard_normal((200, 7)) @ rng.standard_normal((7, 7))
    targets = columns @ rng.standard_normal((7, 4)) + rng.standard_normal((200, 4))
    pairs = [(i, j) for i in range(7) for j in range(i)] + [(i, -1) for i in range(7)]
    first, second = np.array(pairs).T
    return columns - columns.mean(axis=0), targets - targets.mean(axis=0), Candidates(first, second)


def ridge_objective(features, targets, ridge):
    """‖Y − Xw‖² + λ Σ sⱼ‖wⱼ‖² at its least, by augmenting the data: no Gram matrix is formed."""
    penalty = np.diag(np.sqrt(ridge * np.square(features).sum(axis=0)))
    rows = np.vstack([features, penalty])
    aim = np.vstack([targets, np.zeros((features.shape[1], targets.shape[1]))])
    weights, *_ = np.linalg.lstsq(rows, aim, rcond=None)
    return np.square(rows @ weights - aim).sum()


@pytest.mark.parametrize("ridge", [0.0, 0.05, 1.0])
def test_every_step_is_the_one_that_brute_force_takes(problem, ridge):
    columns, targets, candidates = problem
    features = candidates.of(columns)
    order, gains = forward(columns.T @ columns, columns.T @ targets, candidates, 5, ridge)

    chosen, error = [], np.square(targets).sum()
    for step, gain in zip(order, gains, strict=True):
        left = {
            j: ridge_objective(features[:, [*chosen, j]], targets, ridge)
            for j in range(len(candidates))
            if j not in chosen
        }
        assert left[step] == pytest.approx(min(left.values()))
        assert gain == pytest.approx(error - left[step])
        chosen, error = [*chosen, step], left[step]


def test_spent_candidates_are_skipped_and_the_end_is_the_rank(problem):
    columns, targets, candidates = problem
    order, _ = forward(columns.T @ columns, columns.T @ targets, candidates, 50)
    assert len(order) == len(set(order.tolist())) == 7  # 28 candidates, rank 7


def test_the_chosen_explain_as_much_as_all(problem):
    columns, targets, candidates = problem
    _, gains = forward(columns.T @ columns, columns.T @ targets, candidates, 50)
    weights, *_ = np.linalg.lstsq(columns, targets, rcond=None)
    assert np.square(targets).sum() - gains.sum() == pytest.approx(np.square(targets - columns @ weights).sum())


def test_nested_weights_are_ridge_refits(problem):
    columns, targets, candidates = problem
    order, _ = forward(columns.T @ columns, columns.T @ targets, candidates, 5, 0.1)
    features = candidates.take(order).of(columns)
    (weights,) = nested_weights(features.T @ features, features.T @ targets, 0.1, [3])
    scale = np.sqrt(np.square(features[:, :3]).sum(axis=0))
    refit = Ridge(0.1, fit_intercept=False).fit(features[:, :3] / scale, targets)
    assert weights == pytest.approx(refit.coef_.T / scale[:, None], abs=1e-9)


def test_the_data_is_left_as_it_was(problem):
    columns, targets, candidates = problem
    gram, cross = columns.T @ columns, columns.T @ targets
    kept = gram.copy(), cross.copy()
    forward(gram, cross, candidates, 4)
    assert np.array_equal(gram, kept[0])
    assert np.array_equal(cross, kept[1])
