"""What the tests of the rotoscope share: filters that tint, a shelf of them, and the scene before a camera."""

from types import SimpleNamespace

import numpy as np
from viewer_parts import Script, face
from wall_parts import LivingWall

from narcissus.core.errors import ModelMissing, NotFinite
from narcissus.core.types import Picture
from narcissus.networks.style import Light
from narcissus.people.visitors import Visitors
from narcissus.scenes.rotoscope import RotoscopeSettings
from narcissus.scenes.rotoscope.scene import Rotoscope
from narcissus.scenes.rotoscope.shelf import Shelf
from narcissus.scenes.rotoscope.subject import Room
from narcissus.scenes.stored_dream import StoredDream

COLOURS = {"blue": (0, 0, 255), "red": (255, 0, 0), "green": (0, 255, 0)}
DREAM = StoredDream(np.full((4, 8, 8, 3), 90, np.uint8), np.ones((4, 4), np.float32), 2.0)
QUICK = {"size": 128, "fade": 0.0, "heat": 0.0, "strength": 1.0}


class Tint:
    """A filter that mixes one colour in."""

    def __init__(self, name):
        self.name, self.asked, self.fails = name, [], 0

    def apply(self, pictures, strength, scale=1.0):
        if self.fails:
            self.fails -= 1
            raise NotFinite("it answered NaN")
        self.asked.append((pictures[0].copy(), strength, scale))
        return (pictures * (1 - strength) + np.array(COLOURS[self.name]) * strength).astype(np.uint8)


def shelf(first="blue", more=("red", "green")):
    def load(name):
        if name not in COLOURS:
            raise ModelMissing(f"{name}: no such filter; train one")
        return Tint(name)

    return Shelf(load, first, more)


class Wall(LivingWall):
    """The scene before a camera at 30 Hz, with a clock of its own."""

    def __init__(self, subject=None, filters=None, coarser=0, **settings):
        self.finder, self.shelf = Script(), filters or shelf()
        self.settings = RotoscopeSettings(**(QUICK | settings))
        room = subject or Room(self.finder, Visitors(live=False))
        self.asked = []
        ask = lambda *asked: self.asked.append(asked)
        self.scene = Rotoscope(room, self.shelf, DREAM, self.settings, coarser=coarser, ask=ask)
        self.now, self.seen, self.pictures = 100.0, None, []
        self.image = np.full((240, 320, 3), 200, np.uint8)

    def flicker(self, frames):
        """Live on for so many frames, each of another grey."""
        for _ in range(frames):
            self.image = (self.image + 20).astype(np.uint8)
            last = self.live(1 / 30, [face()])
        return last

    def tune(self, **changed):
        settings = RotoscopeSettings(**(QUICK | changed))
        scenes, perception = SimpleNamespace(rotoscope=settings), SimpleNamespace(reach=2.0)
        self.scene.tune(SimpleNamespace(scenes=scenes, perception=perception))

    @property
    def strength(self):
        """That the filter was asked for last, by the camera's painting."""
        return self.shelf.get("blue").asked[-1][1]


def blue(level, strength):
    """What becomes of a grey picture: it is lit, and then tinted."""
    grey = np.full((8, 8, 3), level, np.uint8)
    return colour(Picture(Tint("blue").apply(Light.of(grey).lit(grey, strength)[None], strength)[0]))


def colour(picture):
    return tuple(int(value) for value in picture.image.mean(axis=(0, 1)).round())
