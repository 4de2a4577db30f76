"""What the training of a filter makes small, for pictures float32 (B, H, W, 3), -1 to 1.

The style's patches, at every level of a pyramid; the content, as what changes in its luminance from place to place;
steadiness, under noise and when the picture moves by less than the network's grid. How much of the first and how much
of the second is what strength says.
"""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from narcissus.lab.style import patches

LUMINANCE = (0.299, 0.587, 0.114)  # BT.601
BANDS = (0.25, 0.5, 1.0, 1.0, 0.5)  # weight of each octave of luminance, the finest first; strokes replace the finest
STROKE = 8  # pixels that a stroke is wide, at most
GRID = 4  # pixels
RIM = 8  # pixels: where a picture that moved shows what was not there before
OVER = 0.1  # weight of what is brighter than white or darker than black


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each term counts beside the style."""

    strokes: float = 0.7
    content: float = 0.5  # at full strength
    faithful: float = 4.0  # times as much at strength 0
    near: float = 5.0  # of the squared change, at strength 0; nothing at 1
    steady: float = 0.5
    canvas: float = 10.0  # of what wanders with the canvas


@dataclass(frozen=True, slots=True)
class Manner:
    """A style to compare with: its pyramid, and along which directions its strokes vary, at each level."""

    levels: list
    axes: list[np.ndarray]

    @classmethod
    def of(cls, image: np.ndarray) -> "Manner":
        """float32 (1, H, W, 3), -1 to 1."""
        levels = patches.pyramid(tf.constant(image))
        return cls(levels, [patches.whitening(level.numpy()) for level in levels])

    def slices(self, rng: np.random.Generator, count: int) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
        """New directions at each level, for colour and shade, and for strokes; and where the grid of patches begins,
        (2,), for one that is always the same would show in the pictures."""
        plain = [patches.directions(rng, count) for _ in self.axes]
        return plain, [patches.directions(rng, count, axes) for axes in self.axes], rng.integers(0, GRID, 2, np.int32)


def style(drawn, manner: Manner, slices, strokes: float):
    """How far pictures are from a style, along `slices` of it: the mean over the pyramid's levels."""
    plain, whitened, corner = slices
    batch, high, wide, _ = drawn.shape
    drawn = tf.slice(drawn, [0, corner[0], corner[1], 0], [batch, high - GRID + 1, wide - GRID + 1, 3])
    colour = tf.add_n(patches.distances(drawn, manner.levels, plain)) / patches.LEVELS
    return colour + strokes * tf.add_n(patches.stroke_distances(drawn, manner.levels, whitened)) / patches.STROKES


def content(drawn, given):
    """The squared difference of luminance in bands of an octave each. Overall brightness is the style's to choose."""
    # A band of the difference is the difference of the bands.
    octaves = zip(BANDS, _bands(drawn - given), strict=True)
    return tf.add_n([weight * tf.reduce_mean(tf.square(band)) for weight, band in octaves])


def unsteadiness(first, again, shift):
    """The squared difference between a picture drawn, and the same drawn after it moved by `shift` (2,) and grew noisy.

    Both (1, H, W, 3); the rim, where other things came into view, does not count.
    """
    back = tf.roll(again, shift, (1, 2))
    inner = (slice(None), slice(RIM, -RIM), slice(RIM, -RIM))
    return tf.reduce_mean(tf.square(back[inner] - first[inner]))


def wandering(first, elsewhere):
    """How much colours of larger places than strokes depend on where the picture lies on the canvas."""
    return tf.reduce_mean(tf.square(tf.nn.avg_pool2d(first - elsewhere, STROKE, STROKE, "VALID")))


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
        found.append(level - tf.image.resize(coarse, level.shape[1:3]))
        level = coarse
    return found
