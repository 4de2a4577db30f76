"""A wrapper that gives a heartbeat for every frame its scene observes."""

import time
from collections.abc import Callable

from narcissus.app.health import Health
from narcissus.app.supervisor import BLANK
from narcissus.app.wrapper import Wrapper
from narcissus.core.types import Frame, Scene


class Heartbeat(Wrapper):
    """Tells `health` of every frame that the scene has observed."""

    def __init__(self, scene: Scene, health: Health, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(scene)
        self._health, self._clock = health, clock

    def observe(self, frame: Frame) -> object:
        if frame.image is not BLANK:  # which stands for no frame at all
            self._health.captured(frame)
        seen = self._scene.observe(frame)
        self._health.beat("perception", self._clock())
        return seen
