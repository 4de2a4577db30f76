"""Are many pictures, taken together, like many others? Sliced Wasserstein and Fréchet distances."""

from collections.abc import Iterator

import numpy as np

PATCH, PATCHES_PER_PICTURE = 7, 128  # Karras et al. 2018, section 5 and appendix; metrics/sliced_wasserstein.py
REPEATS, DIRECTIONS = 4, 128  # 512 projections in all
COARSEST = 16  # pixels
_BINOMIAL = np.array([1, 4, 6, 4, 1], np.float32) / 16  # Burt and Adelson 1983


def sliced_wasserstein(a: np.ndarray, b: np.ndarray, seed: int = 0) -> dict[int, float]:
    """Distance ×10³ per level of the Laplacian pyramid: {64: …, 32: …, 16: …}; smaller is more alike.

    `a` and `b` are uint8 (n, R, R, 3), R a power of two and 16 at least, the same number of each. As in the PG-GAN
    paper: 128 patches of 7×7 per picture and level, each set made zero mean and unit variance per colour channel, 512
    random projections, mean absolute difference of the sorted values. It tells only equal sample sizes apart: give
    floors measured with the same n beside it.
    """
    if a.shape != b.shape:
        raise ValueError(f"as many pictures of the same size on both sides, not {a.shape} and {b.shape}")
    rng = np.random.default_rng(seed)
    levels = zip(_laplacian(a), _laplacian(b), strict=True)
    return {one.shape[1]: 1e3 * _distance(_patches(one, rng), _patches(two, rng), rng) for one, two in levels}


def _laplacian(pictures: np.ndarray) -> Iterator[np.ndarray]:
    """The levels, float32 (n, r, r, 3), finest first; the coarsest is what is left."""
    fine = pictures.astype(np.float32)
    while fine.shape[1] > COARSEST:
        coarse = _blurred(fine)[:, ::2, ::2]
        spaced = np.zeros_like(fine)
        spaced[:, ::2, ::2] = coarse
        yield fine - 4 * _blurred(spaced)
        fine = coarse
    yield fine


def _blurred(pictures: np.ndarray) -> np.ndarray:
    for axis in (1, 2):
        padding = [(2, 2) if i == axis else (0, 0) for i in range(4)]
        wide = np.moveaxis(np.pad(pictures, padding, mode="reflect"), axis, 0)
        size = pictures.shape[axis]
        pictures = np.moveaxis(sum(w * wide[i : i + size] for i, w in enumerate(_BINOMIAL)), 0, axis)
    return pictures


def _patches(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Random 7×7 neighbourhoods, normalised per channel: float32 (128 n, 147)."""
    count, size = PATCHES_PER_PICTURE * len(pictures), pictures.shape[1]
    which = np.repeat(np.arange(len(pictures)), PATCHES_PER_PICTURE)[:, None, None]
    top, left = rng.integers(0, size - PATCH + 1, (2, count, 1, 1))
    reach = np.arange(PATCH)
    patches = pictures[which, top + reach[:, None], left + reach]  # (128 n, 7, 7, 3)
    patches = patches - patches.mean(axis=(0, 1, 2))
    return (patches / np.maximum(patches.std(axis=(0, 1, 2)), 1e-6)).reshape(count, -1)


def _distance(a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> float:
    results = []
    for _ in range(REPEATS):
        directions = rng.standard_normal((a.shape[1], DIRECTIONS), np.float32)
        directions /= np.linalg.norm(directions, axis=0)
        gap = np.sort((a @ directions).T, axis=1) - np.sort((b @ directions).T, axis=1)
        results.append(np.abs(gap).mean())
    return float(np.mean(results))


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Fréchet distance of the Gaussians with the moments of rows (n, d) and (m, d) (Dowson and Landau 1982).

    ‖μa − μb‖² + tr(A + B − 2 (A½ B A½)½). Grows as n shrinks: compare only equal n.
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    cov_a, cov_b = np.atleast_2d(np.cov(a, rowvar=False)), np.atleast_2d(np.cov(b, rowvar=False))
    half = _root(cov_a)
    between = np.sqrt(np.maximum(np.linalg.eigvalsh(half @ cov_b @ half), 0)).sum()
    return float(np.square(a.mean(axis=0) - b.mean(axis=0)).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * between)


def _root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
