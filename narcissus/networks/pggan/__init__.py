"""PG-GAN: the network that draws the reflection (Karras et al. 2018, arXiv 1710.10196)."""

from narcissus.core.quiet import quiet

with quiet():  # Keras loads TensorFlow, which greets on the standard error whatever its log level
    from narcissus.networks.pggan.generator import Generator

__all__ = ["Generator"]
