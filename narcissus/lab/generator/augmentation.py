"""What both networks' pictures go through before they are judged, so that few examples are not learned by heart.

DiffAugment (Zhao et al. 2020, arXiv 2006.10738): brightness, saturation, contrast, translation and cut-out, all
differentiable. How often each is done is set by the heuristic of ADA (Karras et al. 2020, arXiv 2006.06676): more when
the judge becomes too sure of the examples.
"""

import tensorflow as tf

TARGET = 0.6  # r_t of ADA: the mean sign of what is said of examples that is neither too sure nor too unsure
SPEED = 100_000  # pictures in which the probability may go from 0 to 1; ADA has 500,000 for longer trainings
MEMORY = 0.95  # of r_t, each step
FURTHEST = 1 / 8  # of the side, translation; DiffAugment
HOLE = 1 / 2  # of the side, cut-out; DiffAugment
MOST = 0.8  # of the probability: above it the augmentations leak into what is drawn (ADA, section 3.2)


def augmented(images, probability, seed):
    """float32 (B, r, r, C), -1 to 1, each change done to a picture with this probability; `seed` int32 (2,)."""
    count = images.shape[0]
    dice = tf.random.stateless_uniform((9, count, 1, 1, 1), seed)  # chance and amount of all that can be done
    done = tf.cast(dice[:5] < probability, tf.float32)
    amount = tf.random.stateless_uniform((7, count, 1, 1, 1), beside(seed, 1))
    x = images + (amount[0] - 0.5) * done[0]  # brightness
    grey = tf.reduce_mean(x, axis=-1, keepdims=True)
    x = grey + (x - grey) * (1 + (2 * amount[1] - 1) * done[1])  # saturation
    middle = tf.reduce_mean(x, axis=(1, 2, 3), keepdims=True)
    x = middle + (x - middle) * (1 + (amount[2] - 0.5) * done[2])  # contrast
    x = _moved(x, 2 * FURTHEST * (amount[3:5, :, 0, 0, 0] - 0.5) * done[3, :, 0, 0, 0])
    return x * (1 - done[4] * _hole(x.shape[1], amount[5], amount[6]))


def _moved(x, shifts):
    """Pictures moved by (2, B) of their sides, reflected at the edge: two products with matrices have a gradient."""
    side = x.shape[1]
    down, across = (_shift_matrix(side, shift) for shift in tf.unstack(shifts))  # (B, r, r)
    x = tf.einsum("bij,bjwc->biwc", down, x)
    return tf.einsum("bij,bhjc->bhic", across, x)


def _shift_matrix(side: int, shift):
    """(B,) of the side -> (B, r, r): row i holds a one where pixel i comes from."""
    pixels = tf.range(side) + tf.cast(tf.round(shift * side), tf.int32)[:, None]  # (B, r)
    inside = (side - 1) - tf.abs((side - 1) - tf.abs(pixels))
    return tf.one_hot(inside, side)


def _hole(side: int, row, column):
    """1 inside a square of half the side around a place (B, 1, 1, 1), else 0: float32 (B, r, r, 1)."""
    places = (tf.range(side, dtype=tf.float32) + 0.5) / side
    near = lambda axis, centre: tf.abs(tf.reshape(places, axis) - centre) < HOLE / 2
    return tf.cast(near((1, -1, 1, 1), row) & near((1, 1, -1, 1), column), tf.float32)


def beside(seed, number: int):
    """Another seed for another lot of the same step: int32 (2,)."""
    return tf.stack([seed[0], seed[1] + number])


def next_probability(probability, sureness, batch: int):
    """One step of ADA's heuristic: up when `sureness`, the running r_t, is above its target, else down."""
    moved = probability + tf.sign(sureness - TARGET) * (batch / SPEED)
    return tf.clip_by_value(moved, 0.0, MOST)


def signs(said):
    """r_t of one batch of examples: the mean sign of what is said of them."""
    return tf.reduce_mean(tf.sign(said))
