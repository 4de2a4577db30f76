"""How a filter learns: Adam under a cosine, a moving average of its weights, another strength at every step."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from narcissus.core.processor import multiplies_bfloat16
from narcissus.lab.style import loss, patches
from narcissus.lab.style.contents import Contents, Views, as_image, shown, views
from narcissus.lab.style.style_picture import StylePicture
from narcissus.networks.pggan.backend import on_gpu
from narcissus.networks.style.network import Size, draw, initial

PEAK_RATE = 4e-3
WARM_UP = 40  # steps, after which the pace is known
MOST_STEPS = 4000  # by then a filter has settled
MEMORY = 0.99  # of the moving average, per step
DIRECTIONS = 48  # at each level, new ones in each step
FULL = 0.4  # share of the steps at full strength; the others are anywhere between
JUDGED_ON = 8  # held-out views
JUDGED_SIDE = 160  # pixels


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the training's diary; of the held-out pictures, at full strength, but for the first two."""

    step: int
    seconds: float  # of training so far
    style: float  # mean of the levels' patch distance
    content: float
    total: float


class Apprentice:
    """One filter in training; the moving average of its weights is what ships, as it was at its best."""

    def __init__(
        self,
        style: StylePicture,
        contents: Contents,
        steps: int | None = None,
        seed: int = 0,
        size: Size = Size(),  # noqa: B008
        weights: loss.Weights = loss.Weights(),  # noqa: B008
    ) -> None:
        """`steps` None: as many as fit into the minutes that `fit` is told, once the pace is known."""
        self.style, self.contents, self.seed, self.size, self.terms = style, contents, seed, size, weights
        self.steps, self.step, self.seconds = steps or MOST_STEPS, 0, 0.0
        start = initial(size, np.random.default_rng(seed))
        self.weights = {name: tf.Variable(array, name=name.replace("/", "_")) for name, array in start.items()}
        self.average, self.best = dict(start), dict(start)
        self.diary: list[Entry] = []
        self.optimizer = keras.optimizers.Adam(PEAK_RATE, beta_2=0.99, global_clipnorm=1.0)
        self.optimizer.build(list(self.weights.values()))
        self._levels = patches.pyramid(tf.constant(style.image()))
        self._kind = tf.bfloat16 if multiplies_bfloat16() and not on_gpu() else tf.float32
        self._run = tf.function(self._plain_step, autograph=False)

    def learn(self) -> Iterator[float]:
        """Go on from `step` to the end; the loss of each step. May be left after any step and gone on with."""
        while self.step < self.steps:
            begun = time.monotonic()
            self.optimizer.learning_rate = rate(self.step, self.steps)
            rng = np.random.default_rng((self.seed, self.step, 1))
            strength = 1.0 if rng.random() < FULL else rng.random()
            total = self._run(*_tensors(views(self.contents, self.seed, self.step)), np.float32(strength), slices(rng))
            self._remember()
            self.step += 1
            self.seconds += time.monotonic() - begun
            yield float(total)

    def fit(self, minutes: float) -> None:
        """So many steps as the first ones say that `minutes` of training allow, MOST_STEPS at most."""
        pace = self.seconds / self.step
        self.steps = int(np.clip(minutes * 60 / pace, self.step + 1, MOST_STEPS))

    def judge(self) -> Entry:
        """A new line of the diary; the average becomes the best where nothing before was better."""
        given = tf.constant(as_image(shown(self.contents, JUDGED_ON, JUDGED_SIDE)))
        drawn = draw({name: tf.constant(array) for name, array in self.average.items()}, given, 1.0)
        along = slices(np.random.default_rng((self.seed, 2)))
        style = float(tf.add_n(patches.distances(drawn, self._levels, along)) / patches.LEVELS)
        kept = float(loss.content(drawn, given))
        total = style + self.terms.content * kept
        if not self.diary or total <= min(entry.total for entry in self.diary):
            self.best = {name: array.copy() for name, array in self.average.items()}
        self.diary.append(Entry(self.step, self.seconds, style, kept, total))
        return self.diary[-1]

    def _remember(self) -> None:
        memory = np.float32(min(MEMORY, (1 + self.step) / (10 + self.step)))  # the first steps are forgotten sooner
        for name, variable in self.weights.items():
            self.average[name] = memory * self.average[name] + (1 - memory) * variable.numpy()

    def _plain_step(self, plain, moved, shift, strength, along):
        with tf.GradientTape() as tape:
            kind = {name: tf.cast(variable, self._kind) for name, variable in self.weights.items()}
            both = draw(kind, tf.concat([plain, moved], 0), strength)
            total = self._objective(both[:-1], both[-1:], plain, shift, strength, along)
        variables = list(self.weights.values())
        self.optimizer.apply(tape.gradient(total, variables), variables)
        return total

    def _objective(self, drawn, again, given, shift, strength, along):
        terms, weaker = self.terms, 1 - strength
        style = tf.add_n(patches.distances(drawn, self._levels, along)) / patches.LEVELS
        kept = terms.content * (1 + (terms.faithful - 1) * weaker) * loss.content(drawn, given)
        steady = terms.steady * loss.unsteadiness(drawn[:1], again, shift)
        near = terms.near * tf.square(weaker) * loss.near(drawn, given)
        return strength * style + kept + steady + near + loss.OVER * loss.beyond(drawn)


def rate(step: int, steps: int) -> float:
    """Learning rate. The first WARM_UP steps do not depend on how many there will be: by then nobody knows yet."""
    if step < WARM_UP:
        return PEAK_RATE * (step + 1) / WARM_UP
    share = (step - WARM_UP) / max(1, steps - WARM_UP)
    return PEAK_RATE * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * share)))


def slices(rng: np.random.Generator) -> list[np.ndarray]:
    return [patches.directions(rng, DIRECTIONS) for _ in range(patches.LEVELS)]


def _tensors(seen: Views) -> tuple:
    return tf.constant(seen.plain), tf.constant(seen.moved), tf.constant(seen.shift)
