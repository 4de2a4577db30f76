"""A filter: a small network that redraws any picture in the manner of the one that it was trained from.

filter.py   load one, apply it to pictures        network.py  the arithmetic
light.py    how a picture is lit before           store.py    models/filters/<name>/ and sidecar
How it is trained: narcissus/lab/style.
"""

from narcissus.networks.style.filter import Filter
from narcissus.networks.style.light import Light, SlowLight
from narcissus.networks.style.store import filters_in

__all__ = ["Filter", "Light", "SlowLight", "filters_in"]
