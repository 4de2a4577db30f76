"""What OSC is told of the wall: whether somebody is there, and pictures a second. Nothing else of a viewer."""

import math

from narcissus.app.tuning.addresses import FPS, PRESENCE
from narcissus.app.tuning.slots import Slots
from narcissus.core.timeouts import GONE
from narcissus.core.types import Picture

PERIOD = 1.0  # seconds between two counts of pictures


class PresenceReport:
    """Belongs to the display thread; what it has to say is put into `due`."""

    def __init__(self, due: Slots) -> None:
        self._due = due
        self._seen = -math.inf  # when the newest frame with a viewer was taken
        self._present: bool | None = None
        self._pictures, self._since = 0, None

    def presented(self, picture: Picture, shown: float) -> None:
        if picture.answers is not None:
            self._seen = max(self._seen, picture.answers)
        present = shown - self._seen < GONE
        if present != self._present:
            self._present = present
            self.tell()
        self._count(shown)

    def tell(self) -> None:
        """Whether somebody is there."""
        self._due.put(PRESENCE, bool(self._present))

    def _count(self, shown: float) -> None:
        if self._since is None:
            self._since = shown
            return
        self._pictures += 1
        if shown - self._since >= PERIOD:
            self._due.put(FPS, round(self._pictures / (shown - self._since), 1))
            self._pictures, self._since = 0, shown
