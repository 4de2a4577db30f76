"""Feature selection: a scikit-learn transformer from whole rows to greedily selected features."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from narcissus.features.greedy import Candidates, forward, nested_weights
from narcissus.features.spatial.shape import (
    DISPLACEMENT_NAMES,
    DISPLACEMENTS,
    DISTANCE_NAMES,
    FORMS,
    PAIRS,
    forms,
    log_distances,
)

COORDINATE_COUNT = 136  # the first columns of every row: a normalised shape, flattened
POOLS = ("displacements", "distances", "forms", "columns")  # "columns": whatever else stands in the row, as it is
_BLOCK = 4096  # rows whose expansion is held in memory at once


class GreedyFeatures(TransformerMixin, BaseEstimator):
    """Rows (n, P) -> the `count_` numbers that forward selection takes, in its order.

    The first 136 columns of a row are a normalised shape (68 × x, y); `columns` are the indices of further ones, and
    only those are used. Candidates come from the pools: the displacements, the log-distances, the forms and these
    columns, all judged by one exact recursion (see `greedy.forward`). How many are kept is decided by cross-validated
    error over `folds` contiguous parts of the rows, so whole people must stand together; `limit` is the most.

    Learned: `names_` of the selected, `gains_` (share of the targets' variance each took away), `curve_` (counts and
    the cross-validated error at each, as a share of the variance), `pools_` (the pool each came from), `count_`.
    """

    def __init__(self, columns, names=(), pools=POOLS, limit=300, ridge=1e-2, folds=4, tolerance=0.002):
        self.columns = columns  # indices (≥ 136) of the other columns that may be used
        self.names = names  # their names
        self.pools = pools
        self.limit = limit
        self.ridge = ridge
        self.folds = folds
        self.tolerance = tolerance  # the smallest count whose error is this near (relatively) to the best is kept

    def fit(self, X, y):
        X, y = validate_data(self, X, y, multi_output=True, dtype=np.float32)
        y = y.reshape(len(y), -1)
        pool, candidates, names = self._pool()
        grams, crosses, variance = self._moments(X, y)
        gram, cross = sum(grams), sum(crosses)
        counts = [m for m in _COUNTS if m < self.limit] + [self.limit]
        errors = np.mean(
            [
                _held_out(gram - g, cross - c, g, c, v, candidates, counts, self.ridge)
                for g, c, v in zip(grams, crosses, variance, strict=True)
            ],
            axis=0,
        )
        self.curve_ = np.array(counts), errors
        self.count_ = int(counts[int(np.argmax(errors <= errors.min() * (1 + self.tolerance)))])
        order, gains = forward(gram, cross, candidates, self.count_, self.ridge)
        self.count_ = len(order)
        self.gains_ = gains / sum(variance)
        self.names_ = tuple(names[i] for i in order)
        self.pools_ = tuple(POOLS[pool[i]] for i in order)
        self._remember(pool[order], candidates.take(order))
        return self

    def transform(self, X):
        check_is_fitted(self, "names_")
        X = validate_data(self, X, reset=False, dtype=np.float32)
        out = np.empty((len(X), self.count_), np.float32)
        shapes = X[:, :COORDINATE_COUNT].reshape(len(X), 68, 2)
        for name, (places, one, two) in self._parts.items():
            if name == "displacements":
                out[:, places] = X[:, one] - X[:, two]
            elif name == "distances":
                out[:, places] = log_distances(shapes, PAIRS[one])
            elif name == "forms":
                out[:, places] = forms(shapes)[:, one]
            else:
                out[:, places] = X[:, one]
        return out

    def get_feature_names_out(self, input_features=None):
        check_is_fitted(self, "names_")
        return np.array(self.names_, dtype=object)

    def _pool(self) -> tuple[np.ndarray, Candidates, list[str]]:
        """The pool each candidate is of, the candidates over the expanded columns, and their names."""
        starts = self._starts()
        blocks = {
            "displacements": (DISPLACEMENTS.first, DISPLACEMENTS.second, DISPLACEMENT_NAMES),
            "distances": (starts["distances"] + np.arange(len(PAIRS)), None, DISTANCE_NAMES),
            "forms": (starts["forms"] + np.arange(len(FORMS)), None, FORMS),
            "columns": (starts["columns"] + np.arange(len(self.columns)), None, tuple(self.names)),
        }
        chosen = [blocks[name] for name in POOLS if name in self.pools]
        first = np.concatenate([one for one, _, _ in chosen])
        second = np.concatenate([np.full(len(one), -1) if two is None else two for one, two, _ in chosen])
        pool = np.concatenate(
            [np.full(len(blocks[name][0]), POOLS.index(name)) for name in POOLS if name in self.pools]
        )
        return pool, Candidates(first, second), [name for _, _, names in chosen for name in names]

    def _starts(self) -> dict[str, int]:
        distances = COORDINATE_COUNT
        forms_ = distances + (len(PAIRS) if "distances" in self.pools else 0)
        return {
            "distances": distances,
            "forms": forms_,
            "columns": forms_ + (len(FORMS) if "forms" in self.pools else 0),
        }

    def _expand(self, X: np.ndarray) -> np.ndarray:
        """Rows (n, P) -> every column that a candidate may be made of."""
        shapes = X[:, :COORDINATE_COUNT].reshape(len(X), 68, 2)
        parts = [X[:, :COORDINATE_COUNT]]
        parts += [log_distances(shapes)] if "distances" in self.pools else []
        parts += [forms(shapes)] if "forms" in self.pools else []
        return np.hstack([*parts, X[:, list(self.columns)]]).astype(np.float64)

    def _moments(self, X: np.ndarray, y: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray], list[float]]:
        """CᵀC, CᵀY and the sum of Y² of each fold; all centred by the means of the whole."""
        blocks = np.array_split(np.arange(len(X)), max(1, len(X) // _BLOCK))
        mean = sum(self._expand(X[rows]).sum(axis=0) for rows in blocks) / len(X)
        target = y - y.mean(axis=0)
        grams, crosses, variance = [], [], []
        for fold in np.array_split(np.arange(len(X)), self.folds):
            gram, cross = 0.0, 0.0
            for rows in np.array_split(fold, max(1, len(fold) // _BLOCK)):
                centred = self._expand(X[rows]) - mean
                gram, cross = gram + centred.T @ centred, cross + centred.T @ target[rows]
            grams.append(gram)
            crosses.append(cross)
            variance.append(float(np.square(target[fold]).sum()))
        return grams, crosses, variance

    def _remember(self, pool: np.ndarray, chosen: Candidates) -> None:
        """What `transform` computes of each pool: where it goes, and from which columns, pairs or forms."""
        starts = self._starts()
        self._parts = {}
        for index, name in enumerate(POOLS):
            places = np.flatnonzero(pool == index)
            one, two = chosen.first[places] - starts.get(name, 0), chosen.second[places]
            if name == "columns":
                one = np.asarray(self.columns, int)[one]
            if len(places):
                self._parts[name] = (places, one, two)


_COUNTS = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 80, 96, 128, 160, 200, 250, 300, 400, 500)


def _held_out(gram, cross, held_gram, held_cross, held_variance, candidates, counts, ridge) -> np.ndarray:
    """Error on the held-out fold at each count, as a share of its variance; selected and weighed on the rest alone."""
    order, _ = forward(gram, cross, candidates, max(counts), ridge)
    chosen = candidates.take(order)
    pick = lambda matrix: chosen.of(chosen.of(matrix).T)  # (P, P) -> the chosen features' own (m, m)
    g, h = pick(gram), pick(held_gram)
    b, q = chosen.of(cross.T).T, chosen.of(held_cross.T).T
    errors = []
    for weights in nested_weights(g, b, ridge, [min(m, len(order)) for m in counts]):
        m = len(weights)
        errors.append(held_variance - 2 * (weights * q[:m]).sum() + (weights * (h[:m, :m] @ weights)).sum())
    return np.array(errors) / held_variance
