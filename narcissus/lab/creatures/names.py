"""The same name, the same picture: drawn here, and drawn as another machine would round it."""

import os
import subprocess
import sys

import numpy as np

from narcissus.breeding.population import Population
from narcissus.core.files import HOME
from narcissus.lab.creatures.heredity import Studio
from narcissus.networks import chimera

OTHERWISE = {"TF_ENABLE_ONEDNN_OPTS": "0", "OMP_NUM_THREADS": "1"}  # other kernels, another order of sums
DRAW = """
import sys
import numpy as np
from narcissus.lab.creatures import names
from narcissus.networks.pggan import Generator
pictures = names.drawn(Generator.load(sys.argv[1]), *map(int, sys.argv[2:]))
sys.stdout.buffer.write(pictures.tobytes())
"""


def drawn(generator, cells: int, count: int, seed: int) -> np.ndarray:
    """The first creatures of a wall, float32 (count, H, W, C), as the network says them."""
    studio = Studio(generator)
    beings = Population.new(cells, seed).beings[:count]
    return np.stack([chimera.drawn(generator.seam, being.genome, studio.latents(being)) for being in beings])


def difference(generator, path: str, cells: int, count: int, seed: int) -> float:
    """The largest difference, of pictures in [-1, 1], between this process and one that computes otherwise."""
    words = [sys.executable, "-c", DRAW, path, str(cells), str(count), str(seed)]
    answer = subprocess.run(words, cwd=HOME, env=os.environ | OTHERWISE, capture_output=True, check=True).stdout
    here = drawn(generator, cells, count, seed)
    there = np.frombuffer(answer, np.float32).reshape(here.shape)
    return float(np.abs(here - there).max())
