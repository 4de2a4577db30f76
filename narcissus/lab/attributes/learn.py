"""How the network learns: AdamW under a cosine, a moving average of its weights, a new view of every face each time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from narcissus.core.processor import multiplies_bfloat16
from narcissus.lab.attributes.augmentation import augmented
from narcissus.lab.attributes.portraits import Portraits
from narcissus.networks.attributes.crop import aligned
from narcissus.networks.attributes.network import YEARS, build, read_out
from narcissus.networks.learned import learned, weights_of

BATCH = 64
PEAK_RATE = 1.5e-3
WARM_UP = 0.03  # of the training
WEIGHT_DECAY = 0.05
DROPOUT = 0.1
MEMORY = 0.999  # of the moving average, per step
LABEL_SPREAD = 2.5  # years: how finely a label can be trusted
SMOOTHING = 0.05  # of the gender labels
AIM = (6.0, 0.07)  # years of age error, share of gender errors: what one point of the validation score is


@dataclass(frozen=True, slots=True)
class Epoch:
    """One line of the training's diary."""

    number: int
    loss: float  # mean over the training batches
    age_error: float  # years, mean absolute, on the validation portraits
    gender_error: float  # share of the validation portraits
    share: float  # of the training that is done, 0 to 1

    @property
    def score(self) -> float:
        """Lower is better; 2 where both aims are just met."""
        return self.age_error / AIM[0] + self.gender_error / AIM[1]


class Trainer:
    """Trains one network; `best` holds the weights of the epoch with the best validation score so far."""

    def __init__(self, portraits: Portraits, validation: Portraits, seed: int) -> None:
        keras.utils.set_random_seed(seed)
        self._rng = np.random.default_rng(seed)
        self._portraits, self._validation = portraits, validation
        self._crops = crops_of(validation)
        self._model, self._average = build(DROPOUT, _precision()), build()
        self._optimizer = keras.optimizers.AdamW(PEAK_RATE, weight_decay=WEIGHT_DECAY, global_clipnorm=5.0)
        self._optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self._optimizer.build(self._model.trainable_variables)
        self._step = tf.function(self._plain_step)
        self._steps = 0
        self.diary: list[Epoch] = []
        self.best: dict[str, np.ndarray] | None = None

    def learn(self, epochs: int, seconds: float, clock: Callable[[], float]) -> Iterator[Epoch]:
        """Train until `epochs` are done or `seconds` of `clock` are over, whichever is first; one entry per epoch."""
        size = min(BATCH, len(self._portraits))
        batches = len(self._portraits) // size
        start = clock()
        share = 0.0
        while share < 1:
            losses = []
            for rows in self._rng.permutation(len(self._portraits))[: batches * size].reshape(batches, size):
                self._optimizer.learning_rate = _rate(share)
                losses.append(float(self._step(*self._batch(rows))))
                self._steps += 1
                share = max(self._steps / (epochs * batches), (clock() - start) / seconds)
                if share >= 1:
                    break
            yield self._examine(float(np.mean(losses)), min(share, 1.0))

    def _batch(self, rows: np.ndarray) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        faces = self._portraits
        crops = np.stack([augmented(faces.images[row], faces.landmarks[row], self._rng) for row in rows])
        memory = min(MEMORY, (1 + self._steps) / (10 + self._steps))  # the first steps are forgotten sooner
        return tuple(tf.constant(x, tf.float32) for x in (crops, faces.age[rows], faces.female[rows], memory))

    def _plain_step(self, crops, age, female, memory):
        with tf.GradientTape() as tape:
            loss = objective(*self._model(crops, training=True), age, female)
        variables = self._model.trainable_variables
        self._optimizer.apply(tape.gradient(loss, variables), variables)
        for slow, quick in zip(learned(self._average), learned(self._model), strict=True):
            slow.assign(memory * slow + (1 - memory) * quick)
        return loss

    def _examine(self, loss: float, share: float) -> Epoch:
        age, _, female = guess(self._average, self._crops)
        truth = self._validation
        wrong = float(np.mean((female > 0.5) != (truth.female > 0.5)))
        entry = Epoch(len(self.diary) + 1, loss, float(np.mean(np.abs(age - truth.age))), wrong, share)
        if self.best is None or entry.score <= min(past.score for past in self.diary):
            self.best = weights_of(self._average)
        self.diary.append(entry)
        return entry


def objective(years, female_logit, age, female):
    """Mean loss of a batch: cross-entropy with a blurred label, plus the error of the mean age, plus gender."""
    year = tf.range(YEARS, dtype=tf.float32)
    blurred = tf.nn.softmax(-0.5 * tf.square((year - age[:, None]) / LABEL_SPREAD))  # (B, 101)
    distribution = tf.nn.softmax_cross_entropy_with_logits(blurred, years)
    error = tf.abs(read_out(years, female_logit)[0] - tf.minimum(age, YEARS - 1.0))
    smooth = female * (1 - SMOOTHING) + SMOOTHING / 2
    gender = tf.nn.sigmoid_cross_entropy_with_logits(smooth, female_logit[:, 0])
    return tf.reduce_mean(distribution + 0.3 * error + 3.0 * gender)


def crops_of(portraits: Portraits) -> np.ndarray:
    """Plain crops uint8 (n, 64, 64, 3)."""
    return np.stack([aligned(*pair) for pair in zip(portraits.images, portraits.landmarks, strict=True)])


def guess(model: keras.Model, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Age, its spread and the probability of "female", each float32 (n,), one look per face."""
    parts = [read_out(*model(crops[i : i + 250].astype(np.float32), training=False)) for i in range(0, len(crops), 250)]
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


def _precision() -> str:
    """bfloat16 halves the time of a step where the machine multiplies it; elsewhere it would be emulated."""
    quick = tf.config.list_physical_devices("GPU") or multiplies_bfloat16()
    return "mixed_bfloat16" if quick else "float32"


def _rate(share: float) -> float:
    return PEAK_RATE * min(1.0, share / WARM_UP + 0.01) * 0.5 * (1 + np.cos(np.pi * share))
