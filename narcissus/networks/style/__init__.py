"""A filter: a small network that redraws any picture in the manner of the one that it was trained from.

filter.py   load one, apply it to pictures        network.py  the arithmetic
store.py    models/filters/<name>/ and sidecar    How it is trained: narcissus/lab/style.
"""

from narcissus.networks.style.filter import Filter
from narcissus.networks.style.store import filters_in

__all__ = ["Filter", "filters_in"]
