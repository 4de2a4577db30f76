"""What a trained Keras network remembers, as plain arrays by name, and back."""

import keras
import numpy as np


def learned(model: keras.Model) -> list[keras.Variable]:
    """Weights, biases and the moments of its normalisation, in a fixed order."""
    moments = [weight for weight in model.non_trainable_variables if "_norm/" in weight.path]
    return sorted(model.trainable_variables + moments, key=lambda weight: weight.path)


def weights_of(model: keras.Model) -> dict[str, np.ndarray]:
    """Every learned array by its path in the network ("down0/kernel", …)."""
    return {weight.path: np.array(weight) for weight in learned(model)}


def set_weights(model: keras.Model, weights: dict[str, np.ndarray]) -> None:
    """Raises ValueError when names or shapes are not those of the network, or a weight is not finite."""
    wanted = {weight.path: tuple(weight.shape) for weight in learned(model)}
    given = {path: array.shape for path, array in weights.items()}
    strangers = sorted(path for path in wanted | given if wanted.get(path) != given.get(path))
    if strangers:
        raise ValueError(f"the weights are those of another network ({strangers[0]} and {len(strangers) - 1} more)")
    if not all(np.isfinite(array).all() for array in weights.values()):
        raise ValueError("some weights are not finite")
    for weight in learned(model):
        weight.assign(weights[weight.path].astype(np.float32))
