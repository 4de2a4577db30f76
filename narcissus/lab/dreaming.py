"""A dream drawn on a closed path, to be stored for the moments when no generator can draw."""

import numpy as np

from narcissus.scenes.stored_dream import StoredDream, write

__all__ = ["StoredDream", "closed_path", "dreamed", "shrunk", "write"]

SECONDS, RATE = 24, 15.0  # how long the loop is, and its pictures a second
LARGEST = 128  # pixels
WIDTH = 0.8  # how far the path strays from its centre, per the centre's length: 300° around, 12.6° a second


def closed_path(size: int, steps: int, seed: int) -> np.ndarray:
    """Points on a smooth closed path of constant speed: float32 (steps, size), each of length √size.

    A circle and half a circle of twice the pitch, in planes orthogonal to each other and to the path's centre.
    """
    axes, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((size, 5)))  # (size, 5)
    turn = np.arange(steps)[:, None] / steps * 2 * np.pi  # (steps, 1)
    circle = np.cos(turn) * axes[:, 1] + np.sin(turn) * axes[:, 2]
    epicycle = np.cos(2 * turn) * axes[:, 3] + np.sin(2 * turn) * axes[:, 4]
    path = axes[:, 0] + WIDTH * (circle + epicycle / 2)
    return (path * np.sqrt(size) / np.linalg.norm(path, axis=1, keepdims=True)).astype(np.float32)


def shrunk(picture: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) -> at most 128 px wide, by the mean of whole blocks."""
    block = max(1, picture.shape[0] // LARGEST)
    height, width = picture.shape[0] // block, picture.shape[1] // block
    return picture.reshape(height, block, width, block, 3).mean(axis=(1, 3)).round().astype(np.uint8)


def dreamed(generator, seed: int) -> StoredDream:
    """The loop that this generator draws. Raises DrawingError."""
    latents = closed_path(generator.latent_size, int(SECONDS * RATE), seed)
    pictures = np.stack([shrunk(generator.render(latent[None])[0]) for latent in latents])
    return StoredDream(pictures, latents, RATE, generator.sha256)
