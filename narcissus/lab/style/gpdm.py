"""GPDM itself (Elnekave and Weiss 2022): the same loss made small by changing the pixels of one picture, no network.

Minutes for a picture where a filter takes milliseconds; it says how near to the style one can come at all.
"""

import keras
import numpy as np
import tensorflow as tf

from narcissus.lab.likeness.progress import counted
from narcissus.lab.style import loss
from narcissus.lab.style.contents import as_image
from narcissus.lab.style.learn import DIRECTIONS
from narcissus.lab.style.style_picture import StylePicture

STEPS = 300
RATE = 0.02  # Adam; GPDM
SETTLED = 0.6  # of the steps; the rest at a third of the rate


def optimised(pictures: np.ndarray, style: StylePicture, terms: loss.Weights, steps: int = STEPS, seed: int = 0):
    """uint8 (B, H, W, 3) -> the same shape: their pixels changed until style and content together are smallest.

    `terms` without strokes and content are GPDM as published, which keeps of a picture only what it began with.
    """
    given = tf.constant(as_image(pictures))
    drawn = tf.Variable(given)
    manner = loss.Manner.of(style.image())
    optimizer = keras.optimizers.Adam(RATE)
    optimizer.build([drawn])

    @tf.function(autograph=False)
    def change(along):
        with tf.GradientTape() as tape:
            total = loss.style(drawn, manner, along, terms.strokes)
            total += terms.content * loss.content(drawn, given) + loss.OVER * loss.beyond(drawn)
        optimizer.apply(tape.gradient(total, [drawn]), [drawn])

    rng = np.random.default_rng(seed)
    for step in counted("GPDM", steps, "step")(range(steps)):
        optimizer.learning_rate = RATE if step < SETTLED * steps else RATE / 3
        change(manner.slices(rng, DIRECTIONS))
    return np.clip(np.rint(drawn.numpy() * 127.5 + 127.5), 0, 255).astype(np.uint8)
