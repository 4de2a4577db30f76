"""What can hang on the wall. A new work is one module here that holds its WORK, and one line below."""

from importlib import import_module

from narcissus.scenes.contract import Work

SCENES = {
    "mirror": "narcissus.scenes.mirror",  # the viewer's reflection, and the dream while nobody is there
    "dream": "narcissus.scenes.dream",  # a face that changes by itself and needs no camera
    "colourise": "narcissus.scenes.colourise",  # the viewer as a grey photograph, in the colours that a pile assumes
    "rotoscope": "narcissus.scenes.rotoscope",  # the viewer, or the reflection, painted as one picture taught it
    "creatures": "narcissus.scenes.creatures",  # a wall that breeds: every second a child of two who hang there
}


def work(name: str) -> Work:
    """The work of SCENES with this name; what it needs is loaded only when it is opened."""
    found: Work = import_module(SCENES[name]).WORK
    return found
