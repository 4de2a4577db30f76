"""Films of viewers -> the figures of motion: stillness, speed of arrival, amplitude kept."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from narcissus.likeness import film
from narcissus.likeness.bootstrap import Figure
from narcissus.likeness.progress import counted
from narcissus.portrait import portray
from narcissus.types import Frame

LONGEST = 300  # frames of a film that are played


def perform(paths: list[str], scene: Callable, inverter, generator, seed: int) -> dict[str, Figure | list]:
    """`scene` makes a fresh Mirror. Each film gives one still (a frame from its middle that holds a face) and is
    played.
    """
    rng = np.random.default_rng(seed)
    stills, degrees, waits, kept = [], [], [], {"mouth": [], "eyes": []}
    for path in counted("films: playing", len(paths), "film")(paths):
        frames = [frame for _, frame in zip(range(LONGEST), film.frames_of(path), strict=False)]
        still = followed(scene(), frames)
        if still is not None:
            stills.append(still)
            degrees.append(film.still_degrees(scene(), still, rng))
        spans = film.amplitude(scene(), Direct(inverter), generator.render, frames)
        for name, value in spans.items():
            kept[name].append(value)
    for before, after in zip(stills, stills[1:] + stills[:1], strict=True):
        if len(stills) > 1:
            waits.append(film.t90(scene(), before, after, rng))
    return {
        "still_degrees": film.over_films(degrees),
        "t90_ms": film.over_films(waits),
        "amplitude_mouth": film.over_films(kept["mouth"]),
        "amplitude_eyes": film.over_films(kept["eyes"]),
        "names": [Path(path).name for path in paths],
        "each": {"still_degrees": degrees, "t90_ms": waits, **kept},
    }


def followed(scene, frames: list[Frame]) -> np.ndarray | None:
    """The frame nearest the film's middle in which the mirror itself follows somebody; None where it never does."""
    seen = [i for i, (observation, _) in enumerate(film.run(scene, iter(frames))) if observation.viewer is not None]
    return frames[min(seen, key=lambda i: abs(i - len(frames) // 2))].image if seen else None


class Direct:
    """The unsmoothed way from an observation to a latent: this frame's landmarks alone; the fill of the first one is
    kept.
    """

    def __init__(self, inverter) -> None:
        self._inverter = inverter
        self._fill: np.ndarray | None = None

    def __call__(self, observation) -> np.ndarray:
        row = portray(observation.frame.image, observation.viewer.landmarks)[None]
        explained, _ = self._inverter.explain(row)
        if self._fill is None:
            self._fill = self._inverter.fill(row)
        return self._inverter.compose(explained, self._fill)[0]
