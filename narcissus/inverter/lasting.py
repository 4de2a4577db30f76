"""What of a face is the same on another day: the ground on which a visitor is given a face of their own."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Lasting:
    """A linear code of a row in which every way that faces differ counts alike; what passes in a moment is left out."""

    mean: np.ndarray  # float32 (P,)
    weights: np.ndarray  # float32 (P, q)

    def code(self, rows: np.ndarray) -> np.ndarray:
        """Rows (n, P) without gaps -> float32 (n, q), about 1 long."""
        return (rows - self.mean) @ self.weights
