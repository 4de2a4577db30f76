"""Residual movement, time to 90 % and amplitude of the Mirror scene, on stills and films, by the frames' own clock."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from narcissus.core.types import Frame, Picture
from narcissus.lab.likeness.bootstrap import Figure, estimate, mean
from narcissus.lab.likeness.figures import eye_opening, mouth_opening
from narcissus.lab.likeness.pictures import decode, jpeg
from narcissus.people import find_portrait
from narcissus.scenes.mirror.seen import Seen

RATE = 30.0  # pictures a second, of stills
NOISE, QUALITY = 3.0, 80  # section 8: grey noise of this σ, then this JPEG
SETTLING, STILL = 1.5, 5.0  # seconds: the arrival does not count, then five do
ARRIVED = 0.1  # share of the way to a new viewer that is left after t90
LONGEST = 3.0  # seconds that an arrival is waited for
FEWEST = 15  # pictures with a face on both paths; fewer have no amplitude


def noisy(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same picture as a camera would see it again: grey noise of σ = 3, JPEG 80."""
    grain = rng.normal(0, NOISE, image.shape[:2])[..., None]
    return decode(jpeg(np.clip(np.rint(image + grain), 0, 255).astype(np.uint8), QUALITY), "a noisy frame")


def angle(a: np.ndarray, b: np.ndarray) -> float:
    """Degrees between two latents."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b))))


def run(scene, frames: Iterator[Frame]) -> Iterator[tuple[Seen, Picture]]:
    """Observe and draw once per frame, at the frame's own time, with no threads."""
    for frame in frames:
        observation = scene.observe(frame)
        yield observation, scene.draw(observation, frame.time)


def still(
    image: np.ndarray, start: float, seconds: float, rng: np.random.Generator, cut: bool = True
) -> Iterator[Frame]:
    for index in range(round(seconds * RATE)):
        yield Frame(noisy(image, rng), start + index / RATE, cut and index == 0)


def still_degrees(scene, image: np.ndarray, rng: np.random.Generator) -> float | None:
    """The largest angle, in degrees per 1/30 s, by which the reflection of a motionless viewer moves within 5 s.

    None where the mirror never follows the face.
    """
    latents = []
    for observation, picture in run(scene, still(image, 0.0, SETTLING + STILL, rng)):
        if observation.viewer is not None and observation.frame.time >= SETTLING:
            latents.append(picture.state.latent)
    if len(latents) < STILL * RATE / 2:
        return None
    return max(angle(a, b) for a, b in pairwise(latents))


def t90(scene, before: np.ndarray, after: np.ndarray, rng: np.random.Generator) -> float | None:
    """Milliseconds from the moment a new viewer is followed until 90 % of the way to her reflection has been gone.

    One still face stands there for 2 s, then (a cut) another. The way is the angle from the picture shown last to
    where the new viewer's observation points. None where either face is not followed, or the way is never gone within
    3 s.
    """
    shown = None
    for _, picture in run(scene, still(before, 0.0, 2.0, rng)):
        shown = picture.state.latent
    start = whole = None
    for observation, picture in run(scene, still(after, 2.0, LONGEST, rng)):
        if observation.viewer is None or observation.latent is None:
            continue
        if start is None:
            start, whole = observation.frame.time, angle(shown, observation.latent)
        if angle(picture.state.latent, observation.latent) <= ARRIVED * whole:
            return 1000 * (observation.frame.time - start)
    return None


Spreads = tuple[float, float] | None  # of an opening on the shown path, and on the unsmoothed one


def amplitude(played: list[tuple[Seen, Picture]], direct: Callable) -> dict[str, Spreads]:
    """How far mouth and eyes open and close on the smoothed path of latents and on the unsmoothed one.

    `direct` (observations) -> uint8 (n, R, R, 3) draws the unsmoothed path: the same viewer's frames without any
    filter. Landmarks are found on the pictures of both. A spread is the 90th − 10th percentile of the opening, after
    a median of five, which takes the predictor's own tremor out of both. None where fewer than FEWEST pictures show a
    face on both.
    """
    followed = [(o, p) for o, p in played if o.viewer is not None and p.state.phase == "following"]
    if len(followed) < FEWEST:
        return {"mouth": None, "eyes": None}
    plain = direct([observation for observation, _ in followed])
    pairs = [
        (find_portrait(picture.image), find_portrait(raw)) for (_, picture), raw in zip(followed, plain, strict=True)
    ]
    pairs = [(a.landmarks, b.landmarks) for a, b in pairs if a is not None and b is not None]
    if len(pairs) < FEWEST:
        return {"mouth": None, "eyes": None}
    paths = [np.stack(side) for side in zip(*pairs, strict=True)]
    return {
        name: tuple(spread(of(path)) for path in paths)
        for name, of in (("mouth", mouth_opening), ("eyes", eye_opening))
    }


def spread(opening: np.ndarray) -> float:
    """90th − 10th percentile of an opening over time (n,), after a median of five."""
    return float(np.ptp(np.percentile(_median5(opening), [10, 90])))


def kept(spreads: list[Spreads]) -> Figure:
    """The spread of the shown path over that of the unsmoothed, of all films together: one that hardly moves hardly
    counts.
    """
    known = np.array([pair for pair in spreads if pair is not None], float).reshape(-1, 2)
    ratio = lambda weights: (weights @ known[:, 0]) / np.maximum(weights @ known[:, 1], 1e-9)
    return estimate(ratio, np.arange(len(known)), np.ones(len(known), bool))


def _median5(values: np.ndarray) -> np.ndarray:
    return np.median(np.lib.stride_tricks.sliding_window_view(np.pad(values, 2, mode="edge"), 5), axis=-1)


def over_films(values: list[float | None]) -> Figure:
    """The mean over films, with the interval over films."""
    values = np.array([value for value in values if value is not None], float)
    return estimate(mean(values), np.arange(len(values)), np.ones(len(values), bool)) if len(values) else Figure()
