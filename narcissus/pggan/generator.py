"""Latents -> pictures."""

from pathlib import Path

import numpy as np
import tensorflow as tf
from keras import ops

from narcissus.errors import NotFinite
from narcissus.pggan import weights as files
from narcissus.pggan.arguments import Arguments


def fuse(kernel):
    """[3,3,in,out] of a convolution after nearest x2 -> [4,4,out,in] of the transposed convolution that equals both."""
    return sum_shifted(kernel[::-1, ::-1].transpose(0, 1, 3, 2))


def sum_shifted(kernel):
    w = np.pad(kernel, ((1, 1), (1, 1), (0, 0), (0, 0)))
    return w[1:, 1:] + w[:-1, 1:] + w[1:, :-1] + w[:-1, :-1]


def fold(weights):
    a = weights.arguments
    out = {}
    for name, stored in weights.variables.items():
        value = stored.astype(np.float32) * np.float32(a.gain(name))
        if name == "4x4/Dense/weight":
            value = value.reshape(len(value), -1, 16).transpose(0, 2, 1).reshape(len(value), -1)
        elif name.endswith("/Conv0/weight"):
            name, value = name.replace("Conv0", "Conv0_up"), fuse(value)
        elif name.endswith("/Conv0_up/weight"):
            value = sum_shifted(value)
        elif name.endswith("/Conv0/bias"):
            name = name.replace("Conv0", "Conv0_up")
        out[name] = value
    return out


def pixel_norm(x, epsilon):
    return x * ops.rsqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + epsilon)


def draw(w, x, a: Arguments, dtype):
    def finish(x):
        x = ops.leaky_relu(x, 0.2) if a.use_leakyrelu else ops.relu(x)
        return pixel_norm(x, a.pixelnorm_epsilon) if a.use_pixelnorm else x

    if a.normalize_latents:
        x = pixel_norm(x, a.pixelnorm_epsilon)
    x = ops.matmul(x, w["4x4/Dense/weight"])
    x = ops.reshape(x, (-1, 4, 4, a.maps(1)))
    x = ops.cast(finish(x + w["4x4/Dense/bias"]), dtype)
    conv = lambda name: ops.cast(w[name], dtype)
    x = finish(ops.conv(x, conv("4x4/Conv/weight"), padding="same") + conv("4x4/Conv/bias"))
    for log2 in range(3, a.log2 + 1):
        block = f"{2**log2}x{2**log2}"
        x = ops.conv_transpose(x, conv(f"{block}/Conv0_up/weight"), strides=2, padding="same")
        x = finish(x + conv(f"{block}/Conv0_up/bias"))
        x = finish(ops.conv(x, conv(f"{block}/Conv1/weight"), padding="same") + conv(f"{block}/Conv1/bias"))
    x = ops.conv(x, conv("ToRGB_lod0/weight"), padding="same") + conv("ToRGB_lod0/bias")
    return ops.cast(x, "float32")


class Generator:
    def __init__(self, weights: files.Weights, *, precision: str | None = None, threads: int | None = None) -> None:
        self.arguments = weights.arguments
        self.name, self.sha256 = weights.name, weights.sha256
        self.resolution, self.latent_size = self.arguments.resolution, self.arguments.latent_size
        self._weights = fold(weights)
        self._dtype = precision or "float32"
        self._synthesize = tf.function(lambda x: draw(self._weights, x, self.arguments, self._dtype))
        self._render = tf.function(self._picture)

    @classmethod
    def load(cls, path: Path | str, *, precision: str | None = None, threads: int | None = None) -> "Generator":
        return cls(files.read(path), precision=precision, threads=threads)

    def synthesize(self, latents: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        return self._synthesize(self._inputs(latents, labels)).numpy()

    def render(self, latents: np.ndarray) -> np.ndarray:
        picture, finite = self._render(self._inputs(latents, None))
        if not finite:
            raise NotFinite(f"{self.name} drew NaN or infinity")
        return picture.numpy()

    def _inputs(self, latents, labels):
        latents = np.asarray(latents, np.float32)
        a = self.arguments
        if labels is None:
            labels = np.zeros((len(latents), a.label_size), np.float32)
        return np.concatenate([latents, labels], axis=1)

    def _picture(self, x):
        x = draw(self._weights, x, self.arguments, self._dtype)
        finite = ops.isfinite(ops.sum(x))
        x = ops.cast(ops.clip(ops.round(x * 127.5 + 127.5), 0, 255), "uint8")
        return (ops.repeat(x, 3, axis=-1) if self.arguments.num_channels == 1 else x), finite
