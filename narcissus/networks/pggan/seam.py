"""The one place where the network may be left and entered again: features at a resolution, and on from there.

What is blended there stays a picture (feature blending, Suzuki et al. 2018): each pixel of the maps has length 1, and
is given it back before it goes on. Computed in float32 whatever else the generator draws in, so that the same features
draw the same picture on any machine, to 1e-3.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from keras import ops

from narcissus.core.errors import DeviceLost, OutOfMemory
from narcissus.networks.pggan import backend, network
from narcissus.networks.pggan.arguments import Arguments


class Seam:
    """Any thread may call it; what is asked for the first time, or for another number of latents, is compiled.

    Whatever draws raises OutOfMemory or DeviceLost.
    """

    def __init__(self, arguments: Arguments, arrays: dict[str, np.ndarray], lod: float) -> None:
        """Folded weights as `network.fold` returns them."""
        backend.exact_float32()
        self._arguments, self._lod = arguments, lod
        self._root = np.asarray(arrays["4x4/Dense/weight"], np.float32)  # (latent_size + label_size, 4·4·maps)
        self._weights = {name: ops.convert_to_tensor(array, dtype="float32") for name, array in arrays.items()}
        self._leaving, self._between, self._finishing = cache(self._leave), cache(self._pass), cache(self._finish)
        self.finest = 2 ** (arguments.log2 - int(lod))  # pixels: the last of its maps

    def features(self, latents: np.ndarray, resolution: int) -> np.ndarray:
        """(B, latent_size) -> float32 (B, resolution, resolution, maps); a power of two from 4 to `finest`."""
        return _told(self._leaving(_log2(resolution)), self._rooted(latents))

    def _rooted(self, latents: np.ndarray) -> np.ndarray:
        """The dense layer's matrix times latents without a label: float32 (B, 4·4·maps).

        In numpy's own loops: TensorFlow and BLAS would leave copies of the latents in memory that nobody wipes.
        """
        known, size = self._arguments, self._arguments.latent_size
        latents = np.array(latents, np.float32)
        if known.normalize_latents:
            squares = np.einsum("bl,bl->b", latents, latents) / (size + known.label_size)
            latents /= np.sqrt(squares + known.pixelnorm_epsilon)[:, None]
        product = np.einsum("bl,lm->bm", latents, self._root[:size])
        latents.fill(0)
        return product.astype(np.float32)

    def onward(self, maps: np.ndarray, resolution: int) -> np.ndarray:
        """float32 (B, r, r, ·), normalised again -> the next maps, float32 (B, resolution, resolution, ·)."""
        return _told(self._between(_log2(maps.shape[1]), _log2(resolution)), self._normed(maps))

    def picture(self, maps: np.ndarray) -> np.ndarray:
        """float32 (B, r, r, ·), normalised again -> pictures float32 (B, H, W, C), not limited to [-1, 1]."""
        return _told(self._finishing(_log2(maps.shape[1])), self._normed(maps))

    def _normed(self, maps: np.ndarray) -> np.ndarray:
        """Where the network norms its pixels; a network that does not takes the maps as they are."""
        maps = np.asarray(maps, np.float32)
        if not self._arguments.use_pixelnorm:
            return maps
        return maps / np.sqrt(np.mean(np.square(maps), axis=-1, keepdims=True) + self._arguments.pixelnorm_epsilon)

    def _leave(self, last: int):
        def leave(weights, x):
            return network.grown(weights, network.sprouted(weights, x, self._arguments), self._arguments, 2, last)[1]

        return self._compiled(leave)

    def _pass(self, first: int, last: int):
        return self._compiled(lambda weights, x: network.grown(weights, x, self._arguments, first, last)[1])

    def _finish(self, first: int):
        last = self._arguments.log2 - int(self._lod)

        def finish(weights, x):
            before, maps = network.grown(weights, x, self._arguments, first, last)
            return network.coloured(weights, before, maps, self._arguments, self._lod)

        return self._compiled(finish)

    def _compiled(self, function):
        return backend.compiled(function, self._weights)


def _told(run: Callable, maps: np.ndarray) -> np.ndarray:
    """What a compiled function answers, or its fault in the house's own words."""
    try:
        return ops.convert_to_numpy(run(maps))
    except backend.OUT_OF_MEMORY as fault:
        raise OutOfMemory("no memory for a creature's features") from fault
    except backend.DEVICE_LOST as fault:
        raise DeviceLost(f"the device that draws creatures has failed ({fault})") from fault


def _log2(resolution: int) -> int:
    return resolution.bit_length() - 1
