"""What can hang on the wall. A new scene is one file, and one line here."""

from importlib import import_module

SCENES = {
    "mirror": "Mirror",  # the viewer's reflection, and the dream while nobody is there
    "dream": "Dream",  # a face that changes by itself and needs no camera
}


def scene_called(name: str) -> type:
    """The class of a scene of SCENES; only now is loaded what it needs."""
    return getattr(import_module(f"narcissus.scenes.{name}"), SCENES[name])
