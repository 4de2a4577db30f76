"""What the machine can do at best, measured through the same library: a large matrix product, and bare convolutions."""

from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from benchmark.arithmetic import Convolution
from benchmark.rows import Options, Row
from benchmark.timing import interleaved
from narcissus.networks.pggan import backend
from narcissus.networks.pggan.generator import best_precision

SIDE = 2048  # of the square matrices; larger ones are no faster
BOX = Convolution(64, 3, 128, 128)  # large enough that nothing but multiplying takes time


def precisions() -> list[str]:
    """float32, and what the mirror draws in on this machine."""
    return list(dict.fromkeys([best_precision(True), "float32"]))


def product(precision: str) -> Callable[[], None]:
    """A product of two SIDE×SIDE matrices, done when it returns."""
    matrix = _random((SIDE, SIDE), precision)
    run = backend.compiled(lambda weights, x: ops.matmul(x, weights["matrix"]), {"matrix": matrix})
    return lambda: wait(run(matrix))


def bare(layer: Convolution, batch: int, precision: str) -> Callable[[], None]:
    """The convolution alone: no bias, no norm, its input already where it is computed."""
    kernel = _random((layer.kernel, layer.kernel, layer.inputs, layer.outputs), precision)
    maps = _random((batch, layer.side, layer.side, layer.inputs), precision)
    conv = lambda weights, x: ops.conv(x, weights["kernel"], padding="same", data_format="channels_last")
    run = backend.compiled(conv, {"kernel": kernel})
    return lambda: wait(run(maps))


def rows(options: Options):
    """Section "machine": operations a second in each precision."""
    backend.use_threads(options.threads)
    for precision in precisions():
        times = interleaved(
            {"product": product(precision), "convolution": bare(BOX, 1, precision)}, seconds=1 if options.quick else 4
        )
        done = 2 * SIDE**3
        yield Row("machine", f"matrix product {SIDE}×{SIDE}, {precision}", _rate(done, times["product"]))
        yield Row(
            "machine",
            f"convolution 3×3, 128→128 maps of {BOX.side} px, {precision}",
            _rate(BOX.operations, times["convolution"]),
        )


def _rate(done: int, times) -> dict[str, float]:
    return {"GFLOP/s": done / times.ms / 1e6, "best GFLOP/s": done / min(times.wall) / 1e9} | times.figures()


def _random(shape: tuple[int, ...], precision: str):
    return ops.convert_to_tensor(np.random.default_rng(0).standard_normal(shape, np.float32), dtype=precision)


def wait(tensor) -> None:
    """Until it has been computed; a GPU's calls return before."""
    name = keras.backend.backend()
    if name == "jax":
        tensor.block_until_ready()
    elif name == "tensorflow" and backend.on_gpu():
        import tensorflow as tf

        tf.test.experimental.sync_devices()
    elif name == "torch" and backend.on_gpu():
        import torch

        torch.cuda.synchronize()
