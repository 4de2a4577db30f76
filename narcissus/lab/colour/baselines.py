"""Baselines: one colour for all, and the colours of the most similar grey picture of the pile."""

import cv2
import numpy as np

from narcissus.lab.colour.batches import true_ab
from narcissus.lab.colour.heldout import PLACES

GLANCE = 24  # pixels along each side that pictures are compared in


def mean_ab(pictures: list[np.ndarray]) -> np.ndarray:
    """The mean a and b (2,) of all pixels of pictures uint8 (H, W, 3)."""
    return np.mean([true_ab(picture).mean(axis=(0, 1)) for picture in pictures], axis=0)


class Nearest:
    """The nearest neighbour on lightness: its colours, laid over the other picture as they are."""

    def __init__(self, pictures: list[np.ndarray]) -> None:
        self._pictures = pictures
        self._glances = np.stack([_glance(picture) for picture in pictures])

    def ab(self, pictures: list[np.ndarray]) -> np.ndarray:
        """float32 (n, 64, 64, 2)"""
        glances = np.stack([_glance(picture) for picture in pictures])
        nearest = (glances @ self._glances.T).argmax(axis=1)
        return np.stack([self._colours(self._pictures[row]) for row in nearest])

    def _colours(self, picture: np.ndarray) -> np.ndarray:
        return true_ab(cv2.resize(picture, (2 * PLACES, 2 * PLACES), interpolation=cv2.INTER_AREA))


def _glance(picture: np.ndarray) -> np.ndarray:
    """The lightness of uint8 (H, W, 3), small, of mean 0 and length 1: float32 (576,)."""
    grey = cv2.cvtColor(cv2.resize(picture, (GLANCE, GLANCE), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    glance = grey.astype(np.float32).ravel() - grey.mean(dtype=np.float32)
    return glance / max(float(np.linalg.norm(glance)), 1e-6)
