"""A child of two: crossing by a mask of cells or by groups of channels, and mutation, all as its name decides.

Masks keep left and right alike more often than not, and what mutates is whole rows or mirrored columns: a body that has
a symmetry of its own is a creature, and one that has none is only a broken face.
"""

from collections.abc import Callable

import numpy as np

from narcissus.breeding.genome import BELOW, GROUPS, MOST_FOUNDERS, SIDE, Genome
from narcissus.breeding.names import Chance

BY_CHANNEL = 10  # one child in so many has channels of both parents everywhere, instead of cells
LEAST, MOST = 20, 44  # cells of 64 that come from the father: both parents are to be seen
MUTANTS = 4  # one child in so many has a row, or a pair of columns, where neither parent has any
HEALED = 6  # one child in so many has every cell in its place again
FINENESS = (0, 0, 0, 1, 1, 2)  # the level down to which is crossed: the finer, the harder the edge

ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE]
OUTWARD = np.abs(2 * COLUMNS - SIDE + 1) // 2  # 0 in the two middle columns, 3 in the outermost
RADIUS = (2 * ROWS - SIDE + 1) ** 2 + (2 * COLUMNS - SIDE + 1) ** 2  # of a cell from the middle, squared, in half cells


def immigrant(integer: int) -> Genome:
    """Somebody from elsewhere, whose body is not in its usual order either."""
    whole, chance = Genome.of(f"#{integer}"), Chance(f"#{integer}", "body")
    return Genome(whole.founders, whole.alleles, _changed(whole.sources, chance))


def crossed(mother: Genome, father: Genome, name: str) -> Genome:
    """The genome of the child of this name: the same wherever and whenever it is asked for."""
    chance = Chance(name, "crossing")
    founders, mapping = _joined(mother.founders, father.founders)
    fathers = np.where(father.alleles == BELOW, BELOW, mapping[father.alleles % BELOW])
    if chance.one_in(BY_CHANNEL):
        from_father = np.zeros((SIDE, SIDE, GROUPS), bool)
        from_father[..., chance.below(GROUPS)] = from_father[..., chance.below(GROUPS)] = True
        sources = mother.sources
    else:
        mask = a_mask(chance)
        from_father = np.repeat(mask[..., None], GROUPS, axis=2)
        sources = np.where(mask, father.sources, mother.sources)
    alleles = np.where(from_father, fathers, mother.alleles).astype(np.uint8)
    _sharpen(alleles, from_father, FINENESS[chance.below(len(FINENESS))])
    return _thinned(founders, alleles, mutated(sources, chance))


def bereft(genome: Genome, visitor: str, name: str) -> Genome:
    """The genome of the creature of this name after a visitor was deleted: an immigrant takes the visitor's place."""
    return genome.without(visitor, f"#{Chance(name, 'instead').below(1 << 32)}")


def a_mask(chance: Chance) -> np.ndarray:
    """bool (SIDE, SIDE): the cells that come from the father, LEAST to MOST of them."""
    while True:
        mask = MASKS[chance.below(len(MASKS))](chance)
        if chance.one_in(2):
            mask = ~mask
        if LEAST <= np.count_nonzero(mask) <= MOST:
            return mask


def _band(chance: Chance) -> np.ndarray:
    """Brow, eyes, mouth or chin: rows from one to another."""
    first, last = sorted((chance.below(SIDE + 1), chance.below(SIDE + 1)))
    return (first <= ROWS) & (last > ROWS)


def _half(chance: Chance) -> np.ndarray:
    return chance.below(3) + 3 <= COLUMNS


def _disc(chance: Chance) -> np.ndarray:
    return 16 + chance.below(20) >= RADIUS


def _pillar(chance: Chance) -> np.ndarray:
    return chance.below(3) >= OUTWARD


def _lozenge(chance: Chance) -> np.ndarray:
    return OUTWARD + np.abs(ROWS - 2 - chance.below(4)) <= 2 + chance.below(2)


