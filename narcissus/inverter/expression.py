"""How a face looks at this moment (its turn, nod, mouth, eyes and brows), apart from who it is.

A latent is both at once. On drawn faces each of a few numbers of pose and expression is nearly linear in the latent, so
there are directions along which it alone changes (InterFaceGAN: Shen et al. 2020, arXiv 2005.09635, who find the same
for PG-GAN); those kept here disturb as little as possible of what tells people apart. A viewer's reflection is a held
latent, the person, moved along them frame by frame.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

MOUTH = 2  # of the numbers: how far it is open
PASSING = (0, 1, MOUTH)  # of the numbers, those in which nobody differs for long: turn, nod, open mouth
SHAPE, POSE = slice(0, 136), slice(136, 138)  # columns of a row: the normalised shape, yaw and pitch
STILL = np.array([0.05, 0.1, 0.15, 0.15, 0.15, 0.15])  # spreads by which a still face's numbers seem to change
READABLE = 0.05  # least change of the opening that is read from a latent, per step of 1 along the mouth's direction
FARTHEST = 45.0  # degrees from the person that a latent is moved, at most: beyond, it is somebody else


def curved(numbers: np.ndarray) -> np.ndarray:
    """The numbers (n, m), their squares, and turn times nod: a turned head's outline is no linear matter."""
    return np.hstack([numbers, np.square(numbers), numbers[:, :1] * numbers[:, 1:2]])


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """Numbers are in units of their spread among drawn faces, from their mean."""

    measure: Callable[[np.ndarray], np.ndarray]  # rows (n, P) -> their numbers (n, m), yaw and pitch first
    mean: np.ndarray  # float32 (m,)
    spread: np.ndarray  # float32 (m,)
    shapes: np.ndarray  # float32 (2m + 1, 136): what the curved numbers do to a shape
    reads: np.ndarray  # float32 (m, L): a latent's numbers, …
    bias: np.ndarray  # float32 (m,): … less these
    moves: np.ndarray  # float32 (L, m): where a latent moves for each number
    gain: np.ndarray  # float32 (m,): how much of each is asked of the latent, so that the picture shows it
    lowest: np.ndarray  # float32 (m,): a viewer's numbers count as no less …
    highest: np.ndarray  # float32 (m,): … and no more: beyond, no face is drawn

    def numbers(self, rows: np.ndarray) -> np.ndarray:
        """What rows (n, P) show: float32 (n, m), limited; 0 for a row without a shape."""
        numbers = (self.measure(rows) - self.mean) / self.spread
        return np.clip(np.nan_to_num(numbers), self.lowest, self.highest).astype(np.float32)

    def changed(self, rows: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Rows (n, P) of the same people with numbers `after` (n, m) instead of `before`; colours stay as they are."""
        rows = np.array(rows, np.float32)
        rows[:, SHAPE] += (curved(after) - curved(before)) @ self.shapes
        rows[:, POSE] += ((after - before) * self.spread)[:, :2]
        return rows

    def move(self, latents: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """The latents (n, L) of length √L moved until they show `numbers` (n, m), at most FARTHEST: float32 (n, L)."""
        size = latents.shape[1]
        way = (self.gain * (numbers - latents @ self.reads.T - self.bias)) @ self.moves.T  # (n, L)
        way -= latents * ((way * latents).sum(axis=1, keepdims=True) / size)  # along the sphere
        length = np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
        limit = np.tan(np.radians(FARTHEST)) * np.sqrt(size)
        moved = latents + way * (np.tanh(length / limit) * limit / length)
        return (moved * (np.sqrt(size) / np.linalg.norm(moved, axis=1, keepdims=True))).astype(np.float32)

    def closed(self, latents: np.ndarray) -> np.ndarray:
        """The latents (n, L) with an open mouth closed to the average of drawn faces: float32 (n, L).

        Latents that differ only along the mouth's direction become the same one; a closed mouth stays as it is.
        """
        reads, moves = self.reads[MOUTH], self.moves[:, MOUTH]
        if reads @ moves < READABLE:
            return latents
        further = np.maximum(latents @ reads + self.bias[MOUTH], 0)
        closed = latents - (further / (reads @ moves))[:, None] * moves
        longer = np.linalg.norm(latents, axis=1) / np.maximum(np.linalg.norm(closed, axis=1), 1e-9)
        return (closed * longer[:, None]).astype(np.float32)
