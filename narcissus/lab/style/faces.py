"""Do faces stay faces under a filter: are they still found, and where are their landmarks?"""

from dataclasses import dataclass

import cv2
import numpy as np

from narcissus.core.files import HOME
from narcissus.networks.pggan import Generator
from narcissus.people.models import interocular
from narcissus.people.portrait import find_portrait

GENERATOR = HOME / "models" / "pg_gan" / "narcissus-128.npz"
DRAWN = 40
SIDE = 256  # pixels


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    pictures: np.ndarray  # uint8 (n, S, S, 3) RGB, each with a face
    landmarks: np.ndarray  # float32 (n, 68, 2), pixels


def drawn(count: int = DRAWN, seed: int = 5) -> Found:
    """Faces that the generator draws, enlarged."""
    generator = Generator.load(GENERATOR)
    latents = np.random.default_rng(seed).standard_normal((count, generator.latent_size)).astype(np.float32)
    return looked_at(
        [cv2.resize(face, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) for face in generator.render(latents)]
    )


def looked_at(pictures: list[np.ndarray]) -> Found:
    """Those of the pictures, all of one size, in which there is a face."""
    seen = [(picture, find_portrait(picture)) for picture in pictures]
    kept = [(picture, face.landmarks) for picture, face in seen if face is not None]
    return Found(np.stack([picture for picture, _ in kept]), np.stack([landmarks for _, landmarks in kept]))


def kept(given: Found, painted: np.ndarray) -> tuple[float, float]:
    """Share of the faces still found in uint8 (n, S, S, 3), and the mean distance of their landmarks over that of the
    eyes; 1 where none is found."""
    after = [find_portrait(picture) for picture in painted]
    drifts = [
        np.linalg.norm(face.landmarks - before, axis=1).mean() / interocular(before)
        for before, face in zip(given.landmarks, after, strict=True)
        if face is not None
    ]
    return len(drifts) / len(after), float(np.mean(drifts)) if drifts else 1.0
