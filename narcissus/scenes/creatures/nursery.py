"""Births: bred, drawn and kept, one after the other, by whichever thread works for the scene."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import time

import numpy as np

from narcissus.breeding.names import Chance
from narcissus.breeding.population import Being, Birth, Population
from narcissus.colony import Colony, Creature
from narcissus.core.errors import ColonyError
from narcissus.networks import chimera

PRUNED = 64  # births after which the dead are forgotten from whom nobody descends

log = logging.getLogger("narcissus")


@dataclass(frozen=True, slots=True, eq=False)
class Newborn:
    birth: Birth
    portrait: np.ndarray  # uint8 (H, H, 3)


class Nursery:
    """Not for two threads at a time."""

    def __init__(self, generator, colony: Colony, cells: int, seed: int, clock: Callable[[], float] = time) -> None:
        """Takes up the wall that the colony holds, or begins one. Raises ColonyError."""
        self._seam, self._latent_size, self._clock = generator.seam, generator.latent_size, clock
        self.colony = colony
        self._visitors = {visitor.name: visitor.latent for visitor in colony.visitors()}
        self.population = self._taken_up(cells, seed)

    def portraits(self) -> list[np.ndarray]:
        """Of all who hang there."""
        return [self.portrait(being) for being in self.population.beings]

    def portrait(self, being: Being) -> np.ndarray:
        """uint8 (H, H, 3). Raises DrawingError."""
        latents = np.stack([self._latent(founder) for founder in being.genome.founders])
        return chimera.portrait(self._seam, being.genome, latents)

    def bear(self) -> Newborn:
        """The next birth; once this returns it is in the file. Raises DrawingError."""
        birth = self.population.next()
        portrait = self.portrait(birth.being)
        self._carefully(lambda: self.colony.born(Creature.of(birth.being, birth.cell, self._clock())))
        self.population.take(birth)
        if self.population.count % PRUNED == 0:
            self._carefully(self.colony.prune)
        return Newborn(birth, portrait)

    def _latent(self, founder: str) -> np.ndarray:
        """float32 (L,) of an immigrant, by the integer in its name, or of a visitor who has joined."""
        if founder.startswith("#"):
            return Chance(founder, "latent").normals(self._latent_size)
        return self._visitors[founder]

    def _taken_up(self, cells: int, seed: int) -> Population:
        self.colony.shrink(cells)
        hung: dict[int, Being] = {one.cell: one for one in self.colony.alive()}
        population = Population.resumed(hung, cells, seed) if hung else Population.new(cells, seed)
        new = [
            Creature.of(being, cell, self._clock()) for cell, being in enumerate(population.beings) if cell not in hung
        ]
        self._carefully(lambda: self.colony.settle(new))
        return population

    def _carefully(self, write: Callable[[], object]) -> None:
        """A full disk is no reason for the wall to stand still: from then on it is kept in memory alone."""
        try:
            write()
        except ColonyError as fault:
            log.warning("%s. From now on this wall is in memory alone.", fault)
            self.colony = Colony()
