"""PG-GAN: the network that draws the reflection (Karras et al. 2018, arXiv 1710.10196)."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read once, when TensorFlow is loaded

from narcissus.pggan.generator import Generator

__all__ = ["Generator"]
