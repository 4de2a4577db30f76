"""One regression from rows to latents, and the directions in which it has something to say."""

from dataclasses import dataclass

import numpy as np
import sklearn


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted model with the k directions that its predictions, on faces it had not seen, fill most."""

    model: object  # a scikit-learn Pipeline: rows (n, P) without gaps -> latents (n, L)
    axes: np.ndarray  # float32 (k, L), orthonormal
    lasting: np.ndarray  # float32 (k, k): what is said along the axes -> what of it lasts, in units of its spread
    longest: float  # what is said of an ordinary face is not longer than this

    def say(self, rows: np.ndarray) -> np.ndarray:
        """Rows (n, P) -> float32 (n, L): short latents within the axes, none longer than `longest`."""
        with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):  # a third of the time
            said = (self.model.predict(rows) @ self.axes.T @ self.axes).astype(np.float32)
        length = np.linalg.norm(said, axis=1, keepdims=True)
        return said * np.minimum(1, self.longest / np.maximum(length, 1e-9))

    def fill(self, rows: np.ndarray, constant: np.ndarray, mixing: np.ndarray) -> np.ndarray:
        """Unit vectors (n, L) outside the axes: `constant` (L,) plus what is said, mixed by `mixing` (L, L).

        Features know nothing of what lies outside the axes, so any choice is as true as another. This one gives
        different people different faces, and the same person the same face on another day: a turned head or a smile
        has no part in it.
        """
        lasting = self.say(rows) @ self.axes.T @ self.lasting / np.sqrt(len(self.axes))  # (n, k), about 1 long
        unsaid = constant + lasting @ mixing[: len(self.axes)]
        unsaid -= unsaid @ self.axes.T @ self.axes
        return (unsaid / np.linalg.norm(unsaid, axis=1, keepdims=True)).astype(np.float32)
