"""A genome -> a portrait, by whoever has the generator: the wall's nursery, and the page in its own process."""

import numpy as np

from narcissus.breeding.genome import Genome
from narcissus.breeding.names import Chance
from narcissus.colony.sealing import wipe
from narcissus.networks import chimera
from narcissus.scenes.creatures.skins import Skin, bare


class Painter:
    def __init__(self, generator, skin: Skin = bare) -> None:
        self._seam, self._latent_size, self._skin = generator.seam, generator.latent_size, skin

    def prepare(self) -> None:
        """Compile now what portraits need. Raises DrawingError."""
        chimera.prepare(self._seam, self._latent_size)

    def portrait(self, name: str, genome: Genome, visitors: dict[str, np.ndarray]) -> np.ndarray:
        """uint8 (H, H, 3). `visitors`: name -> latent float32 (L,), of all who joined. Raises DrawingError."""
        latents = np.stack([self._latent(founder, visitors) for founder in genome.founders])
        portrait = chimera.portrait(self._seam, genome, latents)
        if visitors:
            wipe(latents)
        return self._skin(name, portrait)

    def _latent(self, founder: str, visitors: dict[str, np.ndarray]) -> np.ndarray:
        """float32 (L,) of an immigrant, by the integer in its name, or of a visitor who has joined."""
        return visitors[founder] if founder in visitors else Chance(founder, "latent").normals(self._latent_size)
