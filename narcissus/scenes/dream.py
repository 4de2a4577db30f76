"""Nobody is there, or nobody is asked: a face that changes by itself, slowly, for ever."""

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from narcissus.core.errors import NotFinite
from narcissus.core.sections import Live, Section, SharedSettings
from narcissus.core.types import Picture
from narcissus.scenes.contract import BaseScene, Kit, Stage, Step, Work, unmeasured
from narcissus.scenes.mirror.reflection import Reflection
from narcissus.scenes.mirror.seen import Shown
from narcissus.scenes.mirror.steps import Steps

if TYPE_CHECKING:  # TensorFlow comes with it, and a scene may have to wait for that while another already shows
    from narcissus.networks.pggan import Generator

FAILURES = 10  # pictures in a row that were not finite: the fault is not one picture's, and somebody must be told


class DreamSettings(Section):
    speed: Live[float] = Field(12.0, gt=0.0, le=60.0)  # degrees of the latent a second


class Dream(BaseScene):
    """A scene that lives without frames."""

    def __init__(
        self, generator: "Generator", *, seed: int = 0, dream_speed: float = 12.0, stage: Stage = unmeasured
    ) -> None:
        self.generator = generator
        self._stage = stage
        self._reflection = Reflection(generator.latent_size, seed, dream_speed)
        self._failures = 0
        self._frozen = False
        self._steps = Steps()
        self._drawn_at = self._reflection.latent[None]  # float32 (n, L): what `_image` shows
        self._image = self._drawn(self._drawn_at)[0]  # uint8 (H, W, 3): the last good picture

    def begin(self, picture: Picture, now: float) -> None:
        """Go on from where a scene of latents has stopped; any other leaves nothing to go on from."""
        if isinstance(picture.state, Shown):
            self._reflection.begin(picture.state.latent)

    def draw(self, seen: object | None, now: float) -> Picture:
        """The picture for `now`. Where the network fails, the last good one: raises NotFinite after ten in a row."""
        if not self._frozen:
            self._move(seen, now)
        self._render()
        shown = Shown(self._reflection.latent, self._reflection.phase, self._reflection.seed)
        self._steps.add(shown, self._viewer(seen), now)
        return self._picture(seen, shown, now)

    def obey(self, command: str) -> None:
        self._frozen = {"freeze": True, "thaw": False}.get(command, self._frozen)

    def tune(self, settings: SharedSettings) -> None:
        self._reflection.dream_speed = settings.scenes.dream.speed

    def report(self) -> dict[str, object]:
        return {"latent_step_degrees": self._steps.report()}

    def _move(self, seen: object | None, now: float) -> None:
        """Go on until `now`."""
        self._reflection.move(None, now)

    def _viewer(self, seen: object | None) -> int | None:
        """The identity of the face that is aimed at."""
        return None

    def _latents(self) -> np.ndarray:
        """What is to be seen now: float32 (n, L)."""
        return self._reflection.latent[None]

    def _drawn(self, latents: np.ndarray) -> np.ndarray:
        """The picture of each of `_latents`: uint8 (n, H, H, 3)."""
        return self.generator.render(latents)

    def _composed(self, images: np.ndarray) -> np.ndarray:
        """The pictures of `_latents`, uint8 (n, H, H, 3), as one."""
        return images[0]

    def _at_rest(self, latents: np.ndarray) -> bool:
        """Whether a picture of these latents shows nothing new."""
        return np.array_equal(latents, self._drawn_at)

    def _render(self) -> None:
        """Draw where there is something new; a picture that is not finite is left out."""
        latents = self._latents()
        if self._at_rest(latents):
            return
        with self._stage("render"):
            try:
                self._image = self._composed(self._drawn(latents))
                self._drawn_at, self._failures = latents, 0
            except NotFinite:
                self._failures += 1
                if self._failures == FAILURES:
                    raise

    def _picture(self, seen: object | None, shown: Shown, now: float) -> Picture:
        return Picture(self._image, state=shown)


def open_dream(settings: SharedSettings, kit: Kit) -> Dream:
    return Dream(kit.generator(), dream_speed=settings.scenes.dream.speed, stage=kit.stage)


WORK = Work(
    "dream",
    open_dream,
    block=DreamSettings,
    wants_generator=True,
    cheaper=(Step("the dream with a smaller picture", "dream", coarser=1),),
)
