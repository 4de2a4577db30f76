"""Opening hours: outside them the wall is black, nothing is seen or drawn, and nothing of a viewer is in memory."""

import datetime
import logging
from collections.abc import Callable

import numpy as np

from narcissus.app.wrapper import Wrapper
from narcissus.core.types import Frame, Picture, Scene

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
        self._black: Picture | None = None

    def observe(self, frame: Frame) -> object | None:
        return None if self._closed else self._scene.observe(frame)

    def draw(self, seen: object | None, now: float) -> Picture:
        closed = not is_open(self._hours, self._wall_clock())
        if closed != self._closed:
            self._closed = closed
            self.closed = f"closed: the wall is black until {self._hours}" if closed else ""
            log.info("%s", self.closed or f"open: {self._hours}")
            if closed:
                self._scene.obey("close")
                self._black = None
        if not closed or self._black is None:  # of a closed wall one: it wakes what must be loaded, and shows nobody
            picture = self._scene.draw(None if closed else seen, now)
            self._black = Picture(np.zeros_like(picture.image), state=picture.state)
            if not closed:
                return picture
        return self._black
