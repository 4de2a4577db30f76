"""`G_paper` in keras.ops: the weights made ready once, and the arithmetic that draws with them.

Every map is (batch, height, width, channels). The first convolution of a block follows a nearest-neighbour x2; both
ways of storing it become the same convolution here: each 2x2 window of the small map yields four pixels of the large
one, so that 4 multiplications do the work of 9.
"""

import numpy as np
from keras import ops

from narcissus.networks.pggan.arguments import Arguments

LAST = "channels_last"  # said each time: a keras.json on the machine may say otherwise
SLOPE = 0.2  # leaky ReLU; G_paper
# Of two latents: where the maps of a face's upper part and of its lower are joined, on aligned portraits.
JOINED = 3  # log2 of the pixels
LIP, SOFT = 0.62, 0.03  # of the picture's height: above the upper lip, and how gradually


def fold(arguments: Arguments, variables: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Stored variables -> float32 arrays as `draw` uses them, gains multiplied in."""
    single = {name: value.astype(np.float32) for name, value in variables.items()}
    return {name: np.ascontiguousarray(value) for name, value in folded(arguments, single).items()}


def folded(arguments: Arguments, variables: dict, xp=np) -> dict:
    """`fold` of as many layers as are given, in any array library with numpy's names: a training differentiates it."""
    ready = {}
    for name in variables:
        if name == "lod":
            continue
        value = variables[name] * arguments.gain(name)
        layer, kind = name.rsplit("/", 1)
        if name == "4x4/Dense/weight":
            value = _dense_channels_last(value, xp)
        elif layer.endswith("/Conv0_up"):
            value = four_at_once(value, xp) if kind == "weight" else xp.tile(value, 4)
        elif layer.endswith("/Conv0"):
            value = four_at_once(transposed(value, xp), xp) if kind == "weight" else xp.tile(value, 4)
        ready[name.replace("Conv0_up", "Conv0")] = value
    return ready


def _dense_channels_last(weight, xp):
    """(in, maps·4·4), as the reference reshapes it, -> (in, 4·4·maps)."""
    inputs, outputs = weight.shape
    return xp.reshape(xp.transpose(xp.reshape(weight, (inputs, outputs // 16, 16)), (0, 2, 1)), (inputs, outputs))


def transposed(kernel, xp=np):
    """A convolution's (3, 3, in, out) -> the (3, 3, out, in) with which a transposed convolution does the same."""
    return xp.transpose(kernel[::-1, ::-1], (0, 1, 3, 2))


def four_at_once(kernel, xp=np):
    """A fused `Conv0_up` kernel (3, 3, out, in) -> (2, 2, in, 4·out), a convolution to 2x2 pixels at once."""
    outputs, inputs = kernel.shape[2:]
    padded = xp.pad(kernel, ((1, 1), (1, 1), (0, 0), (0, 0)))
    summed = padded[1:, 1:] + padded[:-1, 1:] + padded[1:, :-1] + padded[:-1, :-1]  # (4, 4, out, in); upscale2d_conv2d
    # Row a of the pair takes tap a from the window's second row and tap a + 2 from its first; columns likewise.
    taps = xp.reshape(summed, (2, 2, 2, 2, outputs, inputs))[::-1, :, ::-1]  # (window row, a, its column, b, out, in)
    return xp.reshape(xp.transpose(taps, (0, 2, 5, 1, 3, 4)), (2, 2, inputs, 4 * outputs))


def draw(weights: dict, inputs, arguments: Arguments, lod: float = 0.0, above=None):
    """Latents joined with labels, float32 (B, latent_size + label_size) -> pictures, float32 (B, H, W, C), unclipped.

    `weights` are what `fold` returns, as tensors of the type to compute in (but for the dense layer: in bfloat16 its
    latents would move in steps that a slow dream shows). `lod`, 0 to log2 - 2, is
    how far the network has yet to grow: 0 when it is finished, 1.3 when 30 % of the resolution before the last but one
    still shows through the last but one. `above`: further latents, of the same shape, of whom all that lies above the
    mouth is drawn; None: of the same.
    """
    last = arguments.log2 - int(lod)
    if above is None or last <= JOINED:
        before, maps = feature_maps(weights, inputs, arguments, last)
    else:
        before, maps = joined_maps(weights, inputs, above, arguments, last)
    return coloured(weights, before, maps, arguments, lod)


def growing(weights: dict, inputs, arguments: Arguments, last: int, coarse_share=None):
    """Pictures of 2^last pixels, float32 (B, 2^last, 2^last, C).

    `coarse_share`, 0 to 1, a number or a scalar tensor: how much of the resolution before still shows; None: nothing.
    """
    before, maps = feature_maps(weights, inputs, arguments, last)
    return _faded(weights, before, maps, arguments, last, coarse_share)


def feature_maps(weights: dict, inputs, arguments: Arguments, last: int):
    """What the blocks up to 2^last pixels make of the inputs: the maps of the last but one, and of the last.

    (B, 2^(last - 1), 2^(last - 1), ·), (B, 2^last, 2^last, maps(last - 1)); at 4 px both are the same.
    """
    return grown(weights, _first_block(weights, inputs, arguments), arguments, 2, last)


def joined_maps(weights: dict, inputs, above, arguments: Arguments, last: int):
    """`feature_maps` of one face: above the mouth what the latents `above` say of it, and below what `inputs` say.

    Joined while they are small, and given back the length that each had, the maps grow into one picture without a seam
    (feature blending, Suzuki et al. 2018, arXiv 1811.10153).
    """
    both = _first_block(weights, ops.concatenate([inputs, above], axis=0), arguments)
    lower, upper = ops.split(grown(weights, both, arguments, 2, JOINED)[1], 2, axis=0)
    heights = (np.arange(2**JOINED) + 0.5) / 2**JOINED
    share = ops.cast((1 / (1 + np.exp((LIP - heights) / SOFT)))[None, :, None, None], lower.dtype)
    blend = lambda one, other: one + (other - one) * share
    maps = blend(upper, lower)
    maps = maps * (blend(_length(upper), _length(lower)) / _length(maps))
    return grown(weights, maps, arguments, JOINED, last)


def grown(weights: dict, maps, arguments: Arguments, first: int, last: int):
    """Maps at 2^first pixels -> what the blocks up to 2^last pixels make of them, as `feature_maps` returns it."""
    before = maps
    for log2 in range(first + 1, last + 1):
        before, maps = maps, _block(weights, maps, f"{2**log2}x{2**log2}", arguments)
    return before, maps


def coloured(weights: dict, before, maps, arguments: Arguments, lod: float):
    """The two last maps of a network with this lod -> pictures, float32 (B, H, W, C), unclipped."""
    last = arguments.log2 - int(lod)
    image = _faded(weights, before, maps, arguments, last, lod % 1 or None)
    for _ in range(arguments.log2 - last):
        image = _twice(image)
    return image


def _faded(weights, before, maps, arguments: Arguments, last: int, coarse_share):
    """(B, 2^last, 2^last, C), with as much as is asked for of the resolution before."""
    image = _to_rgb(weights, maps, arguments.log2 - last)
    if coarse_share is None or last == 2:
        return image
    return image + (coarse_picture(weights, before, arguments, last) - image) * coarse_share


def coarse_picture(weights, before, arguments: Arguments, last: int):
    """The maps of the last resolution but one -> its picture, enlarged: float32 (B, 2^last, 2^last, C)."""
    return _twice(_to_rgb(weights, before, arguments.log2 - last + 1))


def _first_block(weights, inputs, arguments: Arguments):
    x = pixel_norm(inputs, arguments.pixelnorm_epsilon) if arguments.normalize_latents else inputs
    return sprouted(weights, ops.matmul(x, weights["4x4/Dense/weight"]), arguments)


def sprouted(weights: dict, x, arguments: Arguments):
    """What the dense layer's matrix makes of the latents, (B, 4·4·maps) -> the maps at 4 px, (B, 4, 4, maps(1))."""
    x = ops.reshape(x, (-1, 4, 4, arguments.maps(1)))
    x = _norm(_bend(x + weights["4x4/Dense/bias"], arguments), arguments)
    x = ops.cast(x, weights["4x4/Conv/weight"].dtype)
    return _norm(_bend(_convolution(weights, x, "4x4/Conv"), arguments), arguments)


def _block(weights, x, name: str, arguments: Arguments):
    """(B, r, r, in) -> (B, 2r, 2r, out)."""
    x = ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    x = _convolution(weights, x, f"{name}/Conv0", padding="valid")
    x = ops.depth_to_space(_bend(x, arguments), 2, data_format=LAST)  # (B, 2r + 2, 2r + 2, out)
    x = _norm(x[:, 1:-1, 1:-1], arguments)  # each side had one pixel too many
    return _norm(_bend(_convolution(weights, x, f"{name}/Conv1"), arguments), arguments)


def _convolution(weights, x, name: str, padding: str = "same"):
    return ops.conv(x, weights[f"{name}/weight"], padding=padding, data_format=LAST) + weights[f"{name}/bias"]


def _to_rgb(weights, x, lod: int):
    return ops.cast(_convolution(weights, x, f"ToRGB_lod{lod}"), "float32")


def _bend(x, arguments: Arguments):
    return ops.leaky_relu(x, SLOPE) if arguments.use_leakyrelu else ops.relu(x)


def _norm(x, arguments: Arguments):
    return pixel_norm(x, arguments.pixelnorm_epsilon) if arguments.use_pixelnorm else x


def pixel_norm(x, epsilon: float):
    """Each pixel's channels divided by their root mean square, summed in float32 whatever the type of x."""
    exact = ops.cast(x, "float32")
    scale = ops.rsqrt(ops.mean(ops.square(exact), axis=-1, keepdims=True) + epsilon)
    return x * ops.cast(scale, x.dtype)


def _length(x):
    """Root mean square of each pixel's channels, (B, H, W, 1)."""
    return ops.cast(ops.sqrt(ops.mean(ops.square(ops.cast(x, "float32")), axis=-1, keepdims=True) + 1e-8), x.dtype)


def _twice(x):
    """Nearest-neighbour x2."""
    return ops.repeat(ops.repeat(x, 2, axis=1), 2, axis=2)


def to_picture(image, channels: int):
    """float32 (B, H, W, C), -1 black to 1 white -> uint8 (B, H, W, 3) RGB. NaN must be looked for before."""
    x = ops.cast(ops.clip(ops.round(image * 127.5 + 127.5), 0, 255), "uint8")
    return ops.repeat(x, 3, axis=-1) if channels == 1 else x
