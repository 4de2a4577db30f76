"""Imputation: a row's missing numbers become their conditional mean, given the others, under a normal distribution."""

import numpy as np

DAMPING = 1e-3  # of each column's variance: a ridge, for columns that are nearly collinear
REMEMBERED = 64  # patterns of missing numbers whose weights are kept: a viewer has few, a folder of photographs many


class Imputer:
    """The normal distribution of the training rows, and its conditional mean."""

    def __init__(self, mean: np.ndarray, covariance: np.ndarray) -> None:
        self.mean = mean  # float64 (P,)
        self.covariance = covariance  # float64 (P, P)
        self._weights: dict[bytes, np.ndarray] = {}

    def __getstate__(self) -> dict:
        return self.__dict__ | {"_weights": {}}  # what has been asked so far is no part of the model

    @classmethod
    def from_rows(cls, rows: np.ndarray) -> "Imputer":
        """From rows (n, P), NaN where a number is not known; a column that is never known counts as constant 0."""
        known = ~np.isnan(rows)
        count = known.sum(axis=0)
        mean = np.where(known, rows, 0).sum(axis=0, dtype=np.float64) / np.maximum(count, 1)
        centred = np.where(known, rows - mean, 0)
        together = known.astype(np.float32).T @ known.astype(np.float32)
        return cls(mean, centred.T @ centred / np.maximum(together, 1))

    def impute(self, rows: np.ndarray) -> np.ndarray:
        """Rows (n, P) with NaN -> float32 (n, P) without."""
        rows = np.array(rows, np.float32)
        gaps = np.isnan(rows)
        for pattern in np.unique(gaps[gaps.any(axis=1)], axis=0):
            mine = (gaps == pattern).all(axis=1)
            away = rows[mine][:, ~pattern] - self.mean[~pattern]  # (m, known)
            rows[np.ix_(mine, pattern)] = self.mean[pattern] + away @ self._weights_of(pattern)
        return rows

    def _weights_of(self, pattern: np.ndarray) -> np.ndarray:
        """Regression weights of the missing numbers on the known ones: (known, missing)."""
        key = pattern.tobytes()
        if key not in self._weights:
            if len(self._weights) >= REMEMBERED:
                self._weights.clear()
            known = self.covariance[np.ix_(~pattern, ~pattern)]
            known = known + np.diag(DAMPING * known.diagonal() + 1e-9)
            self._weights[key] = np.linalg.solve(known, self.covariance[np.ix_(~pattern, pattern)])
        return self._weights[key]
