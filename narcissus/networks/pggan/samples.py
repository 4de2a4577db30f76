"""Uncurated samples: what a generator draws when nobody chooses."""

import numpy as np

from narcissus.networks.pggan.generator import Generator


def contact_sheet(generator: Generator, seed: int = 0, rows: int = 8, columns: int = 8) -> np.ndarray:
    """The first rows·columns latents of `numpy.random.default_rng(seed)`, drawn: uint8 (rows·H, columns·W, 3) RGB."""
    latents = np.random.default_rng(seed).standard_normal((rows * columns, generator.latent_size))
    pictures = generator.render(latents)  # (rows·columns, H, W, 3)
    _, height, width, _ = pictures.shape
    sheet = pictures.reshape(rows, columns, height, width, 3).transpose(0, 2, 1, 3, 4)  # (rows, H, columns, W, 3)
    return sheet.reshape(rows * height, columns * width, 3)
