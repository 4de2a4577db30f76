"""The seam for visitors: what stands in the middle of the wall, and what the scene asks of whoever puts it there."""

from typing import Protocol

import numpy as np

from narcissus.core.types import Frame
from narcissus.scenes.creatures.nursery import Newborn


class Guest(Protocol):
    """What a wall with a camera is given. `observe` is called by perception's thread, the rest by the display's."""

    def observe(self, frame: Frame) -> object: ...

    def picture(self, seen: object | None, now: float) -> np.ndarray | None:
        """What stands in the middle, uint8 (h, w, 3), as large as `Wall.middle` says; None: nothing does.

        The same array again where it shows nothing new.
        """
        ...

    def answers(self, seen: object | None) -> float | None:
        """When the frame was taken that is answered; None: nobody is there."""
        ...

    def fit(self, size: tuple[int, int]) -> None:
        """Width and height in pixels of what may stand in the middle."""
        ...

    def newborn(self) -> Newborn | None:
        """Whoever has been kept on the wall since the last call; None: nobody."""
        ...

    def obey(self, command: str) -> None:
        """Do what was asked ("keep", "keep <code>", "forget": nobody was here); what it does not know it ignores."""
        ...
