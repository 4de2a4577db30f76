"""Nobody is there, or nobody is asked: a face that changes by itself, slowly, for ever."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import numpy as np

from narcissus.core.config import Settings
from narcissus.core.errors import NotFinite
from narcissus.core.types import Frame, Observation, Picture
from narcissus.scenes.mirror.reflection import Reflection

if TYPE_CHECKING:  # TensorFlow comes with it, and a scene may have to wait for that while another already shows
    from narcissus.networks.pggan import Generator

FAILURES = 10  # pictures in a row that were not finite: the fault is not one picture's, and somebody must be told

Stage = Callable[[str], AbstractContextManager]  # measures how long a named stage of the work takes


def unmeasured(_: str) -> AbstractContextManager:
    return nullcontext()


class Dream:
    """A scene that lives without frames."""

    watches = False  # it needs no source

    def __init__(
        self, generator: "Generator", *, seed: int = 0, dream_speed: float = 12.0, stage: Stage = unmeasured
    ) -> None:
        self.generator = generator
        self._stage = stage
        self._reflection = Reflection(generator.latent_size, seed, dream_speed)
        self._failures = 0
        self._frozen = False
        self._image = generator.render(self._reflection.latent[None])[0]  # uint8 (H, W, 3): the last good picture

    @classmethod
    def open(cls, settings: Settings, generator: "Generator", *, live: bool, stage: Stage = unmeasured) -> "Dream":
        return cls(generator, dream_speed=settings.motion.dream_speed, stage=stage)

    def begin(self, latent: np.ndarray) -> None:
        """Take over from another scene that shows `latent` (L,)."""
        self._reflection.begin(latent)

    def observe(self, frame: Frame) -> Observation:
        """Whoever stands there, the dream goes on."""
        return Observation(frame)

    def draw(self, observation: Observation | None, now: float) -> Picture:
        """The picture for `now`. Where the network fails, the last good one: raises NotFinite after ten in a row."""
        if not self._frozen:
            self._move(observation, now)
        with self._stage("render"):
            try:
                self._image = self._drawn()
                self._failures = 0
            except NotFinite:
                self._failures += 1
                if self._failures == FAILURES:
                    raise
        shown = self._reflection
        return Picture(self._image, shown.latent, observation, shown.phase, shown.seed)

    def obey(self, command: str) -> None:
        self._frozen = {"freeze": True, "thaw": False}.get(command, self._frozen)

    def tune(self, settings: Settings) -> None:
        self._reflection.dream_speed = settings.motion.dream_speed

    def _move(self, observation: Observation | None, now: float) -> None:
        """Go on until `now`."""
        self._reflection.move(None, now)

    def _drawn(self) -> np.ndarray:
        """What is to be seen now: uint8 (H, W, 3). Raises DrawingError."""
        return self.generator.render(self._reflection.latent[None])[0]
