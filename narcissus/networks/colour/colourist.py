"""Lightness in, assumed colours out: the trained network, ready to be asked."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from narcissus.networks.colour import bins, store
from narcissus.networks.colour.network import GRAIN, build
from narcissus.networks.colour.slices import SLICES, slice_number
from narcissus.networks.learned import set_weights

TEMPERATURES = (0.05, 2.0)  # below, one bin outshouts the rest whatever it is; above, everything is grey


@dataclass(frozen=True, slots=True, eq=False)
class Assumed:
    """What the network takes a grey picture's colours for, at half its size."""

    ab: np.ndarray  # float32 (B, H/2, W/2, 2): CIE a and b
    logits: np.ndarray  # float32 (B, H/2, W/2, Q): the choice among the bins, before the temperature


class Colourist:
    """Asks one network for the colours that a slice of its pile assumes. `open` loads one that was trained."""

    def __init__(self, network, centres: np.ndarray, temperature: float) -> None:
        """`centres` (Q, 2) are the bins; `temperature` is the default, at which colours are as strong as true ones."""
        self.centres, self.temperature = centres, temperature

        # Autograph would write its rewritten source into a temporary file; nothing here has a condition or a loop.
        @tf.function(
            input_signature=[
                tf.TensorSpec((None, None, None, 1), tf.float32),
                tf.TensorSpec((None, len(SLICES)), tf.float32),
                tf.TensorSpec((), tf.float32),
            ],
            autograph=False,
        )
        def assume(lightness, pile, temperature):
            logits = network([lightness, pile], training=False)
            return bins.annealed(logits, tf.constant(centres), temperature), logits

        self._assume = assume

    @classmethod
    def open(cls, path: Path) -> "Colourist":
        """Load models/colour/<name>.npz, executing nothing. Raises ModelMissing, ModelCorrupt, ModelMismatch."""
        model = store.load(path)
        try:
            return cls.of(model.weights, model.centres, model.temperature)
        except (KeyError, TypeError, ValueError) as error:
            raise store.mismatch(path, error) from error

    @classmethod
    def of(cls, weights: dict[str, np.ndarray], centres: np.ndarray, temperature: float) -> "Colourist":
        """Raises ValueError where the arrays do not fit together."""
        if centres.ndim != 2 or centres.shape[1] != 2 or not np.isfinite(centres).all():
            raise ValueError(f"the bins have the shape {centres.shape}")
        network = build(len(centres))
        set_weights(network, weights)
        return cls(network, centres.astype(np.float32), checked(temperature))

    def assume(self, lightness: np.ndarray, pile: str = "all", temperature: float | None = None) -> Assumed:
        """Lightness (B, H, W) or (H, W), L* 0 to 100, sides multiples of 16 -> what is assumed, always as a batch.

        `pile` is a slice's name. Raises ValueError for another name, or a temperature that makes no sense.
        """
        light = np.asarray(lightness, np.float32)
        light = light.reshape(-1, *light.shape[-2:])
        slices = np.zeros((len(light), len(SLICES)), np.float32)
        slices[:, slice_number(pile)] = 1
        warmth = checked(self.temperature if temperature is None else temperature)
        ab, logits = self._assume(tf.constant(light[..., None]), tf.constant(slices), tf.constant(warmth, tf.float32))
        return Assumed(ab.numpy(), logits.numpy())


def checked(temperature: float) -> float:
    """Raises ValueError outside of TEMPERATURES."""
    low, high = TEMPERATURES
    if not low <= temperature <= high:  # false of NaN, too
        raise ValueError(f"a temperature of {temperature:g}: it goes from {low:g} (vivid) to {high:g} (dull)")
    return float(temperature)


def fitting(height: int, width: int, long_side: int) -> tuple[int, int]:
    """The size nearest to a picture's own shape, its longer side `long_side`, that the network takes."""
    scale = long_side / max(height, width)
    return tuple(max(GRAIN, round(side * scale / GRAIN) * GRAIN) for side in (height, width))
