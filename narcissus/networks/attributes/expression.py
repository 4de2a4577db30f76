"""What a face expresses: a few displacements between landmarks -> probabilities (Gacav, Benligiray, Topal 2017).

The displacements were chosen greedily and weighed by a linear SVM, whose four scores a softmax turns into
probabilities (study.py). Up to the softmax's last step all of it is linear: one matrix is all there is to keep.
"""

from dataclasses import dataclass

import numpy as np

from narcissus.networks.attributes.crop import complex_plane, similarity

EXPRESSIONS = ("neutral", "happiness", "surprise", "other")  # "other": anger, contempt, disgust, fear and sadness


@dataclass(frozen=True, slots=True, eq=False)
class ExpressionReader:
    """The learned arrays. Raises ValueError when they do not fit together."""

    mean_shape: np.ndarray  # (68, 2): what a face is aligned to before it is measured
    first: np.ndarray  # int (m,): displacement j is coordinate first[j] minus coordinate second[j] …
    second: np.ndarray  # int (m,): … of the shape laid out as x0, y0, x1, y1, …
    weights: np.ndarray  # (m, 4)
    bias: np.ndarray  # (4,)

    def __post_init__(self) -> None:
        count = len(self.first)
        shapes = [self.mean_shape.shape, self.second.shape, self.weights.shape, self.bias.shape]
        if shapes != [(68, 2), (count,), (count, len(EXPRESSIONS)), (len(EXPRESSIONS),)]:
            raise ValueError(f"the arrays of the expressions have shapes {shapes}")
        if not all(np.isfinite(array).all() for array in (self.mean_shape, self.weights, self.bias)):
            raise ValueError("some weights of the expressions are not finite")
        if min(self.first.min(), self.second.min()) < 0 or max(self.first.max(), self.second.max()) >= 136:
            raise ValueError("the expressions ask for landmarks that do not exist")

    def probabilities(self, landmarks: np.ndarray) -> np.ndarray:
        """Landmarks (n, 68, 2) in pixels -> float32 (n, 4), each row adding up to 1, in the order of EXPRESSIONS."""
        points = complex_plane(landmarks)  # (n, 68)
        turn, shift = similarity(points, complex_plane(self.mean_shape))
        placed = turn[:, None] * points + shift[:, None]
        shape = np.stack([placed.real, placed.imag], axis=-1).reshape(len(points), 136)
        return softmax((shape[:, self.first] - shape[:, self.second]) @ self.weights + self.bias).astype(np.float32)


def softmax(scores: np.ndarray) -> np.ndarray:
    """(n, k) -> (n, k), rows adding up to 1."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
