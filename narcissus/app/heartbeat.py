"""A scene whose perception gives signs of life."""

import time
from collections.abc import Callable

from narcissus.app.health import Health
from narcissus.app.supervisor import BLANK
from narcissus.core.config import Settings
from narcissus.core.types import Frame, Observation, Picture, Scene


class Watched:
    """A Scene that tells `health` of every frame it has observed."""

    watches = True

    def __init__(self, scene: Scene, health: Health, clock: Callable[[], float] = time.monotonic) -> None:
        self._scene, self._health, self._clock = scene, health, clock

    def observe(self, frame: Frame) -> Observation:
        if frame.image is not BLANK:  # which stands for no frame at all
            self._health.captured(frame)
        observation = self._scene.observe(frame)
        self._health.beat("perception", self._clock())
        return observation

    def draw(self, observation: Observation | None, now: float) -> Picture:
        return self._scene.draw(observation, now)

    def obey(self, command: str) -> None:
        self._scene.obey(command)

    def tune(self, settings: Settings) -> None:
        self._scene.tune(settings)
