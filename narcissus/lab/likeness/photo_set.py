"""A set of photographs: each is perceived and reflected, and its reflection is perceived."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from narcissus.core.errors import SourceError
from narcissus.lab.likeness.album import Album, Photo
from narcissus.lab.likeness.conditions import BATCH, Drawn, Reflector, nearest, plain_ridge, strangers
from narcissus.lab.likeness.perception import Eye, Looks
from narcissus.lab.likeness.pictures import brought

SAMPLE = 440  # photographs of a set on which descriptors and baselines are measured: a descriptor costs 0.1 s


@dataclass(eq=False)
class PhotoSet:
    """What is known so far. It grows by whole batches, so it may be read whenever its making was interrupted."""

    album: Album
    bounds: bool = True  # whether the photographs themselves are measured at the generator's size
    photos: list[Photo] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    seen: list[Looks] = field(default_factory=list)
    reflected: list[Looks] = field(default_factory=list)
    reduced: list[Looks] = field(
        default_factory=list
    )  # the photographs themselves at the generator's size: nothing is liker
    directions: list[np.ndarray] = field(default_factory=list)

    @property
    def viewers(self) -> Looks:
        return Looks.joined(self.seen)

    @property
    def reflections(self) -> Looks:
        return Looks.joined(self.reflected)

    @property
    def own(self) -> Looks:
        return Looks.joined(self.reduced)

    @property
    def latents(self) -> np.ndarray:
        return np.concatenate(self.directions)  # float32 (n, L); NaN where no viewer was found

    @property
    def people(self) -> np.ndarray:
        return np.array([photo.person for photo in self.photos])


def reflect_all(photo_set: PhotoSet, eye: Eye, reflector: Reflector, drawn: Drawn, progress: Callable) -> None:
    """Fill `photo_set` from its album; `progress` wraps the batches."""
    asked = sample(photo_set.album.photos)
    size = reflector.generator.latent_size
    for photos, pictures in progress(_batches(photo_set)):
        described = np.array([photo.name in asked for photo in photos], bool)
        viewers = eye.look(pictures, described=described)
        found = np.flatnonzero(viewers.found)
        latents = np.full((len(photos), size), np.nan, np.float32)
        reflections, own = Looks.nothing(len(photos)), Looks.nothing(len(photos))
        if len(found):
            latents[found] = reflector.latents(viewers.rows[found])
            put(reflections, found, eye.look(list(reflector.pictures(latents[found])), described=described[found]))
        if len(found) and photo_set.bounds:
            side = reflector.generator.resolution
            small = [brought(pictures[i], viewers.landmarks[i], drawn.outline, side) for i in found]
            put(own, found, eye.look(small, described=described[found]))
        for kept, part in (
            (photo_set.seen, viewers),
            (photo_set.reflected, reflections),
            (photo_set.reduced, own),
            (photo_set.directions, latents),
        ):
            kept.append(part)
        photo_set.photos.extend(photos)  # last: whatever is named is whole


def sample(photos: list[Photo]) -> set[str]:
    """Names of at most about SAMPLE photographs, whole people at a time, evenly spread."""
    people = list(dict.fromkeys(photo.person for photo in photos))
    share = min(1.0, SAMPLE / max(1, len(photos)))
    chosen = {people[int(i / share)] for i in range(int(np.ceil(len(people) * share))) if int(i / share) < len(people)}
    return {photo.name for photo in photos if photo.person in chosen}


def put(looks: Looks, where: np.ndarray, part: Looks) -> None:
    for name in looks.__slots__:
        getattr(looks, name)[where] = getattr(part, name)


def _batches(photo_set: PhotoSet) -> Iterator[tuple[list[Photo], list[np.ndarray]]]:
    photos = photo_set.album.photos
    for start in range(0, len(photos), BATCH):
        fine, pictures = [], []
        for photo in photos[start : start + BATCH]:
            try:
                pictures.append(photo_set.album.read(photo))
                fine.append(photo)
            except SourceError:
                photo_set.unreadable.append(photo.name)
        yield fine, pictures


Answers = dict[str, tuple[Looks, np.ndarray]]  # condition -> what is seen of its reflections (n), their latents (n, L)


def baselines(viewers: Looks, ours: Looks, latents: np.ndarray, people: np.ndarray, parts, seed: int) -> Answers:
    """The same viewers, answered by the five baselines. `parts`: eye, reflector, drawn, progress."""
    eye, reflector, drawn, progress = parts
    n = len(viewers)
    found = np.flatnonzero(viewers.found)
    described = viewers.described
    answers = {}

    def of_drawn(which: np.ndarray) -> tuple[Looks, np.ndarray]:
        wanted = np.zeros(len(drawn.latents), bool)
        wanted[which[described[found]]] = True
        eye.describe(drawn.pictures, drawn.looks, wanted)
        return spread_out(drawn.looks[which], drawn.latents[which])

    def spread_out(looks: Looks, directions: np.ndarray) -> tuple[Looks, np.ndarray]:
        whole, all_ = Looks.nothing(n), np.full((n, directions.shape[1]), np.nan, np.float32)
        put(whole, found, looks)
        all_[found] = directions
        return whole, all_

    for name in progress(("random_z", "mean_z", "shuffled_features", "nearest_neighbour", "plain_ridge")):
        if name == "random_z":
            answers[name] = of_drawn(found % len(drawn.latents))
        elif name == "mean_z":
            zero = np.zeros((1, latents.shape[1]), np.float32)
            look = eye.look(list(reflector.pictures(zero)), described=True)
            answers[name] = spread_out(look[np.zeros(len(found), int)], np.repeat(zero, len(found), axis=0))
        elif name == "shuffled_features":
            given = strangers(people[found], seed)
            answers[name] = spread_out(ours[found[given]], latents[found[given]])
        elif name == "nearest_neighbour":
            answers[name] = of_drawn(nearest(viewers.rows[found], drawn))
        else:
            directions = plain_ridge(drawn)(viewers.rows[found])
            looks = eye.look(list(reflector.pictures(directions)), described=described[found])
            answers[name] = spread_out(looks, directions)
    return answers
