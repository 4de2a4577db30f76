"""The forward model: latent -> the numbers that would be measured on the face it draws.

Two thirds of a latent are filled in without regard to the viewer, and they too move a jaw or redden a cheek. With this
small network the composed latent is corrected by Gauss–Newton steps, as little as possible, until the predicted numbers
are the viewer's. Nothing is drawn for it: it costs less than a millisecond.
"""

from dataclasses import dataclass

import numpy as np

STEPS = 3  # Gauss–Newton steps; the third brings a little more of a skin's tone, a fourth nothing


@dataclass(frozen=True, slots=True, eq=False)
class ForwardModel:
    """One hidden layer of rectifiers: latents of length √L (n, L) -> numbers (n, V) in units of their spreads."""

    hidden: np.ndarray  # float32 (L, H)
    hidden_bias: np.ndarray  # float32 (H,)
    out: np.ndarray  # float32 (H, V)
    out_bias: np.ndarray  # float32 (V,)
    error: np.ndarray  # float32 (V,): mean squared error on faces it was not trained on, a share of the variance
    weight: np.ndarray  # float32 (V,): how much each number matters to a viewer, 1 for most; 0: never asked for
    mean: np.ndarray  # float32 (P,): the rows' means
    shapes: np.ndarray  # float32 (S, m): a shape (the first S numbers of a row), less the mean, to its m first numbers
    others: np.ndarray  # int (V − m,): the further columns of a row that are predicted …
    scale: np.ndarray  # float32 (V − m,): … and their spreads
    within: float = 3.5  # spreads: a viewer's numbers count as at most this far from the mean

    def targets(self, rows: np.ndarray) -> np.ndarray:
        """What the mirror should show for rows (n, P): float32 (n, V), limited; NaN stays where it stands."""
        away = rows - self.mean
        shape = away[:, : len(self.shapes)] @ self.shapes  # (n, m)
        numbers = np.hstack([shape, away[:, self.others] / self.scale])
        return np.clip(numbers, -self.within, self.within).astype(np.float32)

    def predict(self, latents: np.ndarray, column: int) -> np.ndarray:
        """One column of a row, beyond its shape, predicted from latents (n, L) in the column's own unit: float32 (n,).

        The column's mean where the forward model does not predict it.
        """
        known = np.flatnonzero(self.others == column)
        if not known.size:
            return np.full(len(latents), self.mean[column], np.float32)
        number = self.shapes.shape[1] + known[0]
        inner = np.maximum(latents @ self.hidden + self.hidden_bias, 0)
        return self.mean[column] + self.scale[known[0]] * (inner @ self.out[:, number] + self.out_bias[number])

    def corrected(self, latents: np.ndarray, wanted: np.ndarray, trust: float) -> np.ndarray:
        """The nearest latents (n, L) of length √L that show the wanted numbers (n, V), where NaN means any number.

        Nearest in the sense of the most likely: ‖z − z₀‖² + trust · Σ weight · (predicted − wanted)² / error is least.
        """
        return np.stack([self._one(*pair, trust) for pair in zip(latents, wanted, strict=True)])

    def _one(self, start: np.ndarray, wanted: np.ndarray, trust: float) -> np.ndarray:
        asked = np.isfinite(wanted) & (self.weight > 0)
        damping = np.diag(self.error[asked] / (trust * self.weight[asked]))
        out, bias, wanted = self.out[:, asked], self.out_bias[asked], wanted[asked]
        latent, length = start, np.sqrt(len(start))
        for _ in range(STEPS):
            inner = latent @ self.hidden + self.hidden_bias  # (H,)
            slope = (self.hidden * (inner > 0)) @ out  # (L, v): how each number answers to each axis
            slope -= np.outer(latent, latent @ slope) / len(start)  # along the sphere only
            seen = np.maximum(inner, 0) @ out + bias
            missing = wanted - seen + (latent - start) @ slope
            latent = start + slope @ np.linalg.solve(slope.T @ slope + damping, missing)
            latent = latent * (length / np.linalg.norm(latent))
        return latent.astype(np.float32)
