"""The network of a filter: 4×4 pixels folded into channels, residual blocks (He et al. 2016), and unfolded again.

Nothing looks further than its halo and nothing is normalised by what else is in the picture: a tile is drawn as the
whole would be, and one bright lamp does not change the rest of a film. Strength enters every convolution as a scale and
a shift of its channels (FiLM, Perez et al. 2018), multiplied into the kernel; at strength 0 the picture comes out as it
went in. On a plain wall there is nothing that strokes could begin at: so the last block also sees a canvas, a learned
pattern that repeats every CANVAS places and stays where it is on the screen; earlier it would decide more than strokes.
Every map is (batch, height, width, channels).
"""

from dataclasses import dataclass

import numpy as np
from keras import ops

LAST = "channels_last"  # said each time: a keras.json on the machine may say otherwise
FOLD = 4  # pixels to a place of the maps, each way
FOLDED = 3 * FOLD**2  # channels
CANVAS, THREADS = 64, 4  # places after which the canvas repeats, each way; its channels
TERMS = 2  # of strength: 1 − s and (1 − s)²; at full strength the network is what its kernels say


@dataclass(frozen=True, slots=True)
class Size:
    channels: int = 48
    blocks: int = 5

    @property
    def rim(self) -> int:
        """What `draw` takes off each side, in pixels."""
        return FOLD * (2 * self.blocks + 2)

    @property
    def halo(self) -> int:
        """How far a pixel's colour may depend on others, in pixels; a multiple of FOLD."""
        return self.rim + FOLD

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Every array's shape by its name."""
        wide = self.channels
        found = {"skip/kernel": (1, 1, FOLDED, FOLDED), "canvas": (CANVAS, CANVAS, THREADS)}
        for name, (ins, outs) in {
            "stem": (FOLDED, wide),
            "weave": (THREADS, wide),
            **self._inner(),
            "paint": (wide, FOLDED),
        }.items():
            found |= {f"{name}/kernel": (3, 3, ins, outs), f"{name}/bias": (outs,)}
            found |= {f"{name}/scale": (TERMS, outs), f"{name}/shift": (TERMS, outs)}
        return found

    def _inner(self) -> dict[str, tuple[int, int]]:
        return {f"block{i}{part}": (self.channels,) * 2 for i in range(self.blocks) for part in "ab"}


def initial(size: Size, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Untrained weights, float32: He's normal, and nothing where the picture is changed: it comes out as it went in."""
    return {name: _initial(name, shape, rng) for name, shape in size.shapes().items()}


def _initial(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    if name.endswith(("/bias", "/scale", "/shift")) or name in ("skip/kernel", "paint/kernel"):
        return np.zeros(shape, np.float32)
    return (rng.standard_normal(shape) * gain(name, shape)).astype(np.float32)


def gain(name: str, shape: tuple[int, ...]) -> float:
    """The size that an array's numbers have: the training moves each in proportion (equalised learning rate; Karras et
    al. 2018)."""
    if name == "canvas":
        return 1.0
    if not name.endswith("/kernel"):
        return 0.1
    small = {"skip": 0.5, "paint": 0.25, "weave": 0.3}.get(
        name.split("/")[0], 0.3 if name.endswith("b/kernel") else 1.0
    )
    return small * float(np.sqrt(2 / np.prod(shape[:-1])))


def laid(canvas: np.ndarray, top: int, left: int) -> np.ndarray:
    """The canvas (CANVAS, CANVAS, THREADS) as a picture sees it whose corner lies at (top, left), multiples of FOLD."""
    return np.roll(canvas, (-(top // FOLD), -(left // FOLD)), (0, 1))


def draw(weights: dict, image, strength, canvas):
    """float32 (B, H, W, 3), -1 to 1, sides multiples of 4; strength a scalar 0 to 1 -> the same without Size.rim pixels
    on each side, not clipped, and drawn as within any larger picture.

    `weights` are tensors of the type to compute in; `canvas` (1 or B, CANVAS, CANVAS, THREADS) begins at the
    pictures' corner.
    """
    kind = weights["stem/kernel"].dtype
    folded = ops.space_to_depth(image, FOLD, data_format=LAST)  # (B, H/4, W/4, 48)
    small = ops.cast(folded, kind)
    weaker = 1 - ops.cast(strength, "float32")
    terms = ops.cast(ops.stack([weaker, weaker * weaker])[None], kind)  # (1, TERMS)
    x = ops.relu(_convolution(weights, small, "stem", terms))  # (B, H/4, W/4, channels)
    blocks = sum(name.endswith("a/bias") for name in weights)
    for i in range(blocks):
        if i == blocks - 1:
            threads = _inside(_spread(ops.cast(canvas, kind), small), 2 * i)
            x = x + _convolution(weights, threads, "weave", terms)
        inner = ops.relu(_convolution(weights, x, f"block{i}a", terms))
        x = _inside(x, 2) + _convolution(weights, inner, f"block{i}b", terms)
    rim = 2 * blocks + 2  # all that the convolutions took, a place each; see Size.rim
    change = _convolution(weights, ops.relu(x), "paint", terms)
    change = change + _plain(_inside(small, rim), weights["skip/kernel"])
    # Added in float32: bfloat16 has fewer steps than a picture has levels.
    painted = _inside(folded, rim) + ops.cast(strength, "float32") * ops.cast(change, "float32")
    return ops.depth_to_space(painted, FOLD, data_format=LAST)


def _spread(canvas, places):
    """The canvas repeated over all of the places (B, h, w, ·)."""
    _, high, wide, _ = places.shape
    whole = ops.tile(canvas, (1, -(-high // CANVAS), -(-wide // CANVAS), 1))
    return whole[:, :high, :wide]


def _inside(x, rim: int):
    """(B, h, w, ·) without so many places on each side."""
    return x[:, rim : x.shape[1] - rim, rim : x.shape[2] - rim]


def _convolution(weights: dict, x, name: str, terms):
    """The strength's scale goes into the kernel: the maps are not touched once more for it."""
    scale = 1 + ops.matmul(terms, weights[f"{name}/scale"])[0]  # (out,)
    shift = weights[f"{name}/bias"] + ops.matmul(terms, weights[f"{name}/shift"])[0]
    return _plain(x, weights[f"{name}/kernel"] * scale) + shift


def _plain(x, kernel):
    return ops.conv(x, kernel, padding="valid", data_format=LAST)


def to_image(pictures):
    """uint8 0 to 255 -> float32 -1 to 1."""
    return ops.cast(pictures, "float32") / 127.5 - 1


def to_picture(image):
    """float32 -1 to 1 -> uint8. NaN must be looked for before."""
    return ops.cast(ops.clip(ops.round(image * 127.5 + 127.5), 0, 255), "uint8")
