"""The oracle: the best latent that a search finds when it may look at the answer. No mirror can do much better.

A viewer's own landmarks (or descriptor) are the goal, and latents are tried, drawn and seen until little is gained:
an evolution strategy with weighted recombination (Hansen and Ostermeier 2001, without the covariance) that begins at
the best of our own answer and the random faces. It is a lower bound of what the generator can reach: a longer search
would find a little more.
"""

from collections.abc import Callable

import numpy as np

from narcissus.lab.likeness.conditions import Drawn, Reflector
from narcissus.lab.likeness.identity import distances
from narcissus.lab.likeness.perception import Eye, Looks
from narcissus.lab.likeness.shape import pair_errors

POPULATION, PARENTS = 24, 6
FIRST, LAST = 0.5, 0.1  # step of the search, in units of a latent's spread
GENERATIONS = {"shape": 10, "likeness": 5}  # a descriptor costs ten times what landmarks cost
LOST = 9.0  # the cost of a picture without a face

Parts = tuple[Eye, Reflector, Drawn, Callable]  # an eye, the way from latents to pictures, random faces, progress
Unlike = Callable[[Looks, Looks], np.ndarray]  # one viewer, n pictures -> (n,)


def search(cost: Callable, starts: np.ndarray, rng: np.random.Generator, generations: int) -> np.ndarray:
    """The cheapest latent (L,) found. `cost`: latents (n, L) -> (n,); `starts` (m, L), m ≤ POPULATION, are tried
    first.
    """
    weights = np.log(PARENTS + 0.5) - np.log(np.arange(1, PARENTS + 1))
    weights /= weights.sum()
    centre = starts[0]
    best, least = starts[0], np.inf
    for step in np.geomspace(FIRST, LAST, generations):
        tried = on_sphere(centre + step * rng.standard_normal((POPULATION, len(centre))))
        if not np.isfinite(least):
            tried[: len(starts)] = starts
        costs = cost(tried)
        order = np.argsort(costs)
        if costs[order[0]] < least:
            best, least = tried[order[0]], costs[order[0]]
        centre = on_sphere(weights @ tried[order[:PARENTS]])
    final = cost(centre[None])[0]
    return centre if final < least else best


def on_sphere(latents: np.ndarray) -> np.ndarray:
    """Of length √L."""
    return (latents * np.sqrt(latents.shape[-1]) / np.linalg.norm(latents, axis=-1, keepdims=True)).astype(np.float32)


def best(viewers: Looks, ours: np.ndarray, parts: Parts, rng: np.random.Generator, unlike: Unlike, kind: str):
    """For each viewer the latent float32 (n, L) that is least `unlike`; `ours` (n, L) are the mirror's own answers."""
    eye, reflector, drawn, progress = parts
    found = []
    for i in progress(range(len(viewers))):
        viewer = viewers[i : i + 1]

        def cost(latents: np.ndarray, viewer: Looks = viewer) -> np.ndarray:
            looks = eye.look(list(reflector.pictures(latents)), described=kind == "likeness")
            return np.nan_to_num(unlike(viewer, looks), nan=LOST)

        near = np.argsort(np.nan_to_num(unlike(viewer, drawn.looks), nan=LOST))
        found.append(
            search(cost, np.concatenate([ours[i : i + 1], drawn.latents[near[: PARENTS - 1]]]), rng, GENERATIONS[kind])
        )
    return np.stack(found)


def chosen(viewers: Looks, people: np.ndarray, count: int) -> np.ndarray:
    """Indices of `count` described viewers, each of another person, evenly spread."""
    usable = np.flatnonzero(viewers.described)
    _, first = np.unique(people[usable], return_index=True)
    usable = usable[np.sort(first)]
    return (
        usable[np.unique(np.linspace(0, len(usable) - 1, min(count, len(usable))).astype(int))]
        if len(usable)
        else usable
    )


def oracle(viewers: Looks, ours: np.ndarray, people: np.ndarray, parts: Parts, count: int, seed: int):
    """(which viewers, looks at the best shapes, looks at the best likenesses); None where there are fewer than two
    viewers.

    The best shape has the nearest landmarks, the best likeness the nearest descriptor, which is ten times as slow to
    find.
    """
    which = chosen(viewers, people, count)
    if len(which) < 2:
        return None
    eye, reflector, *_ = parts
    rng = np.random.default_rng(seed)
    shape = lambda viewer, looks: pair_errors(viewer.landmarks, looks.landmarks)[0]
    person = lambda viewer, looks: distances(viewer.codes, looks.codes)[0]
    seen = []
    for kind, unlike in (("shape", shape), ("likeness", person)):
        latents = best(viewers[which], ours[which], parts, rng, unlike, kind)
        seen.append(eye.look(list(reflector.pictures(latents)), described=kind == "likeness"))
    return which, *seen
