"""Draws a dream on a closed path and stores it for the moments when no generator can draw.

    python scripts/store_dream.py [--generator models/pg_gan/utk-64.npz] [--seed 4]

The result lies in models/dream/ under the generator's name: while the mirror starts, while it is being mended, and when
it cannot be mended, the wall shows it. Pictures larger than 64 px are stored smaller.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

SECONDS, RATE = 24, 15.0  # how long the loop is, and its pictures a second
LARGEST = 64  # pixels
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
    """uint8 (H, W, 3) -> at most 64 px wide, by the mean of whole blocks."""
    block = max(1, picture.shape[0] // LARGEST)
    height, width = picture.shape[0] // block, picture.shape[1] // block
    return picture.reshape(height, block, width, block, 3).mean(axis=(1, 3)).round().astype(np.uint8)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--generator", type=Path, default=HOME / "models" / "pg_gan" / "utk-64.npz")
    parser.add_argument("--seed", type=int, default=4)
    asked = parser.parse_args()

    from narcissus.core.errors import NarcissusError
    from narcissus.networks.pggan import Generator
    from narcissus.scenes.stored_dream import FOLDER, StoredDream

    try:
        generator = Generator.load(asked.generator)
    except NarcissusError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    latents = closed_path(generator.latent_size, int(SECONDS * RATE), asked.seed)
    pictures = np.stack([shrunk(generator.render(latent[None])[0]) for latent in latents])
    path = FOLDER / f"{generator.name}.npz"
    StoredDream(pictures, latents, RATE, generator.sha256).save(path, generator=generator.name, seed=str(asked.seed))
    print(f"{path}: {len(pictures)} pictures, {path.stat().st_size / 2**20:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
