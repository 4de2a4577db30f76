"""Robustness to light: one photograph of each person under seven lights. Is the reflection still the same person?

Lights are gains on the encoded photograph, cut off at white as a camera would. What is nearest is asked in the space of
dlib's descriptor, among the reflections that all people have under the first light.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from narcissus.core.errors import SourceError
from narcissus.lab.likeness.album import Album, Photo
from narcissus.lab.likeness.bootstrap import Figure, correlation, estimate, mean, slope
from narcissus.lab.likeness.conditions import Reflector
from narcissus.lab.likeness.identity import distances
from narcissus.lab.likeness.ledger import GENDERS, gender_band, share
from narcissus.lab.likeness.perception import Eye, Looks
from narcissus.lab.likeness.photo_set import put
from narcissus.lab.likeness.skin import TONES, tone

LIGHTS = {
    "as it is": (1.0, 1.0, 1.0),
    "exposure 0.25": (0.25, 0.25, 0.25),
    "exposure 0.5": (0.5, 0.5, 0.5),
    "exposure 1.5": (1.5, 1.5, 1.5),
    "tungsten": (1.25, 1.0, 0.6),
    "dim tungsten": (0.62, 0.5, 0.3),
    "shade": (0.8, 1.0, 1.3),
}
FIRST = "as it is"
RESAMPLES = 500
BATCH = 24  # photographs


@dataclass(frozen=True, slots=True, eq=False)
class InLights:
    """The same n people under each light; a grey set has only the lights without a colour."""

    viewers: dict[str, Looks]
    reflections: dict[str, Looks]

    @property
    def others(self) -> list[str]:
        return [light for light in self.viewers if light != FIRST]


def under(image: np.ndarray, light: str) -> np.ndarray:
    """The photograph uint8 (H, W, 3) under one of LIGHTS."""
    gains = np.array(LIGHTS[light], np.float32)
    return np.clip(np.rint(image * gains), 0, 255).astype(np.uint8)


def one_of_each(album: Album, count: int) -> list[Photo]:
    """The first photograph of at most `count` people, evenly spread."""
    first = list({photo.person: photo for photo in reversed(album.photos)}.values())[::-1]
    return [first[int(i)] for i in np.linspace(0, len(first) - 1, min(count, len(first)))]


def in_lights(album: Album, count: int, eye: Eye, reflector: Reflector, progress: Callable) -> InLights:
    """See and reflect `count` people under every light; `progress` wraps the batches."""
    viewers, reflections = {}, {}
    for batch in progress(_batches(album, one_of_each(album, count))):
        for light in _lights_for(batch):
            seen = eye.look([under(image, light) for image in batch])
            viewers.setdefault(light, []).append(seen)
            reflections.setdefault(light, []).append(reflected(seen, eye, reflector))
    whole = {light for light, parts in viewers.items() if len(parts) == len(viewers[FIRST])}
    join = lambda parts: {light: Looks.joined(parts[light]) for light in LIGHTS if light in whole}
    return InLights(join(viewers), join(reflections))


def reflected(seen: Looks, eye: Eye, reflector: Reflector) -> Looks:
    """The described reflections of those in whom a face was found."""
    found = np.flatnonzero(seen.found)
    answers = Looks.nothing(len(seen))
    if len(found):
        pictures = reflector.pictures(reflector.latents(seen.rows[found]))
        put(answers, found, eye.look(list(pictures), described=True))
    return answers


def _lights_for(batch: list[np.ndarray]) -> list[str]:
    """Without colours, only the lights that have none either."""
    grey = all((image.max(axis=2) - image.min(axis=2)).mean() < 2 for image in batch)
    return [light for light, gains in LIGHTS.items() if not grey or len(set(gains)) == 1]


def _batches(album: Album, photos: list[Photo]) -> Iterator[list[np.ndarray]]:
    for start in range(0, len(photos), BATCH):
        batch = []
        for photo in photos[start : start + BATCH]:
            try:
                batch.append(album.read(photo))
            except SourceError:
                continue  # the photo set names it
        if batch:
            yield batch


def measured(seen: InLights) -> dict:
    """Every figure of a set: overall, and light by light."""
    hits = np.stack([nearest_is_own(seen, light) for light in seen.others])  # (lights, n); NaN: no face
    known = np.isfinite(hits).sum(axis=0)
    shares = np.nansum(hits, axis=0) / np.maximum(known, 1)
    figures = {"same_person": _estimate(mean(shares), np.arange(len(shares)), known > 0).row()}
    shifts = [shift(seen, light) for light in seen.others]
    figures |= _cheek(*(np.concatenate([pair[side] for pair in shifts]) for side in (0, 1)))
    return figures | {"each": {light: _one_light(seen, light) for light in seen.others}}


def _cheek(answered: np.ndarray, shown: np.ndarray) -> dict:
    """Mean ΔE in reflections over mean ΔE in photographs, each (n,); nothing of grey pictures."""
    known = np.isfinite(answered) & np.isfinite(shown)
    if not known.any():
        return {}
    return {"cheek": Figure(round(float(answered[known].mean() / shown[known].mean()), 4), n=int(known.sum())).row()}


def _one_light(seen: InLights, light: str) -> dict:
    hits = nearest_is_own(seen, light)
    people = np.arange(len(hits))
    figures = {"same_person": _estimate(mean(hits), people, np.isfinite(hits)).row(), **_cheek(*shift(seen, light))}
    x, y = seen.viewers[FIRST].tone, seen.reflections[light].tone
    both = np.isfinite(x) & np.isfinite(y)
    related = {"skin_r": correlation(x, y), "skin_slope": slope(x, y)}
    return figures | {name: _estimate(of, people, both).row() for name, of in related.items() if both.sum() > 2}


def nearest_is_own(seen: InLights, light: str) -> np.ndarray:
    """Whether each person's reflection is nearest to the own one under the first light: 1 or 0, (n,); NaN: no face."""
    first, other = seen.reflections[FIRST], seen.reflections[light]
    asked = first.described & other.described
    apart = np.nan_to_num(distances(other.codes, first.codes), nan=np.inf)
    return np.where(asked, apart.argmin(axis=1) == np.arange(len(asked)), np.nan)


