"""Latents -> pictures."""

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from keras import ops

from narcissus.core.errors import DeviceLost, NotFinite, OutOfMemory
from narcissus.core.processor import multiplies_bfloat16
from narcissus.networks.pggan import backend, network
from narcissus.networks.pggan import weights as files
from narcissus.networks.pggan.coarse import recoloured
from narcissus.networks.pggan.seam import Seam
from narcissus.networks.pggan.weights import Weights

PRECISIONS = ("float32", "bfloat16", "float16")
BATCHES = (64, 16, 4, 1)  # each is compiled when first needed; any other number of pictures is drawn as a sum of these
MOST_PIXELS = 1 << 22  # in one batch: at 1024 px four pictures, whose widest maps take 270 MB each in float32


class Generator:
    """Draws the picture that belongs to a latent. Any thread may call it; a new batch size takes a moment to compile.

    Only the direction of a latent counts where the network normalises latents, as the official ones do.
    """

    def __init__(
        self, weights: Weights, *, precision: str | None = None, threads: int | None = None, coarser: int = 0
    ) -> None:
        """`precision` None: float16 on a GPU, bfloat16 where the processor multiplies it, else float32.
        `threads` None: all cores but one; see backend.use_threads. `coarser`: how many of the last resolutions are left
        out where memory is short; the pictures keep their size and lose detail.
        """
        if precision not in (None, *PRECISIONS):
            raise ValueError(f"precision is {precision!r}, but must be one of {', '.join(PRECISIONS)}")
        self.arguments = weights.arguments
        self.name, self.sha256 = weights.name, weights.sha256
        self.resolution, self.latent_size = weights.arguments.resolution, weights.arguments.latent_size
        self.threads = backend.use_threads(threads)
        self.precision = precision or best_precision(weights.arguments.use_pixelnorm)
        self._batches = [size for size in BATCHES if size == 1 or size * self.resolution**2 <= MOST_PIXELS]
        arrays, lod = network.fold(weights.arguments, weights.variables), float(weights.variables["lod"])
        if coarser:
            arrays, lod = recoloured(self.arguments, arrays, lod, coarser)
        tensors = _tensors(arrays, self.precision)
        self._arrays, self._lod = arrays, lod
        self._draw = partial(network.draw, arguments=self.arguments, lod=lod)
        self._synthesize = backend.compiled(self._draw, tensors)
        self._render = backend.compiled(self._picture, tensors)
        self._render_joined = backend.compiled(self._joined_picture, tensors)

    @classmethod
    def load(
        cls, path: Path | str, *, precision: str | None = None, threads: int | None = None, coarser: int = 0
    ) -> "Generator":
        """The generator whose .npz, with its sidecar .json, lies at `path`. It has drawn once: no viewer waits.

        Raises ModelError when the file cannot be used, DrawingError when the network cannot be drawn with.
        """
        generator = cls(files.read(path), precision=precision, threads=threads, coarser=coarser)
        generator.render(np.zeros((1, generator.latent_size), np.float32))
        return generator

    @cached_property
    def seam(self) -> Seam:
        """The same network in float32, to be left and entered at a resolution between."""
        return Seam(self.arguments, self._arrays, self._lod)

    def synthesize(self, latents: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """(B, latent_size), (B, label_size) -> float32 (B, H, W, C) as the network says it, not limited to [-1, 1].

        No labels are zeros. Raises ValueError for other shapes, OutOfMemory, DeviceLost.
        """
        parts = [ops.convert_to_numpy(image) for image in self._run(self._synthesize, self._inputs(latents, labels))]
        size = self.resolution
        return _joined(parts, (0, size, size, self.arguments.num_channels), np.float32)

    def render(
        self, latents: np.ndarray, labels: np.ndarray | None = None, *, above: np.ndarray | None = None
    ) -> np.ndarray:
        """(B, latent_size) -> uint8 (B, H, W, 3) RGB; a grey network's one channel is repeated.

        `above`: latents of the same shape, of whom what lies above the mouth of an aligned face is drawn.
        Raises NotFinite when any of the pictures holds NaN or infinity, and what `synthesize` raises.
        """
        run, inputs, parts = self._render, self._inputs(latents, labels), []
        if above is not None:
            if np.shape(above) != np.shape(latents):
                raise ValueError(
                    f"latents {np.shape(latents)} and those above {np.shape(above)} must have the same shape"
                )
            run, inputs = self._render_joined, np.stack([inputs, self._inputs(above, labels)], axis=1)
        for picture, finite in self._run(run, inputs):
            if not finite:
                raise NotFinite(f"{self.name}: the network answered NaN or infinity in {self.precision}")
            parts.append(ops.convert_to_numpy(picture))
        return _joined(parts, (0, self.resolution, self.resolution, 3), np.uint8)

    def _joined_picture(self, weights, inputs):
        return self._picture(weights, inputs[:, 0], inputs[:, 1])

    def _picture(self, weights, inputs, above=None):
        image = self._draw(weights, inputs, above=above)
        # One sum instead of a search: NaN and infinity survive it, and the casts below would hide them.
        return network.to_picture(image, self.arguments.num_channels), ops.isfinite(ops.sum(image))

    def _inputs(self, latents: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
        """Latents joined with labels: float32 (B, latent_size + label_size)."""
        latents = np.asarray(latents, np.float32)
        if latents.ndim != 2 or latents.shape[1] != self.latent_size:
            raise ValueError(f"latents have shape {latents.shape}, but {self.name} takes (batch, {self.latent_size})")
        expected = (len(latents), self.arguments.label_size)
        labels = np.zeros(expected, np.float32) if labels is None else np.asarray(labels, np.float32)
        if labels.shape != expected:
            raise ValueError(f"labels have shape {labels.shape}, but {self.name} takes {expected} with these latents")
        return np.concatenate([latents, labels], axis=1)

    def _run(self, function: Callable, inputs: np.ndarray) -> Iterator:
        """What `function` makes of the inputs, in pieces of the batch sizes; smaller ones when one does not fit."""
        while len(inputs):
            size = next(size for size in self._batches if size <= len(inputs))
            try:
                yield function(inputs[:size])
            except backend.OUT_OF_MEMORY as fault:
                if size == 1:
                    raise OutOfMemory(f"{self.name}: no memory for a picture of {self.resolution} px") from fault
                self._batches = [smaller for smaller in self._batches if smaller < size]
                continue
            except backend.DEVICE_LOST as fault:
                raise DeviceLost(f"{self.name}: the device that draws has failed ({fault})") from fault
            inputs = inputs[size:]


def best_precision(normed: bool) -> str:
    """float16 needs the pixel norm, which keeps every map within its range."""
    if backend.on_gpu():
        return "float16" if normed else "float32"
    return "bfloat16" if multiplies_bfloat16() else "float32"


def _tensors(arrays: dict[str, np.ndarray], precision: str) -> dict:
    """The dense layer keeps float32; see network.draw."""
    return {
        name: ops.convert_to_tensor(array, dtype="float32" if name.startswith("4x4/Dense") else precision)
        for name, array in arrays.items()
    }


def _joined(parts: list[np.ndarray], empty: tuple[int, ...], dtype) -> np.ndarray:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.zeros(empty, dtype)
