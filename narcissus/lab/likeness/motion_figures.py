"""Films of viewers -> the figures of motion: residual movement, time to 90 %, amplitude kept, stability of identity."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from narcissus.features.portrait import portray
from narcissus.lab.likeness import film
from narcissus.lab.likeness.bootstrap import Figure
from narcissus.lab.likeness.clip_figures import figures
from narcissus.lab.likeness.clips import read, sharpness
from narcissus.lab.likeness.conditions import Reflector
from narcissus.lab.likeness.progress import counted
from narcissus.networks.attributes import Guesses
from narcissus.scenes.mirror.seen import Seen
from narcissus.sources.lockstep import every_frame

LONGEST = 200  # frames of a film that are played
SETTLED = 12  # frames from which a viewer's fill is made


def measure_clips(paths: list[str], scene: Callable, guess: Callable, drawn: tuple[np.ndarray, np.ndarray]) -> dict:
    """Stability of identity and guesses, correlation and lag: as `clip_figures.figures`. `scene` makes a Mirror.

    `drawn`: random faces uint8 (n, R, R, 3) of the same generator and their descriptors (n, 128).
    """
    paths_with_progress = counted("films: watching", len(paths), "film")(paths)
    clips = [read(scene(), every_frame(Path(path)), guess, every=2) for path in paths_with_progress]
    pictures, codes = drawn
    sharp = float(np.mean([sharpness(picture) for picture in pictures]))
    return figures(clips, [Path(path).name for path in paths], codes, sharp)


def measure_motion(
    paths: list[str], scene: Callable, inverter, reflector: Reflector, seed: int
) -> dict[str, Figure | dict]:
    """`scene` makes a fresh Mirror. Each film is played, and gives one still: a frame from its middle with a viewer."""
    rng = np.random.default_rng(seed)
    stills, each = [], {"still_degrees": [], "t90_ms": [], "amplitude_mouth": [], "amplitude_eyes": []}
    for path in counted("films: playing", len(paths), "film")(paths):
        frames = [frame for _, frame in zip(range(LONGEST), every_frame(Path(path)), strict=False)]
        played = list(film.run(scene(), iter(frames)))
        still = followed(played)
        if still is not None:
            stills.append(still)
        each["still_degrees"].append(None if still is None else film.still_degrees(scene(), still, rng))
        direct = lambda observations: reflector.pictures(unsmoothed(observations, inverter, reflector.exaggeration))
        for name, value in film.amplitude(played, direct).items():
            each[f"amplitude_{name}"].append(value)
    if len(stills) > 1:
        hand_overs = zip(stills, stills[1:] + stills[:1], strict=True)
        bar = counted("films: changing viewers", len(stills), "change")
        each["t90_ms"] = [film.t90(scene(), before, after, rng) for before, after in bar(hand_overs)]
    moved = {
        name: film.kept(values) if name.startswith("amplitude") else film.over_films(values)
        for name, values in each.items()
    }
    return moved | {"each": {"films": [Path(path).name for path in paths], **each}}


def followed(played: list) -> np.ndarray | None:
    """The image nearest the film's middle in which somebody was followed; None where nobody ever was."""
    seen = [i for i, (observation, _) in enumerate(played) if observation.viewer is not None]
    return played[min(seen, key=lambda i: abs(i - len(played) // 2))][0].frame.image if seen else None


def unsmoothed(observations: list[Seen], inverter, exaggeration: float) -> np.ndarray:
    """Where each frame alone would have led, without any filter: float32 (n, L).

    Each viewer keeps one fill, as in the scene: the mean of what the first frames offer.
    """
    rows = np.stack([portray(o.frame.image, o.viewer.landmarks, guessed(o.guesses)) for o in observations])
    resting, moments = inverter.divide(rows)
    people = inverter.person(resting, moments)
    offered = inverter.fill(people)  # (n, L)
    identities = np.array([o.viewer.identity for o in observations])
    fills = np.empty_like(offered)
    for identity in np.unique(identities):
        mine = np.flatnonzero(identities == identity)
        kept = offered[mine[:SETTLED]].mean(axis=0)
        fills[mine] = kept / np.linalg.norm(kept)
    latents = inverter.compose(inverter.explain(people)[0], fills, exaggeration)
    return inverter.move(latents, moments, inverter.confidence(rows))


def guessed(named: dict[str, float] | None) -> Guesses | None:
    """An observation's guesses as a portrait wants them."""
    if named is None:
        return None
    expression = {name: value for name, value in named.items() if name not in ("age", "female")}
    return Guesses(named["age"], 0.0, named["female"], expression)
