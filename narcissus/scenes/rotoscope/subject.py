"""What is painted: the camera's own picture, or the mirror's reflection of whoever stands before it."""

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import cv2

from narcissus.core.sections import SharedSettings
from narcissus.core.types import Frame, Picture, Scene
from narcissus.people.sketch import sketch
from narcissus.scenes.contract import lost
from narcissus.sinks.enlarge import enlarge
from narcissus.sources.denoising import TemporalDenoiser

LEFT = 2.5  # seconds without a face after which nobody is there: a head that turns away has not gone
GRAIN = 4  # pixels: sides are multiples of it, which is what a filter works in


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """The subject at one moment."""

    picture: Picture | None  # what is to be painted; None: nothing is to be seen
    somebody: bool  # whether anybody is there
    shape: tuple[int, int]  # height and width of a painting of it


class Subject(Protocol):
    proportions: tuple[int, int]  # height and width, before anything has been seen

    def see(self, frame: Frame, size: int) -> Sight:
        """`size`: the painting has as many pixels as a square with sides of this length."""
        ...

    def tune(self, settings: SharedSettings) -> None: ...


class Room:
    """The camera's picture, steadied. It is painted only while somebody is there."""

    proportions = 9, 16

    def __init__(self, finder, visitors) -> None:
        self._finder, self._visitors, self._denoiser = finder, visitors, TemporalDenoiser()
        self._seen_at = -math.inf
        self._shape = self.proportions

    def see(self, frame: Frame, size: int) -> Sight:
        if frame.cut:
            self._visitors.forget()
            self._denoiser.forget()
            self._seen_at = -math.inf
        faces = self._finder.find(frame)
        if lost(frame):
            return Sight(None, False, fitted(self._shape, size))
        self._shape = frame.image.shape[:2]
        viewer = self._visitors.choose(faces, frame.time, self._shape[1])
        self._seen_at = self._seen_at if viewer is None else frame.time
        shape = fitted(self._shape, size)
        small = cv2.resize(frame.image, shape[::-1], interpolation=cv2.INTER_AREA)
        answers = None if viewer is None else frame.time
        behind = partial(sketch, frame, faces, [] if viewer is None else [viewer])
        picture = Picture(self._denoiser.denoise(small), answers, shows_viewer=True, behind=behind)
        return Sight(picture, frame.time - self._seen_at < LEFT, shape)

    def tune(self, settings: SharedSettings) -> None:
        self._finder.reach = settings.perception.reach


class Reflected:
    """The mirror, hung where nobody sees it: its reflection is what is painted, also while that leaves or arrives."""

    proportions = 1, 1

    def __init__(self, mirror: Scene) -> None:
        self._mirror = mirror
        self._settings: SharedSettings | None = None  # to be taken up by the thread that observes
        self._seen_at = -math.inf

    def see(self, frame: Frame, size: int) -> Sight:
        settings, self._settings = self._settings, None
        if settings is not None:
            self._mirror.tune(settings)
        picture = self._mirror.draw(self._mirror.observe(frame), frame.time)
        shape = fitted(picture.image.shape[:2], size)
        if lost(frame):
            return Sight(None, False, shape)
        self._seen_at = self._seen_at if picture.answers is None else frame.time
        large = cv2.resize(enlarge(picture.image, shape[0]), shape[::-1])
        whole = replace(picture, image=large, panels=())  # they are not painted
        return Sight(whole, frame.time - self._seen_at < LEFT, shape)

    def tune(self, settings: SharedSettings) -> None:
        self._settings = settings


def fitted(shape: tuple[int, int], size: int) -> tuple[int, int]:
    """Height and width with the proportions of `shape`, and as many pixels as a square of this size."""
    scale = size / math.sqrt(shape[0] * shape[1])
    return tuple(max(GRAIN, round(side * scale / GRAIN) * GRAIN) for side in shape)
