"""The creatures that hang on a wall, and those they descend from, kept in one SQLite file that no crash can tear.

What is in it: names, genomes, parents; of a visitor who joined, the latent (sealed), the attributes, a seed and a slow
hash of the code that deletes it all. No pixel and no landmark.

    colony = Colony(path)                                    raises ColonyError where it cannot be opened
    colony.born(creature)                                    one birth, whole or not at all
    name = colony.join(latent, attributes, seed, code)       a visitor; kept until it is deleted or expires
    Colony(Snapshot(path))                                   what is there, in memory: the file stays as it is
    colony.delete(code)                                      True: gone, from the file, its journal and the descendants
"""

from narcissus.colony.colony import MEMORY, Colony, Creature, Relative, Visitor, visitor_name
from narcissus.colony.tables import Snapshot

__all__ = ["MEMORY", "Colony", "Creature", "Relative", "Snapshot", "Visitor", "visitor_name"]
