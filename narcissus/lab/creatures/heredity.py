"""Do creatures stay various, do they take after their parents, and how human are they?

Half of them are no faces that a detector finds, so dlib's descriptor is asked with the landmarks of a mean face laid
over every picture, creatures and fresh faces alike.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np

from narcissus.breeding.genome import SIDE
from narcissus.breeding.names import Chance
from narcissus.breeding.population import Being, Birth, Population
from narcissus.networks import chimera
from narcissus.people import describe, find_portrait

SMALL = 4 * SIDE  # pixels of the pictures whose cells are compared
LIKENESS_EVERY = 10  # births between two children that are measured: the wall around them has changed

Progress = Callable[[Iterable], Iterable]


@dataclass(slots=True)
class Heredity:
    births: int = 0
    spread: float = 0.0  # mean distance of two descriptors on the wall
    fresh_spread: float = 0.0  # the same of as many faces fresh from the generator
    children: int = 0
    both_found: float = 0.0  # share of children whom, of all pairs of the wall, their two parents explain best
    one_found: float = 0.0  # share of children whose likest is a parent
    humanity: float = 0.0  # share of creatures in which a face is found
    looked_at: int = 0
    fresh_humanity: float = 0.0
    founders: float = 0.0  # that a creature has, on average
    walls: list[float] = field(default_factory=list)  # the spread of each wall that was looked at


class Studio:
    """Draws beings, each once."""

    def __init__(self, generator) -> None:
        self._seam, self._size = generator.seam, generator.latent_size
        self._drawn: dict[str, np.ndarray] = {}

    def portrait(self, being: Being) -> np.ndarray:
        """uint8 (H, H, 3)."""
        if being.name not in self._drawn:
            self._drawn[being.name] = chimera.portrait(self._seam, being.genome, self.latents(being))
        return self._drawn[being.name]

    def latents(self, being: Being) -> np.ndarray:
        """float32 (founders, L)."""
        return np.stack([Chance(founder, "latent").normals(self._size) for founder in being.genome.founders])

    def keep(self, beings: Iterable[Being]) -> None:
        """Forget all but these."""
        names = {being.name for being in beings}
        self._drawn = {name: picture for name, picture in self._drawn.items() if name in names}


def measured(generator, cells: int, births: int, walls: int, children: int, seed: int, progress: Progress) -> Heredity:
    """Breed `births` times; look at `walls` of the second half, and at so many of the last children."""
    found, studio = Heredity(births), Studio(generator)
    landmarks = mean_landmarks(generator)
    fresh = generator.render(np.random.default_rng(seed).standard_normal((cells, generator.latent_size), np.float32))
    found.fresh_spread = spread(descriptors(fresh, landmarks))
    found.fresh_humanity = humanity(fresh)
    population = Population.new(cells, seed)
    looks = set(np.linspace(births // 2, births - children * LIKENESS_EVERY, walls).astype(int).tolist())
    faces: list[float] = []
    for number in progress(range(births)):
        if number in looks:
            pictures = np.stack([studio.portrait(being) for being in population.beings])
            found.walls.append(spread(descriptors(pictures, landmarks)))
            faces.append(humanity(pictures))
            studio.keep(population.beings)
        birth = population.next()
        if births - number <= children * LIKENESS_EVERY and birth.parents and not number % LIKENESS_EVERY:
            _count_likeness(found, population, birth, studio)
        population.take(birth)
    found.spread, found.humanity = float(np.mean(found.walls)), float(np.mean(faces))
    found.looked_at = cells * len(faces)
    found.founders = float(np.mean([len(being.genome.founders) for being in population.beings]))
    return found


def _count_likeness(found: Heredity, population: Population, birth: Birth, studio: Studio) -> None:
    wall = np.stack([studio.portrait(being) for being in population.beings])
    apart = distances(studio.portrait(birth.being), wall)
    both = set(likest_pair(apart)) == set(birth.parents)
    one = int(apart.mean(axis=1).argmin()) in birth.parents
    found.children += 1
    found.both_found += (both - found.both_found) / found.children
    found.one_found += (one - found.one_found) / found.children
    studio.keep(population.beings)


def distances(child: np.ndarray, wall: np.ndarray) -> np.ndarray:
    """How unlike the child each picture of the wall uint8 (n, H, H, 3) is in each of 8x8 cells: float32 (n, cells)."""
    return np.abs(_cells(wall) - _cells(child[None])).mean(axis=2)


def likest_pair(apart: np.ndarray) -> tuple[int, int]:
    """The two of the wall by whom a child is explained best, each cell by whichever of them is nearer there."""
    together = np.minimum(apart[:, None], apart[None]).mean(axis=2)  # (n, n)
    together[np.tril_indices(len(apart))] = np.inf
    return tuple(int(number) for number in np.unravel_index(together.argmin(), together.shape))


def _cells(pictures: np.ndarray) -> np.ndarray:
    """uint8 (n, H, H, 3) -> float32 (n, SIDE², values)."""
    small = np.stack([cv2.resize(picture, (SMALL, SMALL), interpolation=cv2.INTER_AREA) for picture in pictures])
    each = SMALL // SIDE
    parts = small.reshape(len(small), SIDE, each, SIDE, each, 3).transpose(0, 1, 3, 2, 4, 5)
    return parts.reshape(len(small), SIDE * SIDE, -1).astype(np.float32)


def mean_landmarks(generator, count: int = 16) -> np.ndarray:
    """float32 (68, 2): where the landmarks of the generator's faces lie, on average."""
    faces = generator.render(np.random.default_rng(0).standard_normal((count, generator.latent_size), np.float32))
    seen = [found.landmarks for face in faces if (found := find_portrait(face)) is not None]
    return np.mean(seen, axis=0)


def descriptors(pictures: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """float32 (n, 128)."""
    return np.stack([describe(picture, landmarks) for picture in pictures])


def spread(codes: np.ndarray) -> float:
    """The mean distance of two of them."""
    distances = np.linalg.norm(codes[:, None] - codes[None], axis=2)
    return float(distances[np.triu_indices(len(codes), 1)].mean())


def humanity(pictures: np.ndarray) -> float:
    return float(np.mean([find_portrait(picture) is not None for picture in pictures]))
