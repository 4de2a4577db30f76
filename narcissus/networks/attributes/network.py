"""The network that looks at an aligned face and says how old it seems and whom UTKFace would call female.

A small residual network (He et al. 2016) over 64 px. Age is a distribution over whole years (label distribution
learning, Gao et al. 2018, arXiv 1807.00784): its mean is the guess and its spread how sure the guess is.
"""

import keras
from keras import layers, ops

from narcissus.networks.attributes.crop import SIZE

YEARS = 101  # 0, 1, … 100; whoever is older counts as 100
WIDTHS = (24, 48, 96, 128)  # channels at 32, 16, 8 and 4 px: 0.4 M weights


def build(dropout: float = 0.0, dtype: str = "float32") -> keras.Model:
    """Crops (B, 64, 64, 3) of 0 to 255 -> [logits over years (B, 101), logit of "female" (B, 1)], float32.

    `dtype` is the Keras policy of all that lies between ("mixed_bfloat16" learns faster where the machine has it).
    """
    crops = keras.Input((SIZE, SIZE, 3), name="crops")  # (B, 64, 64, 3)
    x = layers.Rescaling(1 / 127.5, -1.0, dtype=dtype, name="scale")(crops)
    for level, width in enumerate(WIDTHS):
        x = _convolve(x, width, f"down{level}", dtype, strides=2)  # (B, 32 / 2^level, 32 / 2^level, width)
        if level < len(WIDTHS) - 1:
            x = _residual(x, width, f"block{level}", dtype)
    x = layers.GlobalAveragePooling2D(dtype="float32", name="pool")(x)  # (B, 128)
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    years = layers.Dense(YEARS, name="years")(x)  # (B, 101)
    female = layers.Dense(1, name="female")(x)  # (B, 1)
    return keras.Model(crops, [years, female], name="age_gender")


def read_out(years, female):
    """Logits -> age (B,) in years, its spread (B,) in years (one standard deviation), probability of "female" (B,)."""
    share = ops.softmax(years)  # (B, 101)
    year = ops.arange(YEARS, dtype="float32")  # (101,)
    age = ops.sum(share * year, axis=-1)
    variance = ops.sum(share * ops.square(year - age[:, None]), axis=-1)
    return age, ops.sqrt(variance), ops.sigmoid(female[:, 0])


def _convolve(x, width: int, name: str, dtype: str, strides: int = 1, active: bool = True):
    x = layers.Conv2D(
        width, 3, strides, "same", use_bias=False, kernel_initializer="he_normal", dtype=dtype, name=name
    )(x)
    x = layers.BatchNormalization(momentum=0.98, dtype=dtype, name=f"{name}_norm")(x)
    return layers.ReLU(dtype=dtype, name=f"{name}_active")(x) if active else x


def _residual(x, width: int, name: str, dtype: str):
    change = _convolve(x, width, f"{name}a", dtype)
    change = _convolve(change, width, f"{name}b", dtype, active=False)
    return layers.ReLU(dtype=dtype, name=f"{name}_active")(layers.Add(dtype=dtype, name=f"{name}_add")([x, change]))
