"""The generator as one would write it down from the paper: the baseline that ours is measured against.

Every block enlarges its map and then convolves it; weights are scaled each time they are used (`get_weight` of the
reference); everything is computed in one precision. In TensorFlow it is one `tf.function`, in JAX one `jax.jit`.
"""

from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from narcissus.networks.pggan.arguments import Arguments

LAST = "channels_last"


def plain(arguments: Arguments, variables: dict[str, np.ndarray], precision: str) -> Callable[[np.ndarray], np.ndarray]:
    """Latents float32 (B, L) -> pictures uint8 (B, H, W, 3). `variables` as they are stored, `Conv0` unfused."""
    weights = {
        name: keras.Variable(value, dtype=precision, name=name.replace("/", "_")) for name, value in variables.items()
    }
    gains = {name: arguments.gain(name) for name in variables}

    def draw(latents):
        scaled = {name: weight * gains[name] for name, weight in weights.items()}
        return picture(network(scaled, ops.cast(latents, precision), arguments))

    run = _compiled(draw)
    return lambda latents: ops.convert_to_numpy(run(latents))


def network(weights, x, arguments: Arguments):
    x = norm(x)  # (B, L)
    x = ops.matmul(x, weights["4x4/Dense/weight"])
    x = ops.transpose(ops.reshape(x, (-1, arguments.maps(1), 4, 4)), (0, 2, 3, 1))  # (B, 4, 4, maps)
    x = norm(ops.leaky_relu(x + weights["4x4/Dense/bias"], 0.2))
    x = convolution(weights, x, "4x4/Conv")
    for log2 in range(3, arguments.log2 + 1):
        side = 2**log2
        x = ops.repeat(ops.repeat(x, 2, axis=1), 2, axis=2)  # (B, side, side, maps)
        x = convolution(weights, x, f"{side}x{side}/Conv0")
        x = convolution(weights, x, f"{side}x{side}/Conv1")
    x = ops.conv(x, weights["ToRGB_lod0/weight"], padding="same", data_format=LAST)
    return x + weights["ToRGB_lod0/bias"]  # (B, H, W, 3)


def convolution(weights, x, name: str):
    x = ops.conv(x, weights[f"{name}/weight"], padding="same", data_format=LAST)
    return norm(ops.leaky_relu(x + weights[f"{name}/bias"], 0.2))


def norm(x):
    return x * ops.rsqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + 1e-8)


def picture(x):
    return ops.cast(ops.clip(ops.round(ops.cast(x, "float32") * 127.5 + 127.5), 0, 255), "uint8")


def _compiled(function: Callable) -> Callable:
    name = keras.backend.backend()
    if name == "tensorflow":
        import tensorflow as tf

        return tf.function(function)
    if name == "jax":
        import jax

        return jax.jit(function)
    import torch

    return torch.inference_mode()(function)
