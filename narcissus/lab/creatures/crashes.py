"""kill -9 while the wall breeds, again and again: does it come back whole?"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from narcissus.breeding.population import NUMBERS, Population
from narcissus.colony import Colony, Creature

LONGEST = 0.12  # seconds after which a process is killed at the latest; it has some 500 births in them
PRUNED = 16  # births between two prunings: these are to be hit too


@dataclass(slots=True)
class Crashes:
    kills: int = 0
    whole: int = 0  # times that the wall came back with a creature in every cell, and the file sound
    lost: int = 0  # births that had been told and were not there: must stay 0
    births: int = 0


def killed(path: Path, kills: int, cells: int, seed: int, progress: Callable[[Iterable], Iterable]) -> Crashes:
    """Breed in a process of its own, kill it after a random while, look at what it left; `kills` times.

    The processes only write: nothing is drawn, so that as many births as can be are under way.
    """
    found, chance, told = Crashes(), random.Random(seed), -1
    with Colony(path) as colony:
        population = Population.new(cells, seed)
        colony.settle([Creature.of(being, cell) for cell, being in enumerate(population.beings)])
    for _ in progress(range(kills)):
        numbers = _one(path, cells, chance.uniform(0.0, LONGEST))
        whole, last = _looked_at(path, cells)
        told = max([told, *numbers])
        found.kills += 1
        found.births += len(numbers)
        found.whole += whole
        found.lost += max(0, told - last)
    return found


def _one(path: Path, cells: int, seconds: float) -> list[int]:
    """Fork, breed, kill; the numbers of the births that the process told of."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _breed(path, cells, writing)
    os.close(writing)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as said:
        told = said.read()
    return [int.from_bytes(told[at : at + 8], "big") for at in range(0, len(told) - 7, 8)]


def _breed(path: Path, cells: int, writing: int) -> None:
    """Never returns. Tells each birth's number once the file is said to hold it."""
    try:
        with Colony(path) as colony:
            population = Population.resumed({one.cell: one for one in colony.alive()}, cells, 0)
            while True:
                birth = population.next()
                colony.born(Creature.of(birth.being, birth.cell))
                os.write(writing, population.count.to_bytes(8, "big"))
                population.take(birth)
                if population.count % PRUNED == 0:
                    colony.prune()
    finally:
        os._exit(1)


def _looked_at(path: Path, cells: int) -> tuple[bool, int]:
    """Whether the wall is whole, and the number of its newest creature."""
    with Colony(path) as colony:
        alive = colony.alive()
        whole = colony.sound() and [one.cell for one in alive] == list(range(cells))
        return whole, max(one.integer % NUMBERS for one in alive)
