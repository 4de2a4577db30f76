"""What a work keeps of visitors is deleted at its hour, whichever work hangs and whether or not anything is drawn."""

import math
import time
from collections.abc import Callable

from narcissus.core.errors import NarcissusError
from narcissus.core.journal import Journal
from narcissus.core.printable import printable
from narcissus.core.sections import SharedSettings
from narcissus.scenes import SCENES, work

EVERY = 30.0  # seconds between two looks
PAUSE = 0.2  # seconds after which its thread looks whether it should end
FAULT = "deleting whoever's time is over"


class Expiry:
    """`step` is for a `Worker`."""

    def __init__(self, settings: SharedSettings, journal: Journal, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._journal, self._clock = settings, journal, clock
        self._next = -math.inf

    def step(self) -> None:
        if self._clock() >= self._next:
            self._next = self._clock() + EVERY
            self._expire()
        time.sleep(PAUSE)

    def _expire(self) -> None:
        """What cannot be deleted now is tried again, whatever the reason: nobody stays because of a bug."""
        try:
            for name in SCENES:
                work(name).expire(self._settings)
        except NarcissusError as fault:
            self._journal.fault(FAULT, str(fault))
        except Exception as fault:
            self._journal.fault(FAULT, printable(f"{type(fault).__name__}: {fault}", longest=1000))
        else:
            self._journal.recovered(FAULT)