def shift(seen: InLights, light: str) -> tuple[np.ndarray, np.ndarray]:
    """How far the light moves the skin's colour, ΔE (n,) in the reflection and in the photograph (CIE 1976)."""
    return tuple(
        np.linalg.norm(looks[light].skin - looks[FIRST].skin, axis=1) for looks in (seen.reflections, seen.viewers)
    )


def whom_it_makes(seen: InLights) -> dict:
    """For the ledger: what each light makes of the people whom the mirror answers under the first.

    {light: {group: {"n": …, change: figure}}}; the groups are tones and guessed gender under the first light.
    """
    first = seen.reflections[FIRST]
    groups = {"everybody": np.ones(len(first), bool)}
    groups |= {name: tone(seen.viewers[FIRST].tone) == i for i, (name, _) in enumerate(TONES)}
    groups |= {name: gender_band(seen.viewers[FIRST].female) == i for i, name in enumerate(GENDERS)}
    return {
        light: {name: _made(first, seen.reflections[light], mine) for name, mine in groups.items() if mine.any()}
        for light in seen.others
    }


def _made(before: Looks, after: Looks, mine: np.ndarray) -> dict:
    known = mine & np.isfinite(before.age) & np.isfinite(after.age)
    people = np.arange(len(mine))
    change = lambda values: _estimate(mean(values), people, known & np.isfinite(values)).row()
    return {
        "n": int(mine.sum()),
        "skin tone, degrees": change(after.tone - before.tone),
        "age, years": change(after.age - before.age),
        "gender kept": share((before.female > 0.5) == (after.female > 0.5), known).row(),
        "no face": share(~after.found, mine & before.found).row(),
    }


def _estimate(statistic, people: np.ndarray, used: np.ndarray) -> Figure:
    return estimate(statistic, people, used, RESAMPLES)
