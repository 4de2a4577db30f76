"""What a creature inherits: for every cell of an 8x8 body, whose features stand there and from where they are taken.

No number is ever mixed with another: an allele names one founder, an immigrant or a visitor whose own latent draws its
features. So a genome is small and exact, and who is taken out of it has left nothing behind.
"""

from dataclasses import dataclass

import numpy as np

SIDE = 8  # cells across a body: one for each pixel of the network's maps at 8 px
LEVELS = 3  # at 8, 16 and 32 px
GROUPS = 4  # of channels
MOST_FOUNDERS = 4  # each costs the first blocks of the network when the creature is drawn
BELOW = 255  # an allele: what the level below has made of it, no founder's own


@dataclass(frozen=True, slots=True, eq=False)
class Genome:
    founders: tuple[str, ...]  # "#7" is the immigrant of the integer 7, anything else a visitor's name
    alleles: np.ndarray  # uint8 (LEVELS, SIDE, SIDE, GROUPS): the number of a founder, or above 8 px BELOW
    sources: np.ndarray  # uint8 (SIDE, SIDE): which of the founder's cells stands here, row · SIDE + column

    @classmethod
    def of(cls, founder: str) -> "Genome":
        """Somebody with no parents."""
        alleles = np.full((LEVELS, SIDE, SIDE, GROUPS), BELOW, np.uint8)
        alleles[0] = 0
        return cls((founder,), alleles, np.arange(SIDE * SIDE, dtype=np.uint8).reshape(SIDE, SIDE))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Genome":
        """Raises ValueError where the bytes are no genome."""
        names, _, rest = data.partition(b"\0")
        founders = tuple(names.decode().split(" "))
        cells = np.frombuffer(rest, np.uint8)
        if len(cells) != (LEVELS * GROUPS + 1) * SIDE * SIDE:
            raise ValueError("these bytes are no genome")
        alleles = cells[: -SIDE * SIDE].reshape(LEVELS, SIDE, SIDE, GROUPS)
        sources = cells[-SIDE * SIDE :].reshape(SIDE, SIDE)
        known = (alleles < len(founders)) | (alleles == BELOW)
        if not known.all() or (alleles[0] == BELOW).any() or sources.max() >= SIDE * SIDE:
            raise ValueError("these bytes name founders or cells that are not there")
        return cls(founders, alleles, sources)

    def to_bytes(self) -> bytes:
        return " ".join(self.founders).encode() + b"\0" + self.alleles.tobytes() + self.sources.tobytes()

    def without(self, founder: str, instead: str) -> "Genome":
        """The same with `instead` wherever `founder` was."""
        return Genome(tuple(instead if one == founder else one for one in self.founders), self.alleles, self.sources)

    def shares(self) -> np.ndarray:
        """float64 (founders,): how much of the body at 8 px is whose; 1 in all."""
        counts = np.bincount(self.alleles[0].ravel(), minlength=len(self.founders))
        return counts / self.alleles[0].size
