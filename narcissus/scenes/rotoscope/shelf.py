"""Filters by name, each loaded once; one that is asked for while the wall runs is loaded beside it."""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np

from narcissus.core.errors import DrawingError, ModelError

log = logging.getLogger("narcissus")

BLANK = np.zeros((1, 64, 64, 3), np.uint8)


class Painter(Protocol):
    """A filter: see networks.style."""

    name: str

    def apply(self, pictures: np.ndarray, strength: float, scale: float = 1.0) -> np.ndarray: ...


class Shelf:
    """`load` gives the filter with this name, or raises ModelError."""

    def __init__(self, load: Callable[[str], Painter], first: str, more: Iterable[str] = ()) -> None:
        """`first` is the filter that hangs where nothing else is wanted. Raises ModelError where one cannot be used,
        DrawingError where one cannot paint."""
        self.first = first
        self._load = load
        self._filters = {name: self._rehearsed(name) for name in dict.fromkeys([first, *more])}
        self._wanted: set[str] = set()
        self._refused: set[str] = set()
        self._helper = ThreadPoolExecutor(1, thread_name_prefix="filters")

    def want(self, names: Iterable[str]) -> None:
        """Have these loaded; what cannot be used is said once, and the wall goes on as it is."""
        before, self._wanted = self._wanted, set(names)
        for name in self._wanted - before - self._filters.keys():
            self._refused.discard(name)
            self._helper.submit(self._try, name)

    def get(self, name: str) -> Painter | None:
        """None where it is not there, or not yet."""
        return self._filters.get(name)

    def refuses(self, name: str) -> bool:
        """Whether it could not be used when it was wanted last."""
        return name in self._refused

    def _try(self, name: str) -> None:
        try:
            self._filters[name] = self._rehearsed(name)
        except Exception as fault:  # whatever it is: nobody else hears of it
            known = isinstance(fault, (ModelError, DrawingError))
            said = fault if known else f"{name}: {type(fault).__name__}: {fault}"  # a bug is named as one
            log.warning("rotoscope: %s; the filter before it stays", said)
            self._refused.add(name)

    def _rehearsed(self, name: str) -> Painter:
        """Loaded, and it has painted once: what cannot paint is known before it hangs."""
        loaded = self._load(name)
        loaded.apply(BLANK, 1.0)
        return loaded
