"""A source that is open only while the work on the wall wants one."""

import threading
import time
from collections.abc import Callable

from narcissus.app.supervisor import BLANK, BLANK_PERIOD
from narcissus.core.types import Frame, Source


class OnDemand:
    """A Source, opened with `want(True)` and let go of with `want(False)`; between them it hands out black cuts.

    Only the thread that reads closes it, so that no driver is closed while it is being read.
    """

    def __init__(
        self, open_source: Callable[[], Source], source: Source | None = None, closed: Callable[[], None] = lambda: None
    ) -> None:
        """`source`: the one that is open already; `closed` is told whenever it has been let go of."""
        self._open, self._source, self._closed = open_source, source, closed
        self._wanted = source is not None
        self._lock = threading.Lock()  # held while it is opened or closed, never while it is read

    def __enter__(self) -> "OnDemand":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def want(self, wanted: bool) -> None:
        """Raises SourceError where it is wanted and cannot be opened."""
        with self._lock:
            if wanted and self._source is None:
                self._source = self._open()
            self._wanted = wanted

    def read(self) -> Frame:
        source = self._source
        if source is not None and self._wanted:
            return source.read()
        self._let_go()
        time.sleep(BLANK_PERIOD)
        return Frame(BLANK, time.monotonic(), cut=True)

    def _let_go(self) -> None:
        with self._lock:
            if not self._wanted and self._source is not None:
                source, self._source = self._source, None
                source.close()
                self._closed()

    def close(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            source.close()

    @property
    def live(self) -> bool:
        return self._source is not None and self._source.live

    @property
    def name(self) -> str:
        return "no source" if self._source is None else self._source.name
