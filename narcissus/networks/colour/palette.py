"""How surely: the likeliest colours of a place, with their probabilities."""

from dataclasses import dataclass

import numpy as np

from narcissus.networks.colour.regions import REGIONS, masks

LIKELIEST = 5
APART = 15.0  # ab units: bins nearer than this to a likelier one are the same colour to the eye, and counted with it


@dataclass(frozen=True, slots=True)
class Likely:
    ab: tuple[float, float]
    probability: float


def shares(logits: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Logits (h, w, Q) and bool (h, w) -> the mean distribution (Q,) of the chosen places, adding up to 1."""
    chosen = logits[where].astype(np.float64)
    powers = np.exp(chosen - chosen.max(axis=-1, keepdims=True))
    return (powers / powers.sum(axis=-1, keepdims=True)).mean(axis=0)


def likeliest(distribution: np.ndarray, centres: np.ndarray, count: int = LIKELIEST) -> list[Likely]:
    """The `count` likeliest colours, each the mean of the bins around a peak; likeliest first."""
    left, found = distribution.copy(), []
    while len(found) < count and left.max() > 0:
        near = np.linalg.norm(centres - centres[left.argmax()], axis=1) <= APART
        mass = left[near].sum()
        found.append(Likely(tuple((left[near] @ centres[near] / mass).tolist()), float(mass)))
        left[near] = 0
    return sorted(found, key=lambda colour: -colour.probability)


def palettes(logits: np.ndarray, landmarks: np.ndarray, centres: np.ndarray) -> dict[str, list[Likely]]:
    """For each region that lies within logits (h, w, Q); `landmarks` (68, 2) in their pixels."""
    found = masks(landmarks, *logits.shape[:2])
    return {region: likeliest(shares(logits, found[region]), centres) for region in REGIONS if found[region].sum() >= 2}
