"""Chroma as a choice among colours: a grid over the ab plane of CIE Lab (Zhang, Isola, Efros 2016, arXiv 1603.08511).

A true colour is encoded softly over its neighbouring bins; a distribution is decoded by its annealed mean: sharpened
by a temperature, then averaged. Temperature 1 gives the mean (dull), towards 0 the likeliest bin (vivid, blotchy).
"""

import numpy as np
from keras import ops

STEP = 10.0  # ab units between bins; Zhang et al.
SPREAD = 5.0  # sigma of the soft encoding, ab units; Zhang et al.
RAREST = 2e-5  # share of a pile's pixels: what is rarer gets no bin of its own


def chosen(ab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The bins that pixels ab (n, 2) lie in: centres float32 (Q, 2), and the share (Q,) of the pixels in each."""
    cells = np.rint(ab / STEP).astype(np.int64)
    first, spans = cells.min(axis=0), np.ptp(cells, axis=0) + 1
    numbers = np.ravel_multi_index(tuple((cells - first).T), spans)  # one for each cell is sorted ten times sooner
    numbers, counts = np.unique(numbers, return_counts=True)
    cells = np.column_stack(np.unravel_index(numbers, spans)) + first
    kept = counts >= RAREST * len(ab)
    return (cells[kept] * STEP).astype(np.float32), (counts[kept] / counts[kept].sum()).astype(np.float32)


def soft(ab, centres):
    """ab (…, 2) -> shares of the bins (…, Q): a Gaussian around the true colour, adding up to 1."""
    # ‖ab − c‖² without the ‖ab‖² that softmax does not see
    nearness = ops.matmul(ab, ops.transpose(centres)) - 0.5 * ops.sum(ops.square(centres), axis=-1)
    return ops.softmax(nearness / SPREAD**2)


def annealed(logits, centres, temperature):
    """Logits (…, Q) -> ab (…, 2): the mean of the distribution sharpened by `temperature` (above 0)."""
    return ops.matmul(ops.softmax(logits / temperature), centres)


def balance(shares: np.ndarray, evenness: float) -> np.ndarray:
    """Class rebalancing: weights float32 (Q,), higher for rare colours, whose mean over the pixels is 1.

    `evenness` mixes the pile's own distribution with an even one: 0 would weigh by full rarity, 1 not at all.
    """
    weights = 1 / ((1 - evenness) * shares + evenness / len(shares))
    return (weights / (weights * shares).sum()).astype(np.float32)
