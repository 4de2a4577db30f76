"""How a filter learns: Adam under a cosine, a moving average of its weights, another strength at every step."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from narcissus.core.processor import multiplies_bfloat16
from narcissus.lab.style import loss
from narcissus.lab.style.contents import VIEWS, Contents, Views, as_image, lit, shown, views
from narcissus.lab.style.style_picture import StylePicture
from narcissus.networks.pggan.backend import on_gpu
from narcissus.networks.style.network import CANVAS, Size, draw, gain, initial

PEAK_RATE = 1.5e-2
WARM_UP = 40  # steps, after which the pace is known
MOST_STEPS = 3000  # by then a filter has settled
MEMORY = 0.99  # of the moving average, per step
DIRECTIONS = 24  # of each sort at each level, new ones in each step
FULL = 0.5  # share of the steps at full strength; the others are anywhere between
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


class Trainer:
    """One filter in training; the moving average of its weights is what ships, as it was at its best."""

    def __init__(
        self,
        style: StylePicture,
        contents: Contents,
        steps: int | None = None,
        seed: int = 0,
        size: Size = Size(),  # noqa: B008
        weights: loss.Weights = loss.Weights(),  # noqa: B008
        begin: dict[str, np.ndarray] | None = None,
    ) -> None:
        """`steps` None: as many as fit into the minutes that `fit` is told, once the pace is known. `begin`: the
        weights of another filter of this size to begin with; None: random ones."""
        self.style, self.contents, self.seed, self.size, self.terms = style, contents, seed, size, weights
        self.steps, self.step, self.seconds = steps or MOST_STEPS, 0, 0.0
        start = begin or initial(size, np.random.default_rng(seed))
        self.begun_with = None if begin is None else hashlib.sha256(b"".join(map(bytes, begin.values()))).hexdigest()
        self._gains = {name: gain(name, array.shape) for name, array in start.items()}
        self.weights = {name: tf.Variable(array / np.float32(self._gains[name])) for name, array in start.items()}
        self._average = {name: tf.Variable(array) for name, array in start.items()}
        self.best = start
        self.diary: list[Entry] = []
        self._times: list[float] = []  # of the steps of this run, seconds
        self.optimizer = keras.optimizers.Adam(PEAK_RATE, beta_2=0.99, global_clipnorm=2.0)
        self.optimizer.build(list(self.weights.values()))
        self._manner = loss.Manner.of(style.image())
        self._kind = tf.bfloat16 if multiplies_bfloat16() and not on_gpu() else tf.float32
        self._run = tf.function(self._plain_step, autograph=False)

    def learn(self) -> Iterator[float]:
        """Go on from `step` to the end; the loss of each step. May be left after any step and gone on with."""
        while self.step < self.steps:
            begun = time.monotonic()
            self.optimizer.learning_rate = rate(self.step, self.steps)
            rng = np.random.default_rng((self.seed, self.step, 1))
            strength = 1.0 if rng.random() < FULL else rng.random()
            seen = _tensors(views(self.contents, self.seed, self.step))
            total = self._run(
                *seen,
                tf.constant(strength, tf.float32),
                self._manner.slices(rng, DIRECTIONS),
                _place(rng),
                _memory(self.step),
            )
            self.step += 1
            self._times.append(time.monotonic() - begun)
            self.seconds += self._times[-1]
            yield float(total)

    def fit(self, minutes: float) -> None:
        """So many steps as the first ones say that `minutes` of training allow, MOST_STEPS at most."""
        left = minutes * 60 - self.seconds
        further = left / np.median(self._times)  # the first step of all is long: it is compiled
        self.steps = int(np.clip(self.step + further, self.step + 1, MOST_STEPS))

    def judge(self) -> Entry:
        """A new line of the diary; the average becomes the best where nothing before was better."""
        given = tf.constant(as_image(np.stack([lit(one) for one in shown(self.contents, JUDGED_ON, JUDGED_SIDE)])))
        drawn = draw(self._average, self._surrounded(given), 1.0, self._average["canvas"][None])
        along = self._manner.slices(np.random.default_rng((self.seed, 2)), DIRECTIONS)
        style = float(loss.style(drawn, self._manner, along, self.terms.strokes))
        kept = float(loss.content(drawn, given))
        total = style + self.terms.content * kept
        if not self.diary or total <= min(entry.total for entry in self.diary):
            self.best = self.average
        self.diary.append(Entry(self.step, self.seconds, style, kept, total))
        return self.diary[-1]

    @property
    def average(self) -> dict[str, np.ndarray]:
        return {name: variable.numpy() for name, variable in self._average.items()}

    @average.setter
    def average(self, arrays: dict[str, np.ndarray]) -> None:
        for name, variable in self._average.items():
            variable.assign(arrays[name])

    def _plain_step(self, plain, moved, shift, strength, along, place, memory):
        with tf.GradientTape() as tape:
            weights = {name: variable * self._gains[name] for name, variable in self.weights.items()}
            kind = {name: tf.cast(tensor, self._kind) for name, tensor in weights.items()}
            here, elsewhere = (tf.roll(kind["canvas"], place[i], (0, 1)) for i in range(2))
            canvases = tf.stack([here] * (VIEWS + 1) + [elsewhere])
            seen = self._surrounded(tf.concat([plain, moved, plain[:1]], 0))
            every = draw(kind, seen, strength, canvases)
            total = self._objective(every, plain, shift, strength, along)
        variables = list(self.weights.values())
        self.optimizer.apply(tape.gradient(total, variables), variables)
        for name, slow in self._average.items():
            slow.assign(memory * slow + (1 - memory) * weights[name])
        return total

    def _surrounded(self, pictures):
        """With their reflection around them, as a filter sees what it paints."""
        rim = [self.size.rim] * 2
        return tf.pad(pictures, [[0, 0], rim, rim, [0, 0]], "REFLECT")

    def _objective(self, every, given, shift, strength, along):
        """`every` is what was drawn: the views, the first once more, moved and noisy, and again on another canvas."""
        terms, weaker = self.terms, 1 - strength
        drawn, again, elsewhere = every[:VIEWS], every[VIEWS : VIEWS + 1], every[VIEWS + 1 :]
        style = loss.style(drawn, self._manner, along, terms.strokes)
        kept = terms.content * (1 + (terms.faithful - 1) * weaker) * loss.content(drawn, given)
        steady = terms.steady * loss.unsteadiness(drawn[:1], again, shift)
        near = terms.near * tf.square(weaker) * loss.near(drawn, given)
        steady += terms.canvas * loss.wandering(drawn[:1], elsewhere)
        return strength * style + kept + steady + near + loss.OVER * loss.beyond(drawn)


def rate(step: int, steps: int) -> float:
    """Learning rate. The first WARM_UP steps do not depend on how many there will be: by then nobody knows yet."""
    if step < WARM_UP:
        return PEAK_RATE * (step + 1) / WARM_UP
    share = (step - WARM_UP) / max(1, steps - WARM_UP)
    return PEAK_RATE * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * share)))


def _place(rng: np.random.Generator) -> np.ndarray:
    """Where on the canvas the views lie, and where the first of them lies once more: int (2, 2), in places."""
    return rng.integers(0, CANVAS, (2, 2))


def _memory(step: int) -> tf.Tensor:
    return tf.constant(min(MEMORY, (1 + step) / (10 + step)), tf.float32)  # the first steps are forgotten sooner


def _tensors(seen: Views) -> tuple:
    return tf.constant(seen.plain), tf.constant(seen.moved), tf.constant(seen.shift)
