"""The sliced Wasserstein distance between the patches of pictures, over a pyramid.

GPDM (Elnekave and Weiss 2022) makes it small by changing pixels: project all patches on random directions, sort, and
compare with the sorted projections of the other picture's. Here a direction counts by the variance of the style along
it, and a part of them do not see a patch's mean: else colour is all that is learned, for strokes vary little beside it.
"""

import numpy as np
import tensorflow as tf

SIDE = 7  # pixels of a patch; GPDM
LEVELS = 4  # of the pyramid: patches cover 7 to 56 pixels
STRIDES = (3, 2, 1, 1)  # between the patches that are looked at, by level: a fine level has more than enough
MEANLESS = 0.6  # share of the directions that do not see the mean of a patch
FLOOR = 1e-3  # variance of a style along a direction is never taken for less; pictures go from -1 to 1


def directions(rng: np.random.Generator, count: int, side: int = SIDE, meanless: float = MEANLESS) -> np.ndarray:
    """float32 (side, side, 3, count) of length 1, random."""
    drawn = rng.standard_normal((side, side, 3, count)).astype(np.float32)
    blind = round(meanless * count)
    drawn[..., :blind] -= drawn[..., :blind].mean((0, 1), keepdims=True)
    return drawn / np.sqrt(np.square(drawn).sum((0, 1, 2)))


def pyramid(pictures, levels: int = LEVELS) -> list:
    """Pictures (B, H, W, C), and each time averaged to half the size."""
    found = [pictures]
    for _ in range(levels - 1):
        found.append(tf.nn.avg_pool2d(found[-1], 2, 2, "VALID"))
    return found


def projected(pictures, slices, stride: int):
    """Pictures (B, H, W, 3) -> (count, patches): the patches of all of them, pooled, along each direction."""
    along = tf.nn.conv2d(pictures, slices, stride, "VALID")  # (B, h, w, count)
    return tf.transpose(tf.reshape(along, (-1, slices.shape[-1])))


def distance(pictures, style, slices, stride: int):
    """The mean over directions of the squared distance per variance of the style: 0 alike, about 2 for strangers.

    Its gradient is exact: where each patch is to go does not change while it moves a little.
    """
    here, there = projected(pictures, slices, stride), projected(style, slices, stride)
    variance = tf.math.reduce_variance(there, axis=1) + FLOOR
    aims = tf.numpy_function(_aims, [here, there], tf.float32)
    aims = tf.stop_gradient(tf.ensure_shape(aims, here.shape))
    return tf.reduce_mean(tf.reduce_mean(tf.square(here - aims), axis=1) / variance)


def _aims(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Optimal transport in one dimension: for each of (count, n) the value of the same rank among (count, m)."""
    (count, here_n), there_n = here.shape, there.shape[1]
    ranks = ((np.arange(here_n) + 0.5) * (there_n / here_n)).astype(np.intp)
    aims = np.empty(here.size, here.dtype)
    aims[np.argsort(here, axis=1) + np.arange(count)[:, None] * here_n] = np.sort(there, axis=1)[:, ranks]
    return aims.reshape(here.shape)


def distances(pictures, style_levels: list, slices: list) -> list:
    """The distance at each level; `slices` are the directions of each level, `style_levels` the style's pyramid."""
    levels = pyramid(pictures, len(style_levels))
    # A level whose pictures are smaller than a patch has none.
    return [
        distance(level, style, along, stride)
        for level, style, along, stride in zip(levels, style_levels, slices, STRIDES, strict=True)
        if min(level.shape[1:3]) >= SIDE and min(style.shape[1:3]) >= SIDE
    ]
