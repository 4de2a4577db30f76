"""PG-GAN: the network that draws the reflection (Karras et al. 2018, arXiv 1710.10196)."""

from narcissus.pggan.generator import Generator

__all__ = ["Generator"]
