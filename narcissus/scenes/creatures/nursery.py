"""Births: bred, drawn and kept, one after the other, by whichever thread works for the scene."""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import time

import numpy as np

from narcissus.breeding.crossing import bereft, crossed
from narcissus.breeding.genome import Genome
from narcissus.breeding.names import Chance
from narcissus.breeding.population import VISITOR, Being, Birth, Population, newcomer
from narcissus.colony import MEMORY, Colony, Creature, visitor_name
from narcissus.colony.sealing import wipe
from narcissus.core.errors import ColonyError, NarcissusError
from narcissus.scenes.creatures.painter import Painter
from narcissus.scenes.creatures.skins import Skin, bare

SWEEP = 10.0  # seconds between two looks for visitors whose time is over
PRUNED = 64  # births after which the dead are forgotten from whom nobody descends

log = logging.getLogger("narcissus")


@dataclass(frozen=True, slots=True, eq=False)
class Newborn:
    birth: Birth
    portrait: np.ndarray  # uint8 (H, H, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Hybrid:
    """What became of a visitor and one who hung there; nothing of it is in the file before it is adopted."""

    name: str  # the visitor's, and its own, from now on
    genome: Genome  # the visitor is one of its founders
    mate: str  # the name of the other one
    portrait: np.ndarray  # uint8 (H, H, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One who is drawn anew, because somebody it descends from was deleted, or who hangs where nobody did."""

    was: str  # the name
    cell: int
    being: Being  # who hangs there from now on
    portrait: np.ndarray  # uint8 (H, H, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What a look has found. Also whoever has given way in the population, and hangs yet, may have been one of them."""

    gone: frozenset[str] = frozenset()  # names of visitors who have been deleted
    anew: tuple[Change, ...] = ()


NOTHING = Changes()
NEVER = (-1, -1)  # no version of a file


