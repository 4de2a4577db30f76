"""Who hangs where, and who is born next: counted, never timed, so that the same wall goes the same way again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from narcissus.breeding.crossing import crossed, immigrant
from narcissus.breeding.genome import Genome
from narcissus.breeding.names import Chance, named

IMMIGRANTS = 10  # one birth in so many has no parents here: else the wall becomes one family (Artbreeder's failing)
SUITORS = 4  # of so many the one who is least related to the mother becomes the father
OLD = 4  # of so many of the older half the one who is most related to all others gives way
BIRTHS_BEFORE = 16  # for each cell, before a new wall is first seen
VISITOR = -1  # integers from here down are visitors' who have joined: no birth has one
CROWD = 3  # while at most one cell in so many is a visitor's, no visitor gives way; above that, nobody else does
NUMBERS = 1 << 32  # births after which an integer would be used again: 136 years


@dataclass(frozen=True, slots=True, eq=False)
class Being:
    name: str
    mother: str  # empty: it has no parents here
    father: str
    integer: int
    genome: Genome


@dataclass(frozen=True, slots=True, eq=False)
class Birth:
    being: Being
    cell: int
    parents: tuple[int, ...] = ()  # the cells in which they hang; none: an immigrant


class Population:
    """The cells of a wall, each with its creature, and the number of the next birth."""

    def __init__(self, beings: list[Being], count: int, seed: int = 0) -> None:
        self.beings, self.count, self.seed = beings, count, seed
        self._since = [_number(being) for being in beings]  # at which birth each cell was filled last
        self._shares = [shares_of(being.genome) for being in beings]

    @classmethod
    def new(cls, cells: int, seed: int) -> "Population":
        """Immigrants, and the births that make a wall of creatures of them."""
        population = cls([newcomer(seed, number) for number in range(cells)], cells, seed)
        for _ in range(BIRTHS_BEFORE * cells):
            population.take(population.next())
        return population

    @classmethod
    def resumed(cls, beings: Mapping[int, Being], cells: int, seed: int, visitors: Sequence[str] = ()) -> "Population":
        """Those who hang there, by cell, and newcomers in empty cells. `visitors`: the longest here first."""
        count = 1 + max((_number(one) for one in beings.values()), default=-1)
        empty = [cell for cell in range(cells) if cell not in beings]
        come = {cell: newcomer(seed, count + number) for number, cell in enumerate(empty)}
        population = cls([beings.get(cell) or come[cell] for cell in range(cells)], count + len(empty), seed)
        order = {name: place - len(visitors) for place, name in enumerate(visitors)}  # before all births
        for cell, being in beings.items():
            population._since[cell] = order.get(being.name, population._since[cell])
        return population

    def next(self) -> Birth:
        """The birth of this number. It is no part of the population before it is taken."""
        chance = Chance(f"{self.seed} {self.count}", "choice")
        cell = self._oldest(chance)
        if chance.one_in(IMMIGRANTS):
            return Birth(newcomer(self.seed, self.count), cell)
        mother = self._any(chance, (cell,))
        suitors = [self._any(chance, (cell, mother)) for _ in range(SUITORS)]
        father = min(suitors, key=lambda one: kinship(self._shares[mother], self._shares[one]))
        return Birth(child(self.beings[mother], self.beings[father], self.count), cell, (mother, father))

    def take(self, birth: Birth) -> None:
        self.place(birth.being, birth.cell)
        self._since[birth.cell] = self.count
        self.count += 1

    def place(self, being: Being, cell: int) -> None:
        """It hangs there from now on; nobody was born."""
        self.beings[cell], self._shares[cell] = being, shares_of(being.genome)

    def _oldest(self, chance: Chance) -> int:
        """One of the older half, rather one of whose kin there are many; of a crowd of visitors the first."""
        born, visitors = [], []
        for cell, being in enumerate(self.beings):
            (born if being.integer > VISITOR else visitors).append(cell)
        if len(visitors) > len(self.beings) // CROWD:
            return min(visitors, key=self._since.__getitem__)
        older = sorted(born, key=self._since.__getitem__)[: max(1, len(self.beings) // 2)]
        return max({older[chance.below(len(older))]: None for _ in range(OLD)}, key=self._commonness)

    def _commonness(self, cell: int) -> float:
        """How much of it hangs elsewhere too."""
        return sum(kinship(self._shares[cell], shares) for shares in self._shares)

    def _any(self, chance: Chance, but: tuple[int, ...]) -> int:
        others = [cell for cell in range(len(self.beings)) if cell not in but]
        return others[chance.below(len(others))]


def _number(being: Being) -> int:
    """Of its birth; before all births for a visitor."""
    return being.integer % NUMBERS if being.integer > VISITOR else -1


def newcomer(seed: int, number: int) -> Being:
    integer = seed * NUMBERS + number
    return Being(named("", "", integer), "", "", integer, immigrant(integer))


def child(mother: Being, father: Being, integer: int) -> Being:
    name = named(mother.name, father.name, integer)
    return Being(name, mother.name, father.name, integer, crossed(mother.genome, father.genome, name))


def shares_of(genome: Genome) -> dict[str, float]:
    """How much of the body is whose."""
    return dict(zip(genome.founders, genome.shares().tolist(), strict=True))


def kinship(one: dict[str, float], other: dict[str, float]) -> float:
    """The share of cells that two would have from the same founder if they were drawn by lot; 0 to 1."""
    return sum(share * other.get(founder, 0.0) for founder, share in one.items())
