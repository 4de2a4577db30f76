"""Films of viewers -> the figures of motion: stillness, speed of arrival, amplitude kept."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from narcissus.attributes import Guesses
from narcissus.likeness import film
from narcissus.likeness.bootstrap import Figure
from narcissus.likeness.conditions import Reflector
from narcissus.likeness.progress import counted
from narcissus.portrait import portray

LONGEST = 200  # frames of a film that are played


def perform(paths: list[str], scene: Callable, inverter, reflector: Reflector, seed: int) -> dict[str, Figure | dict]:
    """`scene` makes a fresh Mirror. Each film is played, and gives one still: a frame from its middle with a viewer."""
    rng = np.random.default_rng(seed)
    stills, each = [], {"still_degrees": [], "t90_ms": [], "amplitude_mouth": [], "amplitude_eyes": []}
    for path in counted("films: playing", len(paths), "film")(paths):
        frames = [frame for _, frame in zip(range(LONGEST), film.frames_of(path), strict=False)]
        played = list(film.run(scene(), iter(frames)))
        still = followed(played)
        if still is not None:
            stills.append(still)
        each["still_degrees"].append(None if still is None else film.still_degrees(scene(), still, rng))
        for name, value in film.amplitude(played, Direct(inverter), reflector.pictures).items():
            each[f"amplitude_{name}"].append(value)
    if len(stills) > 1:
        hand_overs = zip(stills, stills[1:] + stills[:1], strict=True)
        bar = counted("films: changing viewers", len(stills), "change")
        each["t90_ms"] = [film.t90(scene(), before, after, rng) for before, after in bar(hand_overs)]
    names = [Path(path).name for path in paths]
    return {name: film.over_films(values) for name, values in each.items()} | {"each": {"films": names, **each}}


def followed(played: list) -> np.ndarray | None:
    """The image nearest the film's middle in which somebody was followed; None where nobody ever was."""
    seen = [i for i, (observation, _) in enumerate(played) if observation.viewer is not None]
    return played[min(seen, key=lambda i: abs(i - len(played) // 2))][0].frame.image if seen else None


class Direct:
    """The unsmoothed way from an observation to a latent: this frame's landmarks alone; the fill of the first one is
    kept.
    """

    def __init__(self, inverter) -> None:
        self._inverter = inverter
        self._fill: np.ndarray | None = None

    def __call__(self, observation) -> np.ndarray:
        row = portray(observation.frame.image, observation.viewer.landmarks, guessed(observation.guesses))[None]
        explained, _ = self._inverter.explain(row)
        if self._fill is None:
            self._fill = self._inverter.fill(row)
        return self._inverter.compose(explained, self._fill)[0]


def guessed(named: dict[str, float] | None) -> Guesses | None:
    """An observation's guesses as a portrait wants them."""
    if named is None:
        return None
    expression = {name: value for name, value in named.items() if name not in ("age", "female")}
    return Guesses(named["age"], 0.0, named["female"], expression)