class Nursery:
    """Not for two threads at a time."""

    def __init__(
        self, generator, colony: Colony, cells: int, seed: int, *, skin: Skin = bare, clock: Callable[[], float] = time
    ) -> None:
        """Takes up the wall that the colony holds, or begins one. Raises ColonyError, DrawingError."""
        self._painter, self._clock, self._behind = Painter(generator, skin), clock, False  # births have not been kept
        self._painter.prepare()
        self.colony, self._swept = colony, -math.inf
        colony.expire(self._clock())
        colony.heal()
        self._visitors = {visitor.name: visitor.latent for visitor in colony.visitors()}
        self._seen = colony.version()
        self.population = self._taken_up(cells, seed)

    def portraits(self) -> list[np.ndarray]:
        """Of all who hang there."""
        return [self.portrait(being) for being in self.population.beings]

    def portrait(self, being: Being) -> np.ndarray:
        """uint8 (H, H, 3). Raises DrawingError."""
        return self._painter.portrait(being.name, being.genome, self._visitors)

    def bear(self) -> Newborn:
        """The next birth; once this returns it is in the file. Raises DrawingError."""
        birth = self.population.next()
        portrait = self.portrait(birth.being)
        self._carefully(lambda: self.colony.born(Creature.of(birth.being, birth.cell, self._clock())))
        self.population.take(birth)
        if self.population.count % PRUNED == 0:
            self._carefully(self.colony.prune)
        return Newborn(birth, portrait)

    def hybrid(self, latent: np.ndarray, seed: int) -> Hybrid:
        """A visitor's latent float32 (L,) crossed with one who hangs there, chosen by the seed. Raises DrawingError."""
        chance = Chance(f"visitor {seed}", "mate")
        mate = self.population.beings[chance.below(len(self.population.beings))]
        name = visitor_name(seed)
        genome = crossed(Genome.of(name), mate.genome, f"visitor {seed}")
        return Hybrid(name, genome, mate.name, self._painter.portrait(name, genome, {**self._visitors, name: latent}))

    def adopt(
        self, hybrid: Hybrid, latent: np.ndarray, attributes: dict, seed: int, code: str, until: float
    ) -> Newborn:
        """Keep a visitor on the wall until the code, or the hour, deletes it.

        Raises ColonyError, DrawingError: then nobody is kept.
        """
        name = self.colony.join(latent, attributes, seed, code, until, name=hybrid.name)
        self._visitors[name] = latent.copy()
        try:
            mate = "" if self.colony.creature(hybrid.mate) is None else hybrid.mate
            being = Being(name, "", mate, VISITOR - seed, self._without_the_gone(hybrid.genome, name))
            newborn = Newborn(Birth(being, self.population.next().cell), self.portrait(being))
            self.colony.born(Creature.of(being, newborn.birth.cell, self._clock()))
        except NarcissusError:
            wipe(self._visitors.pop(name))
            self.colony.remove(name)
            raise
        self.population.take(newborn.birth)
        self._seen = self.colony.version()
        return newborn

    def _without_the_gone(self, genome: Genome, name: str) -> Genome:
        """Of whoever was deleted while the hybrid was only shown it has nothing either."""
        for founder in genome.founders:
            if not founder.startswith("#") and founder not in self._visitors:
                genome = bereft(genome, founder, name)
        return genome

    def look(self) -> Changes:
        """What another process, the code or the hour has changed in the file since the last look.

        The latents of whoever is gone are overwritten. Raises DrawingError.
        """
        changes = NOTHING

        def looked() -> None:
            nonlocal changes
            self._sweep()
            version = self.colony.version()
            if version != self._seen:
                changes, self._seen = self.refresh(), version

        self._carefully(looked)
        return changes

    def rest(self) -> Changes:
        """Look, and hold no latent until the next look: nobody sees the wall meanwhile. Raises DrawingError."""
        self._swept = -math.inf
        try:
            return self.look()
        finally:
            for latent in self._visitors.values():
                wipe(latent)
            self._seen = NEVER

    def leave(self) -> Changes:
        """The wall does not come back; one in memory takes its visitors with it. Raises DrawingError."""
        if self.colony.path == MEMORY:
            self._carefully(self.colony.expire)
        return self.rest()

    def refresh(self) -> Changes:
        """Take up what the file says. Raises ColonyError, DrawingError."""
        kept = {visitor.name: visitor.latent for visitor in self.colony.visitors()}
        gone = frozenset(self._visitors.keys() - kept.keys())
        for latent in self._visitors.values():
            wipe(latent)
        self._visitors.update(kept)
        for name in gone:
            self.colony.remove(name)  # whoever was born since the deletion may have something from it
        for name in gone:  # not before all of it is done: where it fails, the next look finds them again
            del self._visitors[name]
        changed = [(cell, being) for cell, being in enumerate(self.population.beings) if concerns(being, gone)]
        return Changes(gone, tuple(self._replaced(cell, being, gone) for cell, being in changed))

    def _sweep(self) -> None:
        """Delete those whose time is over, now and then."""
        now = self._clock()
        if not 0 <= now - self._swept < SWEEP:
            self._swept = now
            self.colony.expire(now)

    def _replaced(self, cell: int, being: Being, gone: frozenset[str]) -> Change:
        """A newcomer where a visitor hung; an heir without what it had from one."""
        if being.name in gone:
            birth = Birth(newcomer(self.population.seed, self.population.count), cell)
            self._carefully(lambda: self.colony.born(Creature.of(birth.being, cell, self._clock())))
            self.population.take(birth)
        else:
            genome = being.genome
            for visitor in gone.intersection(genome.founders):
                genome = bereft(genome, visitor, being.name)
            mother, father = ("" if parent in gone else parent for parent in (being.mother, being.father))
            self.population.place(replace(being, mother=mother, father=father, genome=genome), cell)
        placed = self.population.beings[cell]
        return Change(being.name, cell, placed, self.portrait(placed))

    def _taken_up(self, cells: int, seed: int) -> Population:
        self.colony.shrink(cells)
        alive: dict[int, Being] = {one.cell: one for one in self.colony.alive()}
        came = tuple(self._visitors)
        population = Population.resumed(alive, cells, seed, came) if alive else Population.new(cells, seed)
        new = [
            Creature.of(being, cell, self._clock()) for cell, being in enumerate(population.beings) if cell not in alive
        ]
        self._carefully(lambda: self.colony.settle(new))
        return population

    def _carefully(self, write: Callable[[], object]) -> None:
        """A full disk is no reason for the wall to stand still: it lives on, and is kept again when it can be."""
        try:
            if self._behind:
                self._catch_up()
            write()
        except ColonyError as fault:
            if not self._behind:
                log.warning("%s. Until then this wall is in memory alone.", fault)
            self._behind = True

    def _catch_up(self) -> None:
        """Write down who hangs there, but for whoever was deleted meanwhile and all that descends from them."""
        gone = frozenset(self._visitors.keys() - self.colony.visitor_names())
        staying = [(cell, being) for cell, being in enumerate(self.population.beings) if not concerns(being, gone)]
        born, now = {one.name: one.born for one in self.colony.alive()}, self._clock()
        self.colony.settle([Creature.of(being, cell, born.get(being.name, now)) for cell, being in staying])
        self._behind = False
        log.info("%s: the wall is kept again", self.colony.path)


def concerns(being: Being, gone: frozenset[str]) -> bool:
    """Whether it is one of these visitors, or has something from one."""
    return being.name in gone or not gone.isdisjoint(being.genome.founders)
