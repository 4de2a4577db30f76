"""The last resolutions left out: a picture that costs a fraction, for when memory is short.

A network that has grown to the end has forgotten how to colour its smaller maps: their `ToRGB` stood still while the
maps moved on, and what it draws is garish. So it is fitted again, by least squares, to what the whole network draws.
"""

import keras
import numpy as np
from keras import ops

from narcissus.networks.pggan import network
from narcissus.networks.pggan.arguments import Arguments

SEED = 0
MOST_PICTURES, PIXELS = 64, 1 << 18  # to fit to: as many small pictures as have so many pixels together
RIDGE = 1e-4  # per picture element, against maps that are nearly nothing or nearly alike


def recoloured(
    arguments: Arguments, arrays: dict[str, np.ndarray], lod: float, coarser: int
) -> tuple[dict[str, np.ndarray], float]:
    """Folded weights and the lod at which `network.draw` leaves out `coarser` more resolutions; 4 px is the least.

    Draws a few whole pictures, on the processor whatever else there is.
    """
    level = min(int(lod) + coarser, arguments.log2 - 2)
    last = arguments.log2 - level
    count = max(2, min(MOST_PICTURES, PIXELS >> 2 * last))
    inputs = np.random.default_rng(SEED).standard_normal((count, arguments.latent_size)).astype(np.float32)
    inputs = np.pad(inputs, ((0, 0), (0, arguments.label_size)))  # no label
    with keras.device("cpu"):
        tensors = {name: ops.convert_to_tensor(array) for name, array in arrays.items()}
        drawn = [_drawn(tensors, one, arguments, lod, last) for one in ops.convert_to_tensor(inputs[:, None])]
    maps, colours = (np.concatenate(parts) for parts in zip(*drawn, strict=True))  # (n, maps), (n, C)
    weight, bias = _fit(maps, colours)
    name = f"ToRGB_lod{level}"
    return arrays | {f"{name}/weight": weight[None, None], f"{name}/bias": bias}, float(level)


def _drawn(tensors: dict, inputs, arguments: Arguments, lod: float, last: int) -> tuple[np.ndarray, np.ndarray]:
    """The maps at 2^last pixels and, averaged to the same size, the whole picture: (4^last, maps), (4^last, C)."""
    _, maps = network.feature_maps(tensors, inputs, arguments, last)
    picture = network.draw(tensors, inputs, arguments, lod)
    square = (2 ** (arguments.log2 - last),) * 2
    picture = ops.average_pool(picture, square, square, data_format=network.LAST)
    return tuple(ops.convert_to_numpy(ops.reshape(one, (4**last, -1))) for one in (maps, picture))


def _fit(maps: np.ndarray, colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ridge regression of colours (n, C) on maps (n, F): weight (F, C), bias (C,)."""
    mean, target = maps.mean(0), colours.mean(0)
    centred = maps - mean
    gram = centred.T @ centred + RIDGE * len(maps) * np.eye(maps.shape[1])
    weight = np.linalg.solve(gram, centred.T @ (colours - target)).astype(np.float32)
    return weight, (target - mean @ weight).astype(np.float32)
