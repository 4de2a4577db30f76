"""`D_paper` (Karras et al. 2018, `networks.py`), which a training sets against the generator; nothing else needs it.

As the reference has it by default (`fused_scale`): the second convolution of a block halves the picture by itself.
Unlike there, pictures are (batch, height, width, channels), and no labels are told.
"""

import math

from keras import ops

from narcissus.networks.pggan.arguments import Arguments
from narcissus.networks.pggan.network import LAST, SLOPE

GROUP = 4  # pictures that are compared with each other (minibatch standard deviation)


def shapes(arguments: Arguments) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every variable, in the reference's names."""
    maps, found = arguments.maps, {}

    def layer(name: str, *weight: int) -> None:
        found[f"{name}/weight"], found[f"{name}/bias"] = weight, weight[-1:]

    for log2 in range(2, arguments.log2 + 1):
        layer(f"FromRGB_lod{arguments.log2 - log2}", 1, 1, arguments.num_channels, maps(log2 - 1))
    for log2 in range(3, arguments.log2 + 1):
        layer(f"{2**log2}x{2**log2}/Conv0", 3, 3, maps(log2 - 1), maps(log2 - 1))
        layer(f"{2**log2}x{2**log2}/Conv1_down", 3, 3, maps(log2 - 1), maps(log2 - 2))
    layer("4x4/Conv", 3, 3, maps(1) + 1, maps(1))
    layer("4x4/Dense0", maps(1) * 16, maps(0))
    layer("4x4/Dense1", maps(0), 1)
    return found


def gain(name: str, shape: tuple[int, ...]) -> float:
    """He's constant, multiplied in at run time (equalised learning rate; the reference's `get_weight`)."""
    if not name.endswith("/weight"):
        return 1.0
    return (1.0 if name.startswith("4x4/Dense1") else math.sqrt(2)) / math.sqrt(math.prod(shape[:-1]))


def folded(variables: dict) -> dict:
    """Variables -> what `judge` uses: gains multiplied in, the halving kernels summed to 4x4."""
    ready = {}
    for name, value in variables.items():
        value = value * gain(name, tuple(value.shape))
        if name.endswith("Conv1_down/weight"):
            value = _halving(value)
        ready[name] = value
    return ready


def _halving(kernel):
    """(3, 3, in, out) -> (4, 4, in, out): the mean of what it says at 2x2 pixels at once (conv2d_downscale2d)."""
    padded = ops.pad(kernel, ((1, 1), (1, 1), (0, 0), (0, 0)))
    return (padded[1:, 1:] + padded[:-1, 1:] + padded[1:, :-1] + padded[:-1, :-1]) / 4


def judge(weights: dict, images, arguments: Arguments, last: int, coarse_share=None):
    """Pictures float32 (B, 2^last, 2^last, C), -1 to 1 -> how real each looks, float32 (B,); above 0 is real.

    `weights` are what `folded` returns, in the type to compute in. `coarse_share`: see network.growing.
    """
    top = arguments.log2 - last
    images = ops.cast(images, weights["4x4/Conv/weight"].dtype)
    x = _bend(_convolution(weights, images, f"FromRGB_lod{top}"))  # (B, 2^last, 2^last, maps)
    for log2 in range(last, 2, -1):
        x = _block(weights, x, f"{2**log2}x{2**log2}")
        if log2 == last and coarse_share is not None:
            small = ops.average_pool(images, 2, 2, data_format=LAST)
            coarse = _bend(_convolution(weights, small, f"FromRGB_lod{top + 1}"))
            x = x + (coarse - x) * ops.cast(coarse_share, x.dtype)
    x = ops.concatenate([x, _spread(x)], axis=-1)  # (B, 4, 4, maps(1) + 1)
    x = _bend(_convolution(weights, x, "4x4/Conv"))
    x = ops.cast(ops.reshape(x, (x.shape[0], -1)), "float32")
    x = _bend(_dense(weights, x, "4x4/Dense0"))
    return _dense(weights, x, "4x4/Dense1")[:, 0]


def _block(weights, x, name: str):
    """(B, r, r, in) -> (B, r/2, r/2, out)."""
    x = _bend(_convolution(weights, x, f"{name}/Conv0"))
    return _bend(_convolution(weights, x, f"{name}/Conv1_down", strides=2))


def _spread(x):
    """Minibatch standard deviation: one map that says how unlike the pictures of a group are, (B, 4, 4, 1)."""
    count, height, width, maps = x.shape
    group = math.gcd(GROUP, count)
    y = ops.reshape(ops.cast(x, "float32"), (group, count // group, height, width, maps))
    y = ops.sqrt(ops.var(y, axis=0) + 1e-8)  # (B/group, 4, 4, maps)
    y = ops.mean(y, axis=(1, 2, 3), keepdims=True)
    return ops.cast(ops.tile(y, (group, height, width, 1)), x.dtype)


def _convolution(weights, x, name: str, strides: int = 1):
    kernel = weights[f"{name}/weight"]
    return ops.conv(x, kernel, strides, padding="same", data_format=LAST) + weights[f"{name}/bias"]


def _dense(weights, x, name: str):
    return ops.matmul(x, ops.cast(weights[f"{name}/weight"], x.dtype)) + ops.cast(weights[f"{name}/bias"], x.dtype)


def _bend(x):
    return ops.leaky_relu(x, SLOPE)
