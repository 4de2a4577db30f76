"""Uncurated samples: what a generator draws when nobody chooses."""

import numpy as np

from narcissus.networks.pggan.generator import Generator


def contact_sheet(generator: Generator, seed: int = 0, rows: int = 8, columns: int = 8) -> np.ndarray:
    """The first rows·columns latents of `numpy.random.default_rng(seed)`, drawn: uint8 (rows·H, columns·W, 3) RGB."""
    return tiled(generator.render(sample_latents(generator.latent_size, rows * columns, seed)), rows)


def sample_latents(size: int, count: int, seed: int = 0) -> np.ndarray:
    """(count, size)"""
    return np.random.default_rng(seed).standard_normal((count, size))


def tiled(pictures: np.ndarray, rows: int) -> np.ndarray:
    """(rows·columns, H, W, 3) -> (rows·H, columns·W, 3)"""
    count, height, width, _ = pictures.shape
    columns = count // rows
    sheet = pictures.reshape(rows, columns, height, width, 3).transpose(0, 2, 1, 3, 4)  # (rows, H, columns, W, 3)
    return sheet.reshape(rows * height, columns * width, 3)
