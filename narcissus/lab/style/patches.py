"""The sliced Wasserstein distance between the patches of pictures, over a pyramid.

GPDM (Elnekave and Weiss 2022) makes it small by changing pixels: project all patches on random directions, sort, and
compare with the sorted projections of the other picture's. Here a direction counts by the variance of the style along
it. Strokes vary little beside colour and shade, so they are looked for apart: along directions of the style's whitened
patches, and in every part of a picture by itself.
"""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

SIDE = 7  # pixels of a patch; GPDM
LEVELS = 4  # of the pyramid: patches cover 7 to 56 pixels
STROKES = 2  # of the levels, the finest: larger things than strokes need not be everywhere
STRIDES = (3, 2, 1, 1)  # between the patches that are looked at, by level: a fine level has more than enough
BLOCK = 13  # patches along each side of what strokes are looked for in
FLOOR = 1e-3  # variance of a style along a direction is never taken for less; pictures go from -1 to 1


def directions(rng: np.random.Generator, count: int, axes: np.ndarray | None = None, side: int = SIDE) -> np.ndarray:
    """float32 (side, side, 3, count) of length 1, random; `axes`, where given, say which are likely."""
    drawn = rng.standard_normal((side * side * 3, count)).astype(np.float32)
    drawn = drawn if axes is None else axes @ drawn
    return (drawn / np.linalg.norm(drawn, axis=0)).reshape(side, side, 3, count)


def whitening(style: np.ndarray, side: int = SIDE) -> np.ndarray:
    """float32 (side·side·3,) * 2: what turns directions that are all alike into such along which the style float32
    (1, H, W, 3) varies alike (ZCA; Bell and Sejnowski 1997)."""
    seen = np.lib.stride_tricks.sliding_window_view(style[0], (side, side), (0, 1))  # (h, w, 3, side, side)
    flat = seen.transpose(0, 1, 3, 4, 2).reshape(-1, side * side * 3)
    variance, axes = np.linalg.eigh(np.cov(flat, rowvar=False))
    return ((axes / np.sqrt(variance.clip(0) + FLOOR)) @ axes.T).astype(np.float32)


def pyramid(pictures, levels: int = LEVELS) -> list:
    """Pictures (B, H, W, C), and each time averaged to half the size."""
    found = [pictures]
    for _ in range(levels - 1):
        found.append(tf.nn.avg_pool2d(found[-1], 2, 2, "VALID"))
    return found


def distances(pictures, style_levels: list, slices: list) -> list:
    """The distance at each level of pictures (B, H, W, 3) from a style's pyramid, along the directions of each level.

    The patches of all pictures are pooled: one picture need not hold every colour of the style.
    """
    return [
        _apart(_pooled(_along(level, slices, stride)), _pooled(_along(style, slices, stride)))
        for level, style, slices, stride in _levels(pictures, style_levels, slices)
    ]


def stroke_distances(pictures, style_levels: list, slices: list) -> list:
    """The same, but each part of a picture by itself: there are to be strokes everywhere, on a plain wall, too."""
    return [
        _apart(_by_blocks(_along(level, slices, stride)), _pooled(_along(style, slices, stride)))
        for level, style, slices, stride in _levels(pictures, style_levels[:STROKES], slices[:STROKES])
    ]


def _levels(pictures, style_levels: list, slices: list) -> Iterator[tuple]:
    """Those levels that are no smaller than a patch."""
    levels = pyramid(pictures, len(style_levels))
    for level, style, along, stride in zip(levels, style_levels, slices, STRIDES[: len(levels)], strict=True):
        if min(*level.shape[1:3], *style.shape[1:3]) >= along.shape[0]:
            yield level, style, along, stride


def _along(pictures, slices, stride: int):
    """Pictures (B, H, W, 3) -> (B, h, w, count): patches along each direction."""
    return tf.nn.conv2d(pictures, slices, stride, "VALID")


def _pooled(along):
    """(B, h, w, count) -> (count, 1, B·h·w)"""
    return tf.transpose(tf.reshape(along, (1, -1, along.shape[-1])), (2, 0, 1))


def _by_blocks(along):
    """(B, h, w, count) -> (count, blocks, patches), squares of about BLOCK; what is left at the rim does not count."""
    pictures, high, wide, count = along.shape
    rows, columns = max(1, high // BLOCK), max(1, wide // BLOCK)
    side, across = high // rows, wide // columns
    parts = along[:, : rows * side, : columns * across]
    parts = tf.reshape(parts, (pictures, rows, side, columns, across, count))
    return tf.reshape(tf.transpose(parts, (5, 0, 1, 3, 2, 4)), (count, pictures * rows * columns, side * across))


def _apart(here, there):
    """Patches (count, groups, n) and the style's (count, 1, m) -> the mean over directions of the squared distance per
    variance of the style: 0 alike, about 2 for strangers.

    Its gradient is exact: where each patch is to go does not change while it moves a little.
    """
    variance = tf.math.reduce_variance(there, axis=2) + FLOOR  # (count, 1)
    aims = tf.numpy_function(_aims, [here, there], tf.float32)
    aims = tf.stop_gradient(tf.ensure_shape(aims, here.shape))
    return tf.reduce_mean(tf.reduce_mean(tf.square(here - aims), axis=2) / variance)


def _aims(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Optimal transport in one dimension: for each of (count, groups, n) the value of the same rank among (…, m)."""
    rows, have = here.reshape(-1, here.shape[2]), there.shape[2]
    ranks = ((np.arange(rows.shape[1]) + 0.5) * (have / rows.shape[1])).astype(np.intp)
    wanted = np.repeat(np.sort(there[:, 0], axis=1)[:, ranks], here.shape[1], axis=0)
    aims = np.empty(rows.size, rows.dtype)
    aims[np.argsort(rows, axis=1) + np.arange(len(rows))[:, None] * rows.shape[1]] = wanted
    return aims.reshape(here.shape)
