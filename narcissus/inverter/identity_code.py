"""Whitened PCA of a row, without what changes from moment to moment: from it a visitor's own fill is chosen."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class IdentityCode:
    """A linear code of a row: whitened principal components, with the momentary directions projected out."""

    mean: np.ndarray  # float32 (P,)
    weights: np.ndarray  # float32 (P, q)

    def encode(self, rows: np.ndarray) -> np.ndarray:
        """Rows (n, P) without gaps -> float32 (n, q), about 1 long."""
        return (rows - self.mean) @ self.weights
