"""What the tests of the generator share: networks drawn by lot, G_paper in plain numpy, official pickles to measure."""

import pickle
import sys
import types

import numpy as np

from narcissus.core.errors import ModelError
from narcissus.networks.pggan.arguments import Arguments
from narcissus.networks.pggan.weights import Weights

SMALL = {"resolution": 16, "num_channels": 3, "fmap_base": 64, "fmap_max": 12}


def drawn_weights(seed: int = 0, lod: float = 0.0, **arguments) -> Weights:
    """A network of these arguments whose weights are drawn by lot, as those of an untrained network are."""
    chosen = Arguments(**(SMALL | arguments))
    rng = np.random.default_rng(seed)
    variables = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in chosen.shapes().items()}
    variables["lod"] = np.float32(lod).reshape(())
    return Weights(chosen, variables, "drawn", "drawn by lot", "none")


def latents_for(weights: Weights, count: int = 3, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, weights.arguments.latent_size)).astype(np.float32)


def refusal(function, *arguments) -> str | None:
    """What the error of ours says that calling this raises; None when it raises none. Any other error is a failure."""
    try:
        function(*arguments)
    except ModelError as fault:
        return str(fault)
    return None


class Witness:
    """`G_paper` once more, word for word after the reference's `networks.py`: NCHW, float64, nothing folded."""

    def __init__(self, weights: Weights) -> None:
        self.arguments, self.variables = weights.arguments, weights.variables

    def draw(self, latents: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """float64 (B, C, H, W)."""
        a = self.arguments
        x = latents.astype(np.float64)
        if labels is not None:
            x = np.concatenate([x, labels], axis=1)
        image, x = None, self.first(x)
        for log2 in range(2, a.log2 + 1):
            lod = a.log2 - log2
            if log2 > 2:
                x = self.block(x, f"{2**log2}x{2**log2}")
                image = self.upscale(image)
            drawn = self.biased(self.conv(x, self.weight(f"ToRGB_lod{lod}", gain=1)), f"ToRGB_lod{lod}")
            mix = 0.0 if image is None else np.clip(float(self.variables["lod"]) - lod, 0, 1)
            image = drawn if image is None else drawn + (image - drawn) * mix  # lerp_clip
        return image

    def weight(self, name: str, gain: float = np.sqrt(2), fan_in: int | None = None) -> np.ndarray:
        stored = self.variables[f"{name}/weight"].astype(np.float64)
        fan_in = fan_in or int(np.prod(stored.shape[:-1]))
        return stored * (gain / np.sqrt(fan_in)) if self.arguments.use_wscale else stored

    def biased(self, x, name):
        return x + self.variables[f"{name}/bias"].reshape(1, -1, *[1] * (x.ndim - 2))

    def finish(self, x, name):
        x = self.biased(x, name)
        x = np.maximum(x, x * 0.2) if self.arguments.use_leakyrelu else np.maximum(x, 0)
        return self.pixel_norm(x) if self.arguments.use_pixelnorm else x

    def pixel_norm(self, x):
        return x / np.sqrt(np.mean(x**2, axis=1, keepdims=True) + self.arguments.pixelnorm_epsilon)

    def first(self, x):
        x = self.pixel_norm(x) if self.arguments.normalize_latents else x
        x = (x @ self.weight("4x4/Dense", gain=np.sqrt(2) / 4)).reshape(len(x), -1, 4, 4)
        return self.finish(self.conv(self.finish(x, "4x4/Dense"), self.weight("4x4/Conv")), "4x4/Conv")

    def block(self, x, name):
        if self.arguments.fused_scale:
            kernel = self.weight(f"{name}/Conv0_up", fan_in=9 * x.shape[1])
            x = self.finish(self.conv_transposed(x, kernel), f"{name}/Conv0_up")
        else:
            x = self.finish(self.conv(self.upscale(x), self.weight(f"{name}/Conv0")), f"{name}/Conv0")
        return self.finish(self.conv(x, self.weight(f"{name}/Conv1")), f"{name}/Conv1")

    @staticmethod
    def upscale(x):
        return x.repeat(2, axis=2).repeat(2, axis=3)

    @staticmethod
    def conv(x, kernel):
        """Kernel (k, k, in, out), zeros around."""
        size, (height, width) = len(kernel), x.shape[2:]
        edge = size // 2
        x = np.pad(x, ((0, 0), (0, 0), (edge, edge), (edge, edge)))
        taps = [(u, v) for u in range(size) for v in range(size)]
        return sum(np.einsum("bihw,io->bohw", x[:, :, u : u + height, v : v + width], kernel[u, v]) for u, v in taps)

    @staticmethod
    def conv_transposed(x, kernel):
        """upscale2d_conv2d: kernel (3, 3, out, in), padded and summed to 4x4, each pixel stamped onto the large map."""
        k = np.pad(kernel, ((1, 1), (1, 1), (0, 0), (0, 0)))
        k = k[1:, 1:] + k[:-1, 1:] + k[1:, :-1] + k[:-1, :-1]  # (4, 4, out, in)
        batch, _, height, width = x.shape
        large = np.zeros((batch, kernel.shape[2], 2 * height + 2, 2 * width + 2))
        for u in range(4):
            for v in range(4):
                large[:, :, u : u + 2 * height : 2, v : v + 2 * width : 2] += np.einsum("bihw,oi->bohw", x, k[u, v])
        return large[:, :, 1:-1, 1:-1]


def official_pickle(weights: Weights, protocol: int = 4, **state) -> bytes:
    """A pickle of three networks in the official format, the third being `weights`; `state` replaces what it holds."""
    module = types.ModuleType("tfutil")
    module.Network = type("Network", (), {"__module__": "tfutil"})
    sys.modules["tfutil"] = module
    try:
        return pickle.dumps(
            (*[_network(module, drawn_weights(9)) for _ in "GD"], _network(module, weights, **state)), protocol
        )
    finally:
        del sys.modules["tfutil"]


def _network(module, weights: Weights, **state):
    arguments = {name: getattr(weights.arguments, name) for name in Arguments.__slots__}
    network = module.Network()
    network.__dict__ |= {
        "version": 2,
        "name": "Gs",
        "static_kwargs": arguments | {"dtype": "float32"},
        "build_module_src": "open('CANARY', 'w')\nraise SystemExit('the stored source was run')\n",
        "build_func_name": "G_paper",
        "variables": list(weights.variables.items()),
    } | state
    return network
