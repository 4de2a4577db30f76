"""Opening hours: outside them the wall is black, and behind it the work lives on before a dark room, at a slow pace.

So it forgets whoever stood there last, makes ready what is to hang in the morning, and does what has its hour.
"""

import datetime
import logging
import math
from collections.abc import Callable

import numpy as np

from narcissus.app.supervisor import BLANK
from narcissus.app.wrapper import Wrapper
from narcissus.core.types import Frame, Picture, Scene

ASLEEP = 1.0  # seconds between two pictures that nobody sees

log = logging.getLogger("narcissus")


def is_open(hours: str, moment: datetime.time) -> bool:
    """Whether `hours`, "always" or such as "10:00-18:00" or "18:00-02:00", hold `moment`; the end is outside."""
    if hours == "always":
        return True
    start, end = (datetime.time.fromisoformat(word) for word in hours.split("-"))
    if start <= end:
        return start <= moment < end
    return moment >= start or moment < end


class OpeningHours(Wrapper):
    """A Scene that sleeps outside the opening hours. The clock on the wall is asked, and nothing else depends on it."""

    def __init__(
        self,
        scene: Scene,
        hours: str,
        wall_clock: Callable[[], datetime.time] = lambda: datetime.datetime.now().time(),
    ) -> None:
        super().__init__(scene)
        self._hours, self._wall_clock = hours, wall_clock
        self._closed = False
        self.closed = ""  # in words, while it sleeps
        self._black: Picture | None = None  # of a closed wall
        self._drawn = -math.inf  # when it was drawn last

    def observe(self, frame: Frame) -> object:
        return self._scene.observe(Frame(BLANK, frame.time, cut=True) if self._closed else frame)

    def draw(self, seen: object | None, now: float) -> Picture:
        closed = not is_open(self._hours, self._wall_clock())
        if closed != self._closed:
            self._closed = closed
            self.closed = f"closed: the wall is black until {self._hours}" if closed else ""
            log.info("%s", self.closed or f"open: {self._hours}")
            if closed:
                self._scene.obey("close")
                seen, self._drawn = None, -math.inf  # not whoever was seen before it closed, and at once
        if not closed:
            return self._scene.draw(seen, now)
        if now - self._drawn >= ASLEEP:
            self._drawn, picture = now, self._scene.draw(seen, now)
            if self._black is None or self._black.image.shape != picture.image.shape:
                self._black = Picture(np.zeros_like(picture.image))
        return self._black
