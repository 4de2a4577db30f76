"""Exact greedy forward selection for least squares, without a single fit, for many targets at once.

A candidate is one column of the data, or the difference of two: a sparse combination d of columns, so thousands of
candidates cost no more memory than their columns. With C the centred columns and Y the centred targets, everything
that selection needs is in G = CᵀC and B = CᵀY; `forward` reads and deflates those two and never sees the data again.
"""

from dataclasses import dataclass

import numpy as np

SPENT = 1e-10  # a candidate with less than this share of its own variance left is a combination of those chosen


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Candidate j is column first[j] minus column second[j], or column first[j] alone where second[j] is -1."""

    first: np.ndarray  # int (M,)
    second: np.ndarray  # int (M,)

    def __len__(self) -> int:
        return len(self.first)

    def of(self, columns: np.ndarray) -> np.ndarray:
        """(n, P) columns -> (n, M) candidates."""
        return columns[:, self.first] - np.where(self.second >= 0, columns[:, self.second], 0)

    def take(self, chosen: np.ndarray) -> "Candidates":
        return Candidates(self.first[chosen], self.second[chosen])

    def _variances(self, gram: np.ndarray) -> np.ndarray:
        """dᵀGd of every candidate, float64 (M,)."""
        one, two = self.first, self.second
        diagonal = gram.diagonal()
        both = diagonal[one] + diagonal[two] - 2 * gram[one, two]
        return np.where(two >= 0, both, diagonal[one])

    def _rows(self, matrix: np.ndarray) -> np.ndarray:
        """dᵀM of every candidate: (P, T) -> (M, T)."""
        return matrix[self.first] - np.where((self.second >= 0)[:, None], matrix[self.second], 0)


def forward(
    gram: np.ndarray, cross: np.ndarray, candidates: Candidates, count: int, ridge: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """The greedy order of at most `count` candidates and what each takes off the (ridge) squared error.

    `gram` is CᵀC (P, P), `cross` is CᵀY (P, T), both of centred data. `ridge` is λ: the penalty on a feature's weight
    is λ times the feature's own sum of squares, as if every feature had been standardised. Each step takes the
    candidate whose joining lowers ‖Y − Xw‖² + λ Σ sⱼ‖wⱼ‖² most; ends early when every candidate is spent. Ties go to
    the first. After Gacav, Benligiray, Topal (ICASSP 2017), who refit for every candidate.
    """
    gram = np.asarray(gram, np.float64)
    own = candidates._variances(gram)  # s
    left = own.copy()  # γ: what is left of s once the chosen are taken out
    pulls = candidates._rows(np.asarray(cross, np.float64))  # dᵀB, (M, T), deflated below
    gone = np.zeros((min(count, len(candidates)), gram.shape[0]))  # rows Gd/√π: G deflated is gram − goneᵀ·gone
    open_ = own > 0
    order, gains = [], []
    for step in range(len(gone)):
        open_ &= left >= SPENT * own
        if not open_.any():
            break
        gain = np.where(open_, np.einsum("mt,mt->m", pulls, pulls) / np.where(open_, left + ridge * own, 1.0), -1.0)
        best = int(np.argmax(gain))
        order.append(best)
        gains.append(float(gain[best]))
        open_[best] = False

        root = np.sqrt(left[best] + ridge * own[best])  # √π
        one = candidates.take(np.array([best]))
        gone[step] = (one._rows(gram)[0] - gone[:step].T @ one.of(gone[:step])[:, 0]) / root
        share = candidates.of(gone[step : step + 1])[0]  # (M,)
        left = left - share**2
        pulls -= np.outer(share, pulls[best] / root)
    return np.array(order, int), np.array(gains)


def nested_weights(gram: np.ndarray, cross: np.ndarray, ridge: float, counts: list[int]) -> list[np.ndarray]:
    """Ridge weights of the first m chosen features for each m of `counts`, each (m, T).

    `gram` and `cross` are those of the chosen features in their order; the penalty is that of `forward`.
    """
    penalised = gram + ridge * np.diag(gram.diagonal())
    return [np.linalg.solve(penalised[:m, :m], cross[:m]) for m in counts]
