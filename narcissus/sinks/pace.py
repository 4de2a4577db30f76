"""The screen's own clock: every picture has its moment, and a late one does not make the next ones late."""

import time
from collections.abc import Callable


class Pace:
    """Waits for the next moment of a steady rhythm that does not drift."""

    def __init__(
        self, rate: float, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """`rate` in pictures a second."""
        self.period = 1 / rate
        self.clock = clock
        self._sleep = sleep
        self._due: float | None = None

    def wait(self) -> None:
        """Sleep until the next moment. Moments that have passed already are left out: nothing is caught up with."""
        now = self.clock()
        if self._due is None:
            self._due = now
        self._due += self.period
        if self._due <= now:
            self._due += self.period * ((now - self._due) // self.period)
            return
        self._sleep(self._due - now)
