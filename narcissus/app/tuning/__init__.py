"""Live tuning: keys, the saved settings file and OSC turn the same few settings while the mirror runs."""

from narcissus.app.tuning.tuning import Tuning

__all__ = ["Tuning"]
