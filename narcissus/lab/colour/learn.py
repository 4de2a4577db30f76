"""How the network learns: AdamW under a cosine, a moving average of its weights, small pictures first.

A second, gentler cosine polishes at the size that faces are coloured at (warm restart, Loshchilov and Hutter 2017).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from narcissus.core.processor import multiplies_bfloat16
from narcissus.lab.colour.batches import Batch, batch
from narcissus.lab.colour.piles import Pile
from narcissus.networks.colour import bins
from narcissus.networks.colour.network import build
from narcissus.networks.learned import learned

PEAK_RATE, POLISH_RATE = 2e-3, 8e-4
WARM_UP = 0.03  # of the training
WEIGHT_DECAY = 0.02
MEMORY = 0.997  # of the moving average, per step
SIDES = (64, 96, 128)  # pixels of the pictures: at first, later, and while polishing
LARGE_FROM = 0.7  # of the training before polishing: a large picture costs twice as much
EVENNESS = 0.8  # of the rebalancing; 0.5, as Zhang et al. have it, browns every skin of this pile


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the training's diary."""

    step: int
    loss: float  # mean over the steps since the line before
    error: float  # mean ab distance on the validation pictures, at temperature 1


class Trainer:
    """One network in training; the moving average of its weights is what ships."""

    def __init__(self, pile: Pile, centres: np.ndarray, shares: np.ndarray, steps: int, polish: int, seed: int) -> None:
        """`centres` (Q, 2) and `shares` (Q,) are the bins and how common they are; `polish` steps follow `steps`."""
        keras.utils.set_random_seed(seed)
        self.pile, self.centres, self.seed = pile, centres, seed
        self.steps, self.polish = steps, polish
        self.model, self.average = build(len(centres), precision()), build(len(centres))
        for slow, quick in zip(learned(self.average), learned(self.model), strict=True):
            slow.assign(quick)
        self.optimizer = keras.optimizers.AdamW(PEAK_RATE, weight_decay=WEIGHT_DECAY, global_clipnorm=2.0)
        self.optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self.optimizer.build(self.model.trainable_variables)
        self.step = 0
        self.diary: list[Entry] = []
        self._weights = tf.constant(bins.balance(shares, EVENNESS))
        self._run = tf.function(self._plain_step)  # one graph for each size: whoever resumes computes by the same

    def learn(self) -> Iterator[float]:
        """Go on from `step` to the end; the loss of each step. May be left after any step and gone on with."""
        while self.step < self.planned:
            rate, side = self._plan()
            self.optimizer.learning_rate = rate
            loss = self._run(*_tensors(batch(self.pile, self.seed, self.step, side)), _memory(self.step))
            self.step += 1
            yield float(loss)

    @property
    def planned(self) -> int:
        return self.steps + self.polish

    def _plan(self) -> tuple[float, int]:
        """Learning rate and side of the pictures of the next step."""
        if self.step < self.steps:
            share = self.step / self.steps
            return _rate(share, PEAK_RATE), SIDES[share >= LARGE_FROM]
        return _rate((self.step - self.steps) / self.polish, POLISH_RATE), SIDES[-1]

    def error(self, pictures: Batch) -> float:
        """Mean distance in the ab plane between true and assumed colours (annealed mean at temperature 1)."""
        logits = self.average([pictures.lightness, pictures.slice], training=False)
        assumed = np.asarray(bins.annealed(logits, self.centres, 1.0))
        return float(np.linalg.norm(assumed - pictures.ab, axis=-1).mean())

    def _plain_step(self, lightness, pile, ab, memory):
        with tf.GradientTape() as tape:
            loss = objective(self.model([lightness, pile], training=True), ab, self.centres, self._weights)
        variables = self.model.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        for slow, quick in zip(learned(self.average), learned(self.model), strict=True):
            slow.assign(memory * slow + (1 - memory) * quick)
        return loss


def objective(logits, ab, centres, weights):
    """Cross-entropy between the softly encoded true colours and the logits, rare colours weighing more."""
    truth = bins.soft(ab, tf.constant(centres))  # (B, h, w, Q)
    weight = tf.linalg.matvec(truth, weights)  # (B, h, w)
    return tf.reduce_mean(weight * tf.nn.softmax_cross_entropy_with_logits(truth, logits))


def precision() -> str:
    """bfloat16 saves a third of a step where the machine multiplies it; elsewhere it would be emulated."""
    quick = tf.config.list_physical_devices("GPU") or multiplies_bfloat16()
    return "mixed_bfloat16" if quick else "float32"


def _tensors(pictures: Batch) -> tuple[tf.Tensor, ...]:
    return tuple(tf.constant(array) for array in (pictures.lightness, pictures.slice, pictures.ab))


def _memory(step: int) -> tf.Tensor:
    return tf.constant(min(MEMORY, (1 + step) / (10 + step)), tf.float32)  # the first steps are forgotten sooner


def _rate(share: float, peak: float) -> float:
    return peak * min(1.0, share / WARM_UP + 0.02) * (0.02 + 0.49 * (1 + np.cos(np.pi * share)))
