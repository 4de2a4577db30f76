"""What the tests of the wall that breeds need: a small network, a small wall, and a visitor."""

import numpy as np
from pggan_parts import drawn_weights

from narcissus.app.settings import Settings
from narcissus.networks.pggan import Generator
from narcissus.scenes.contract import Kit
from narcissus.scenes.creatures import WORK
from narcissus.scenes.creatures.scene import Creatures

LATENT = np.random.default_rng(3).standard_normal(64).astype(np.float32)
CODE = "amber river lantern seven"


def small_generator() -> Generator:
    return Generator(drawn_weights(resolution=32, fmap_base=256, fmap_max=64), precision="float32")


def opened(small, **more) -> Creatures:
    """A wall of twelve, in lockstep."""
    settings = Settings(
        scenes={"creatures": {"cells": 12, "wall": "480x270", "store": "memory", "joining": False} | more}
    )
    return WORK.open(settings, Kit(lambda: small, lockstep=True))
