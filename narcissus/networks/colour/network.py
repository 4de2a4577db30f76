"""The network that colours: a U-Net (Ronneberger et al. 2015) from lightness to a distribution over colours.

Fully convolutional: any picture whose sides are multiples of 16. The first step folds 2×2 pixels into channels, so
chroma comes out at half the size of the lightness that goes in. The slice of the pile enters every level as a scale
and a shift of its channels (FiLM, Perez et al. 2018) and as a shift of the colours' logits.
"""

import keras
from keras import layers

from narcissus.networks.colour.slices import SLICES

GRAIN = 16  # sides of the input are multiples of this
FOLD = 2  # pixels of lightness to one of chroma, each way
WIDTHS = (24, 48, 96, 160)  # channels at 1/2, 1/4, 1/8 and 1/16 of the input's size


def build(colours: int, dtype: str = "float32") -> keras.Model:
    """[lightness (B, H, W, 1), 0 to 100; slice (B, 8), one-hot] -> logits (B, H/2, W/2, colours), float32."""
    lightness = keras.Input((None, None, 1), name="lightness")
    pile = keras.Input((len(SLICES),), name="slice")
    wide = lambda x, width, name, **how: _convolve(x, width, name, dtype, **how)
    x = layers.Rescaling(1 / 50, -1.0, dtype=dtype, name="scale")(lightness)  # (B, H, W, 1)
    x = wide(_folded(x), WIDTHS[0], "stem")  # (B, H/2, W/2, 24)
    skips = []
    for level, width in enumerate(WIDTHS[1:], 1):
        skips.append(x)
        x = wide(x, width, f"down{level}", strides=2)  # (B, H/2^(level+1), …, width)
        x = _residual(x, width, f"in{level}", dtype) if level < len(WIDTHS) - 1 else x
    x = _surveyed(x, dtype)
    x = _residual(_filmed(x, pile, "slice3", dtype), WIDTHS[3], "middle", dtype)
    for level in (2, 1, 0):
        x = wide(x, WIDTHS[level], f"narrow{level}", size=1)
        x = layers.UpSampling2D(dtype=dtype, name=f"up{level}")(x)
        x = layers.Add(dtype=dtype, name=f"join{level}")([x, skips[level]])
        x = _residual(_filmed(x, pile, f"slice{level}", dtype), WIDTHS[level], f"out{level}", dtype)
    logits = layers.Conv2D(colours, 1, dtype=dtype, name="colours")(x)  # (B, H/2, W/2, Q)
    prior = layers.Dense(colours, use_bias=False, kernel_initializer="zeros", name="prior")(pile)  # (B, Q)
    logits = layers.Activation("linear", dtype="float32", name="single")(logits)
    logits = layers.Add(dtype="float32", name="logits")([logits, layers.Reshape((1, 1, colours))(prior)])
    return keras.Model([lightness, pile], logits, name="colour")


def _folded(x):
    """(B, H, W, 1) -> (B, H/2, W/2, 4): every 2×2 pixels side by side."""
    corners = [x[:, row::FOLD, column::FOLD] for row in range(FOLD) for column in range(FOLD)]
    return layers.Concatenate(name="fold")(corners)


def _surveyed(x, dtype: str):
    """The whole picture told to every place: the mean of all places, through two small layers, added to each."""
    width = x.shape[-1]
    whole = layers.GlobalAveragePooling2D(keepdims=True, dtype=dtype, name="survey")(x)  # (B, 1, 1, width)
    whole = layers.Conv2D(width // 2, 1, activation="relu", dtype=dtype, name="survey_a")(whole)
    whole = layers.Conv2D(width, 1, dtype=dtype, name="survey_b")(whole)
    return layers.Add(dtype=dtype, name="survey_add")([x, whole])


def _filmed(x, pile, name: str, dtype: str):
    """Feature-wise linear modulation: x · (1 + scale) + shift, both chosen by the slice."""
    width = x.shape[-1]
    place = lambda role: layers.Reshape((1, 1, width), dtype=dtype, name=f"{name}_{role}_place")
    dense = lambda role: layers.Dense(
        width, use_bias=False, kernel_initializer="zeros", dtype=dtype, name=f"{name}_{role}"
    )
    scaled = layers.Multiply(dtype=dtype, name=f"{name}_times")([x, place("scale")(dense("scale")(pile))])
    return layers.Add(dtype=dtype, name=f"{name}_plus")([x, scaled, place("shift")(dense("shift")(pile))])


def _convolve(x, width: int, name: str, dtype: str, strides: int = 1, size: int = 3, active: bool = True):
    x = layers.Conv2D(
        width, size, strides, "same", use_bias=False, kernel_initializer="he_normal", dtype=dtype, name=name
    )(x)
    x = layers.BatchNormalization(momentum=0.98, dtype=dtype, name=f"{name}_norm")(x)
    return layers.ReLU(dtype=dtype, name=f"{name}_active")(x) if active else x


def _residual(x, width: int, name: str, dtype: str):
    change = _convolve(x, width, f"{name}a", dtype)
    change = _convolve(change, width, f"{name}b", dtype, active=False)
    return layers.ReLU(dtype=dtype, name=f"{name}_active")(layers.Add(dtype=dtype, name=f"{name}_add")([x, change]))
