"""The mirror: a face that never existed moves as the viewer moves."""

from narcissus.scenes.mirror.scene import Mirror

__all__ = ["Mirror"]
