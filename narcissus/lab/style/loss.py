"""What the training of a filter makes small, for pictures float32 (B, H, W, 3), -1 to 1.

The style's patches, at every level of a pyramid; the content, as what changes in its luminance from place to place;
steadiness, under noise and when the picture moves by less than the network's grid. How much of the first and how much
of the second is what strength says.
"""

from dataclasses import dataclass

import tensorflow as tf

from narcissus.networks.style.network import MARGIN

LUMINANCE = (0.299, 0.587, 0.114)  # BT.601
BANDS = (0.25, 0.5, 1.0, 1.0, 0.5)  # weight of each octave of luminance, the finest first; strokes replace the finest
OVER = 0.1  # weight of what is brighter than white or darker than black


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each term counts beside the style."""

    content: float = 1.0  # at full strength
    faithful: float = 4.0  # times as much at strength 0
    near: float = 1.0  # of the squared change, at strength 0; nothing at 1
    steady: float = 1.0


def content(drawn, given):
    """The squared difference of luminance in bands of an octave each. Overall brightness is the style's to choose."""
    here, there = _bands(drawn), _bands(given)
    return tf.add_n([w * tf.reduce_mean(tf.square(a - b)) for w, a, b in zip(BANDS, here, there, strict=True)])


def unsteadiness(first, again, shift):
    """The squared difference between a picture drawn, and the same drawn after it moved by `shift` (2,) and grew noisy.

    Both (1, H, W, 3); the rim, where other things came into view, does not count.
    """
    back = tf.roll(again, shift, (1, 2))
    inner = (slice(None), slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN))
    return tf.reduce_mean(tf.square(back[inner] - first[inner]))


def beyond(drawn):
    """How far colours go where no screen can follow."""
    return tf.reduce_mean(tf.nn.relu(tf.abs(drawn) - 1))


def near(drawn, given):
    return tf.reduce_mean(tf.square(drawn - given))


def _bands(pictures) -> list:
    """Laplacian pyramid of the luminance (Burt and Adelson 1983)."""
    level = tf.tensordot(pictures, tf.constant(LUMINANCE), 1)[..., None]  # (B, H, W, 1)
    found = []
    for _ in BANDS:
        coarse = tf.nn.avg_pool2d(level, 2, 2, "SAME")
        found.append(level - tf.image.resize(coarse, tf.shape(level)[1:3]))
        level = coarse
    return found
