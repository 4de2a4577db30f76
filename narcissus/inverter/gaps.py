"""What a row leaves open is filled with what the rest of it makes most likely."""

from dataclasses import dataclass

import numpy as np

DAMPING = 1e-3  # of each column's variance: columns that nearly repeat one another must not shout


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """The normal distribution of the training rows, and its conditional mean."""

    mean: np.ndarray  # float64 (P,)
    covariance: np.ndarray  # float64 (P, P)

    @classmethod
    def learned(cls, rows: np.ndarray) -> "Gaps":
        """From rows (n, P), NaN where a number is not known; a column that is never known counts as constant 0."""
        known = ~np.isnan(rows)
        count = known.sum(axis=0)
        mean = np.where(known, rows, 0).sum(axis=0, dtype=np.float64) / np.maximum(count, 1)
        centred = np.where(known, rows - mean, 0)
        together = known.astype(np.float32).T @ known.astype(np.float32)
        return cls(mean, centred.T @ centred / np.maximum(together, 1))

    def fill(self, rows: np.ndarray) -> np.ndarray:
        """Rows (n, P) with NaN -> float32 (n, P) without."""
        rows = np.array(rows, np.float32)
        gaps = np.isnan(rows)
        for pattern in np.unique(gaps[gaps.any(axis=1)], axis=0):
            mine = (gaps == pattern).all(axis=1)
            known = self.covariance[np.ix_(~pattern, ~pattern)]
            known = known + np.diag(DAMPING * known.diagonal() + 1e-9)
            away = rows[mine][:, ~pattern] - self.mean[~pattern]  # (m, known)
            likely = np.linalg.solve(known, away.T).T @ self.covariance[np.ix_(~pattern, pattern)]
            rows[np.ix_(mine, pattern)] = self.mean[pattern] + likely
        return rows
