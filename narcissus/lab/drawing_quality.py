"""How good a generator's faces are, taken together: found as faces, and like real ones in two distances.

Fréchet distance of dlib's descriptors, and the sliced Wasserstein distance of the PG-GAN paper, each against portraits
that the generator has not been taught with; beside it the same of other real portraits, which is the floor.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from narcissus.lab.likeness.distributions import frechet, sliced_wasserstein
from narcissus.lab.likeness.seeing import see_each

BATCH = 32  # pictures drawn at once
FEWEST = 40  # faces of each kind; with fewer a Fréchet distance says nothing


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Pictures of one kind, all of one size, and what is seen in them."""

    pictures: np.ndarray  # uint8 (n, R, R, 3)
    codes: np.ndarray  # float32 (m, 128): of those in which a face is found

    @property
    def found(self) -> float:
        """Share of the pictures in which there is a face."""
        return len(self.codes) / len(self.pictures)


def judged(pictures: np.ndarray, progress: Callable[[Iterable], Iterable] = iter, each: Callable = see_each) -> Judged:
    """Look at every picture; `progress` wraps the answers, and `each` finds them, such as `seeing.SeeingPool.each`."""
    seen = progress(each((picture, None, True) for picture in pictures))
    codes = [code for _, code in seen if code is not None]
    return Judged(pictures, np.array(codes, np.float32).reshape(-1, 128))


def drawn(generator, count: int, seed: int) -> np.ndarray:
    """Random faces, uncurated: uint8 (count, R, R, 3)."""
    latents = np.random.default_rng(seed).standard_normal((count, generator.latent_size), np.float32)
    parts = [generator.render(latents[start : start + BATCH]) for start in range(0, count, BATCH)]
    return np.concatenate(parts)


def fitted(picture: np.ndarray, side: int) -> np.ndarray:
    """uint8 (H, W, 3) -> uint8 (side, side, 3), averaged where it shrinks."""
    smaller = cv2.INTER_AREA if side < picture.shape[0] else cv2.INTER_CUBIC
    return cv2.resize(picture, (side, side), interpolation=smaller)


def against(real: Judged, others: Judged, seed: int = 0) -> dict[str, object]:
    """The figures of `others`, at equal numbers of each; the Fréchet distance is None where too few faces are found."""
    n, m = min(len(real.pictures), len(others.pictures)), min(len(real.codes), len(others.codes))
    levels = sliced_wasserstein(real.pictures[:n], others.pictures[:n], seed)
    return {
        "n": n,
        "found": round(others.found, 4),
        "frechet": round(frechet(real.codes[:m], others.codes[:m]), 4) if m >= FEWEST else None,
        "sliced_wasserstein": {str(side): round(value, 2) for side, value in levels.items()}
        | {"mean": round(float(np.mean(list(levels.values()))), 2)},
    }