Mask = Callable[[Chance], np.ndarray]
OFTEN = {_band: 6, _disc: 4, _lozenge: 4, _pillar: 2, _half: 1}  # a half alone is not the same on both sides
MASKS: tuple[Mask, ...] = tuple(mask for mask, often in OFTEN.items() for _ in range(often))


def mutated(sources: np.ndarray, chance: Chance) -> np.ndarray:
    """Where cells are taken from, uint8 (SIDE, SIDE): healed, changed in one place, or as it was."""
    if chance.one_in(HEALED):
        return np.arange(SIDE * SIDE, dtype=np.uint8).reshape(SIDE, SIDE)
    return _changed(sources, chance) if chance.one_in(MUTANTS) else sources.astype(np.uint8)


def _changed(sources: np.ndarray, chance: Chance) -> np.ndarray:
    return CHANGES[chance.below(len(CHANGES))](sources, chance).astype(np.uint8)


def _doubled(sources: np.ndarray, chance: Chance) -> np.ndarray:
    """Two rows once more, above or below: four eyes, two mouths."""
    changed, here, there = sources.copy(), chance.below(SIDE - 1), chance.below(SIDE - 1)
    changed[here : here + 2] = sources[there : there + 2]
    return changed


def _risen(sources: np.ndarray, chance: Chance) -> np.ndarray:
    """All rows higher or lower, what leaves at one end coming in at the other."""
    return np.roll(sources, chance.below(SIDE), axis=0)


def _mirrored(sources: np.ndarray, chance: Chance) -> np.ndarray:
    """One half is the other's mirror image."""
    half = sources[:, : SIDE // 2] if chance.one_in(2) else sources[:, : SIDE // 2 - 1 : -1]
    return np.hstack([half, half[:, ::-1]])


def _beside(sources: np.ndarray, chance: Chance) -> np.ndarray:
    """A pair of columns is another pair, left and right alike."""
    changed, here, there = sources.copy(), chance.below(SIDE // 2), chance.below(SIDE // 2)
    changed[:, here], changed[:, SIDE - 1 - here] = sources[:, there], sources[:, SIDE - 1 - there]
    return changed


def _turned(sources: np.ndarray, chance: Chance) -> np.ndarray:
    """The lower half is the upper one upside down, as on a playing card; or the other way round."""
    half = sources[: SIDE // 2] if chance.one_in(2) else sources[: SIDE // 2 - 1 : -1]
    return np.vstack([half, half[::-1, ::-1]])


CHANGES = (_doubled, _doubled, _mirrored, _mirrored, _risen, _beside, _turned)


def _joined(mothers: tuple[str, ...], fathers: tuple[str, ...]) -> tuple[tuple[str, ...], np.ndarray]:
    """All founders, the mother's first, and the number that each of the father's has among them."""
    both = tuple(dict.fromkeys((*mothers, *fathers)))
    return both, np.array([both.index(founder) for founder in fathers])


def _sharpen(alleles: np.ndarray, from_father: np.ndarray, level: int) -> None:
    """Cross at a finer level too: there the father's founders draw their own features again, with a harder edge."""
    for finer in range(1, level + 1):
        alleles[finer][from_father] = alleles[0][from_father]


def _thinned(founders: tuple[str, ...], alleles: np.ndarray, sources: np.ndarray) -> Genome:
    """Without founders who have nothing left; of more than MOST_FOUNDERS the smallest give way to the largest."""
    counts = np.bincount(alleles[0].ravel(), minlength=len(founders))
    kept = sorted(np.argsort(-counts, kind="stable")[:MOST_FOUNDERS].tolist())
    kept = [number for number in kept if counts[number] > 0]
    largest = kept.index(int(np.argmax(counts)))
    numbers = np.full(256, largest, np.uint8)
    numbers[kept] = np.arange(len(kept))
    numbers[BELOW] = BELOW
    return Genome(tuple(founders[number] for number in kept), numbers[alleles], sources)
