"""What stands in the middle, lettered by the worker: the display's thread takes what is ready, and letters nothing."""

from collections.abc import Callable, Hashable
from concurrent.futures import Executor, Future

import numpy as np


class Easel:
    """One picture at a time, of whatever was wanted last. `take` belongs to the display's thread."""

    def __init__(self, worker: Executor) -> None:
        self._worker = worker
        self.clear()

    def clear(self) -> None:
        """Nothing is wanted any more, and nothing is left of what was drawn."""
        self._asked: Hashable = None
        self._coming: Future[np.ndarray] | None = None
        self._image: np.ndarray | None = None

    def take(self, wanted: Hashable, draw: Callable[[], np.ndarray]) -> np.ndarray | None:
        """The newest picture there is: of what is wanted, or while that is drawn of what was; None: none is ready.

        `draw` is called by the worker, once for each that is wanted.
        """
        self._look()
        if self._coming is None and wanted != self._asked:
            self._asked, self._coming = wanted, self._worker.submit(draw)
            self._look()
        return self._image

    def _look(self) -> None:
        if self._coming is not None and self._coming.done():
            self._image, self._coming = self._coming.result(), None
