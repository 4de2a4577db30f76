"""Identity echo and recognition: does a reflection point back to its viewer, and do two reflections of one viewer
agree?
"""

import numpy as np

from narcissus.lab.likeness.bootstrap import Statistic


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Euclidean distances float64 (n, m) between rows (n, d) and (m, d); NaN where a row holds one."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    squares = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1)[None] - 2 * a @ b.T
    return np.sqrt(np.maximum(squares, 0))


def auc(similarity: np.ndarray, own: np.ndarray, strange: np.ndarray) -> Statistic:
    """How often an own pair is more alike than a strangers' pair (a tie counts half): the area under the ROC curve.

    `similarity` (n, n) of viewer i and reflection j; `own` and `strange` (n, n) bool say which pairs are which.
    A pair counts as often as both of its photographs are drawn: once per photograph where it is the same one.
    """
    here_i, here_j = np.nonzero(own)
    there_i, there_j = np.nonzero(strange)
    order = np.argsort(similarity[there_i, there_j], kind="stable")
    there_i, there_j = there_i[order], there_j[order]
    ladder, mine = similarity[there_i, there_j], similarity[here_i, here_j]
    left, right = np.searchsorted(ladder, mine, "left"), np.searchsorted(ladder, mine, "right")
    same = here_i == here_j

    def one(weight: np.ndarray) -> float:
        below = np.concatenate([[0.0], np.cumsum(weight[there_i] * weight[there_j], dtype=np.float64)])
        count = np.where(same, weight[here_i], weight[here_i] * weight[here_j]).astype(np.float64)
        if not below[-1] or not count.sum():
            return np.nan
        return float((count * (below[left] + below[right]) / 2).sum() / (count.sum() * below[-1]))

    return lambda weights: np.array([one(weight) for weight in weights])


def recall(codes: np.ndarray, people: np.ndarray, draws: int = 50, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Recall@1 of each person: (names (p,), share of draws in which the person was recognised (p,)).

    In every draw each person with two photographs or more shows two of them, a and b, at random. The person is
    recognised when, of all p people's codes of a (`codes` (n, d), Euclidean), the nearest to the person's b is the
    person's own; among k that are equally near, by 1/k. Chance is 1/p. Rows that hold NaN are left out.
    """
    shown = np.isfinite(codes).all(axis=1)
    names, person, count = np.unique(people[shown], return_inverse=True, return_counts=True)
    codes = codes[shown]
    repeated = np.flatnonzero(count > 1)
    if len(repeated) < 2:
        return names[:0], np.zeros(0)
    photos = [np.flatnonzero(person == index) for index in repeated]
    rng = np.random.default_rng(seed)
    hits = np.zeros(len(repeated))
    for _ in range(draws):
        a, b = np.array([rng.choice(mine, 2, replace=False) for mine in photos]).T
        apart = distances(codes[b], codes[a])  # (p, p)
        nearest = apart <= apart.min(axis=1, keepdims=True) + 1e-9
        hits += np.diagonal(nearest) / nearest.sum(axis=1)
    return names[repeated], hits / draws


def spread(codes: np.ndarray, people: np.ndarray) -> Statistic:
    """Mean distance between the codes of different people."""
    apart = people[:, None] != people[None]
    between = np.where(apart, np.nan_to_num(distances(codes, codes)), 0).astype(np.float32)
    apart = apart.astype(np.float32)

    def statistic(weights: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return ((weights @ between) * weights).sum(axis=1) / ((weights @ apart) * weights).sum(axis=1)

    return statistic
