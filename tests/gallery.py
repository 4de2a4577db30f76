"""A mirror at 60 Hz whose perception and generator are played by fakes, with a clock of its own and no threads."""

import math

import numpy as np

from narcissus.app.settings import Settings
from narcissus.core.errors import NotFinite
from narcissus.core.types import Box, Face, Frame
from narcissus.features.portrait import COLUMNS
from narcissus.features.spatial import MEAN_SHAPE, normalise
from narcissus.motion import angle
from narcissus.networks.attributes import Guesses
from narcissus.scenes.mirror.scene import Mirror

L = 32
IMAGE = np.full((240, 320, 3), 120, np.uint8)
IMAGE[..., 0] = 160  # a colour, so that there are patches


class Painter:
    """A generator: it paints the latent's first three numbers, or fails when told to."""

    latent_size, resolution, name, sha256 = L, 4, "fake", "0" * 64

    def __init__(self) -> None:
        self.fails = 0

    def render(self, latents, *, above=None):
        if self.fails > 0:
            self.fails -= 1
            raise NotFinite("fake: NaN")
        colours = np.clip(latents[:, None, None, :3] * 40 + 128, 0, 255).astype(np.uint8)
        return np.ascontiguousarray(np.broadcast_to(colours, (len(latents), 4, 4, 3)))


class Script:
    """A finder that sees what it is told to see."""

    def __init__(self) -> None:
        self.faces: list[Face] = []

    def find(self, frame):
        return self.faces


class First:
    """Visitors of whom the first is the viewer."""

    def choose(self, faces, now, width=None):
        return faces[0] if faces else None

    def forget(self):
        """It remembers nobody."""


class Guesser:
    """Takes everybody for the same."""

    count = 0

    def guess(self, image, landmarks, gains=None):
        self.count += 1
        return Guesses(30.0, 5.0, 0.7, {"neutral": 0.6, "happiness": 0.2, "surprise": 0.1, "other": 0.1})


class Linear:
    """An inverter with random directions for the shape, and a fill that trembles with every row."""

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        self.weights = np.zeros((len(COLUMNS), L), np.float32)
        self.weights[:136, : L // 2] = random.standard_normal((136, L // 2)) * 0.6
        self.mean = np.zeros(len(COLUMNS), np.float32)
        self.mean[:136] = normalise(MEAN_SHAPE).ravel()
        self.sure = 1.0
        self.drawn_tilt = 0.0  # degrees
        self._random = random

    def confidence(self, rows):
        return np.full(len(rows), self.sure, np.float32)

    tremor = 0.0

    def divide(self, rows):
        """Who somebody is lies in the x of a shape, and how somebody looks in its y; nobody turns or nods."""
        away = np.nan_to_num(rows - self.mean)
        moments, resting = away[:, :136].copy(), away.copy()
        moments[:, 0:136:2] = moments[:, :2] = resting[:, 1:136:2] = 0.0
        return self.mean + resting, moments

    def person(self, resting, habit):
        return resting

    def move(self, latents, moments, confidence):
        moved = latents + confidence[:, None] * moments @ self.weights[:136]
        return (moved * math.sqrt(L) / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)

    def tilt(self, latents):
        return np.full(len(latents), self.drawn_tilt, np.float32)

    def drawn(self, generator, latents):
        return generator.render(latents)

    def explain(self, rows):
        return np.nan_to_num(rows - self.mean) @ self.weights, self.confidence(rows)

    def fill(self, rows):
        fill = np.zeros((len(rows), L), np.float32)
        fill[:, L // 2 :] = 1 + 0.5 * self._random.standard_normal((len(rows), L // 2))
        return fill / np.linalg.norm(fill, axis=1, keepdims=True)

    def compose(self, explained, fill, exaggeration=1.0):
        said = exaggeration * explained
        missing = np.sqrt(np.maximum(0, L - np.square(said).sum(axis=1, keepdims=True)))
        latents = said + missing * fill
        return (latents * math.sqrt(L) / np.linalg.norm(latents, axis=1, keepdims=True)).astype(np.float32)


def face(identity=1, *, x=160.0, mouth=0.0, size=60.0) -> Face:
    """The mean face at `x`, its lower lip `mouth` inter-ocular distances lower than usual."""
    landmarks = MEAN_SHAPE.copy()  # (68, 2)
    landmarks[55:60, 1] += mouth
    landmarks[65:68, 1] += mouth
    landmarks = (landmarks * size + (x, 120)).astype(np.float32)
    return Face(landmarks, Box(x - size, 120 - size, x + size, 120 + size), identity)


def tuned(**values) -> Settings:
    """The settings with other values in the mirror's own block."""
    return Settings.model_validate({"scenes": {"mirror": values}})


class Gallery:
    """A mirror at 60 Hz before a camera at 30 Hz, with a clock of its own and no threads."""

    def __init__(self, **settings) -> None:
        self.painter, self.script, self.inverter, self.guesser = Painter(), Script(), Linear(), Guesser()
        self.mirror = Mirror(self.script, First(), self.inverter, self.painter, self.guesser, **settings)
        self.now, self.ticks, self.seen, self.pictures = 100.0, 0, None, []

    def live(self, seconds: float, faces=(), camera=True, cut=False) -> None:
        """Let time pass; `faces` is what is seen, or a function of time that says so."""
        for _ in range(round(seconds * 60)):
            if camera and self.ticks % 2 == 0:
                self.script.faces = list(faces(self.now) if callable(faces) else faces)
                self.seen = self.mirror.observe(Frame(IMAGE, self.now, cut))
                cut = False
            self.pictures.append(self.mirror.draw(self.seen, self.now))
            self.now += 1 / 60
            self.ticks += 1

    @property
    def latents(self) -> np.ndarray:
        return np.array([picture.state.latent for picture in self.pictures])

    @property
    def steps(self) -> np.ndarray:
        """Degrees per 1/30 s, one for each picture from the third on."""
        return angle(self.latents[2:], self.latents[:-2])

    def left(self) -> float:
        """Degrees still to go to what was observed last."""
        return float(angle(self.pictures[-1].state.latent, self.seen.latent))
