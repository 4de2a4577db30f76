"""Landmark echo: how nearly the reflection's landmarks are the viewer's, when place, size and tilt do not count."""

import numpy as np

from narcissus.lab.likeness.bootstrap import Statistic


def pair_errors(viewers: np.ndarray, reflections: np.ndarray) -> np.ndarray:
    """Every viewer against every reflection: (n, 68, 2) and (m, 68, 2) in any pixels -> float32 (n, m).

    The error of a pair is the mean distance of the 68 points after the least-squares similarity (no mirroring) has
    laid the reflection on the viewer, per inter-ocular distance of the viewer (between the outer eye corners, as in
    300-W). NaN where either has no landmarks.
    """
    fixed, moving = _centred(viewers), _centred(reflections)  # complex (n, 68), (m, 68)
    size = np.square(np.abs(moving)).sum(axis=1)  # (m,)
    eyes = np.linalg.norm(viewers[:, 36] - viewers[:, 45], axis=1)  # (n,)
    errors = np.empty((len(viewers), len(reflections)), np.float32)
    for row, face, unit in zip(errors, fixed, eyes, strict=True):
        with np.errstate(invalid="ignore"):
            turn = (moving.conj() @ face) / size  # (m,): scale and rotation in one complex number
        row[:] = np.abs(moving * turn[:, None] - face).mean(axis=1) / unit
    return errors


def _centred(landmarks: np.ndarray) -> np.ndarray:
    plane = landmarks[..., 0].astype(np.float64) + 1j * landmarks[..., 1]
    return plane - plane.mean(axis=-1, keepdims=True)


def skill(errors: np.ndarray, people: np.ndarray) -> Statistic:
    """1 − (mean error of a viewer's own reflection) / (mean error of strangers' reflections): 1 is perfect, 0 is
    chance.

    `errors` (n, n) as from `pair_errors`, reflection j being that of photograph j. "Shuffled pairs" is taken to its
    limit: the mean over all pairs of different people, instead of one shuffle.
    """
    own = np.nan_to_num(np.diagonal(errors)).astype(np.float64)
    strange = np.where(people[:, None] == people[None], 0, np.nan_to_num(errors)).astype(np.float32)
    apart = (people[:, None] != people[None]).astype(np.float32)

    def statistic(weights: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            shuffled = ((weights @ strange) * weights).sum(axis=1) / ((weights @ apart) * weights).sum(axis=1)
            return 1 - weights @ own / weights.sum(axis=1) / shuffled

    return statistic
