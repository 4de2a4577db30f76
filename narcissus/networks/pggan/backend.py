"""What differs between Keras' back ends: how a function is compiled, how threads are set, how faults are told."""

import logging
import os
from collections.abc import Callable

import keras

NAME = keras.backend.backend()
log = logging.getLogger(__name__)

if NAME == "tensorflow":
    import tensorflow as tf

    OUT_OF_MEMORY, DEVICE_LOST = tf.errors.ResourceExhaustedError, tf.errors.InternalError
elif NAME == "jax":
    import jax

    OUT_OF_MEMORY, DEVICE_LOST = MemoryError, jax.errors.JaxRuntimeError  # it tells the two apart by their text alone
else:
    import torch

    OUT_OF_MEMORY, DEVICE_LOST = torch.OutOfMemoryError, ()


def on_gpu() -> bool:
    if NAME == "tensorflow":
        return bool(tf.config.list_physical_devices("GPU"))
    if NAME == "jax":
        return jax.default_backend() == "gpu"
    return torch.cuda.is_available()


def use_threads(count: int | None) -> int:
    """Let the back end compute with `count` threads; returns how many it has.

    None leaves one core to perception. TensorFlow takes the number once per process, before it computes anything: a
    later wish for another is logged and has no effect.
    """
    wished = count or max(1, len(os.sched_getaffinity(0)) - 1)
    if NAME == "torch":
        torch.set_num_threads(wished)
    if NAME != "tensorflow":
        return wished
    has = tf.config.threading.get_intra_op_parallelism_threads()
    if has and count in (None, has):
        return has
    try:
        tf.config.threading.set_intra_op_parallelism_threads(wished)
        tf.config.threading.set_inter_op_parallelism_threads(2)  # the display and one other may draw at the same time
    except RuntimeError:
        log.warning("TensorFlow already computes with %s threads and cannot change to %d", has or "all its", wished)
        return has
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)  # else it takes all the memory there is
    return wished


def exact_float32() -> None:
    """From now on float32 is float32: on a GPU, TensorFlow would round what it multiplies to ten bits."""
    if NAME == "tensorflow":
        tf.config.experimental.enable_tensor_float_32_execution(False)
    elif NAME == "jax":
        jax.config.update("jax_default_matmul_precision", "highest")


def compiled(function: Callable, weights: dict) -> Callable:
    """`function(weights, *inputs)` as a compiled function of the inputs alone, once for each of their shapes."""
    if NAME == "tensorflow":
        return _graph(function, weights)
    if NAME == "jax":
        jitted = jax.jit(function)
        return lambda *inputs: jitted(weights, *inputs)

    @torch.inference_mode()
    def run(*inputs):
        return function(weights, *map(keras.ops.convert_to_tensor, inputs))

    return run


def _graph(function: Callable, weights: dict) -> Callable:
    """On a GPU XLA compiles it. On a processor the weights are frozen into the graph, for oneDNN to lay out once."""
    if on_gpu():
        return tf.function(lambda *inputs: function(weights, *inputs), autograph=False, jit_compile=True)
    plain = {name: tensor.numpy() for name, tensor in weights.items()}
    graph = tf.function(
        lambda *inputs: function({name: tf.constant(array) for name, array in plain.items()}, *inputs), autograph=False
    )
    ready = {}

    def run(*inputs):
        inputs = [tf.constant(one) for one in inputs]
        shapes = tuple(tuple(one.shape) for one in inputs)
        if shapes not in ready:  # a concrete function is called without tf.function's search for a fitting one
            ready[shapes] = graph.get_concrete_function(*(tf.TensorSpec(one.shape, one.dtype) for one in inputs))
        return ready[shapes](*inputs)

    return run
