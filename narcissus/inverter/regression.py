"""One regression from rows to latents, and the output directions in which its predictions vary."""

from dataclasses import dataclass

import numpy as np
import sklearn


@dataclass(frozen=True, slots=True, eq=False)
class LatentRegression:
    """A fitted model, and the k principal directions of its cross-validated predictions."""

    model: object  # a scikit-learn Pipeline: rows (n, P) without gaps -> latents (n, L)
    axes: np.ndarray  # float32 (k, L), orthonormal
    longest: float  # a quantile of ‖prediction‖ within the axes, used as a clamp

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Rows (n, P) -> float32 (n, L): short latents within the axes, none longer than `longest`."""
        with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):  # a third of the time
            predicted = (self.model.predict(rows) @ self.axes.T @ self.axes).astype(np.float32)
        length = np.linalg.norm(predicted, axis=1, keepdims=True)
        return predicted * np.minimum(1, self.longest / np.maximum(length, 1e-9))

    def complement(self, vectors: np.ndarray) -> np.ndarray:
        """Unit vectors float32 (n, L): of `vectors` (n, L) what lies outside the axes."""
        beside = vectors - vectors @ self.axes.T @ self.axes
        return (beside / np.linalg.norm(beside, axis=1, keepdims=True)).astype(np.float32)
