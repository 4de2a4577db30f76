"""The wall shows a painting of whoever stands there; while nobody does, it dreams in the same paint."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from narcissus.core.errors import DrawingError
from narcissus.core.sections import SharedSettings
from narcissus.core.timeouts import STALE
from narcissus.core.types import Frame, Picture
from narcissus.networks.style import SlowLight
from narcissus.scenes.contract import BaseScene, Stage, unasked, unmeasured
from narcissus.scenes.rotoscope import RotoscopeSettings
from narcissus.scenes.rotoscope.brush import Brush
from narcissus.scenes.rotoscope.dream import PaintedDream
from narcissus.scenes.rotoscope.heat import Heat, heated
from narcissus.scenes.rotoscope.programme import AUTO, Start, names_in
from narcissus.scenes.rotoscope.shelf import Shelf
from narcissus.scenes.rotoscope.subject import Subject
from narcissus.scenes.stored_dream import StoredDream
from narcissus.sources.carried import Carried

COMING, GOING = 1.0, 1.2  # seconds in which the dream gives way to somebody, and takes the wall back
STEPS = 32  # in which it does
FINEST = 1 / 64  # of the strength: heat turns the dial in steps, or no picture would ever be the same
SMALLEST = 128  # pixels: no smaller painting, however coarse


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was made of one frame. `picture` is painted; None: there is nobody to paint."""

    time: float
    shape: tuple[int, int]  # height and width of a painting
    somebody: bool
    picture: Picture | None = None
    fault: DrawingError | None = None  # why nothing could be painted


class Rotoscope(BaseScene):
    """`observe` paints, on perception's thread; `draw` shows what is painted.

    It waits for nothing but the dream's first two paintings, at the start and whenever somebody begins to leave: so the
    same moments give the same pictures.
    """

    def __init__(
        self,
        subject: Subject,
        shelf: Shelf,
        dream: StoredDream,
        settings: RotoscopeSettings,
        *,
        coarser: int = 0,
        stage: Stage = unmeasured,
        ask: Callable[[str, object], None] = unasked,
    ) -> None:
        """`coarser`: how many times the sides of the painting are halved. `ask`: as of a `Kit`."""
        self._subject, self._shelf, self._stage = subject, shelf, stage
        self._coarser = coarser
        self._settings = self._sized(settings)
        self._ask, self._usable = ask, settings.filter  # the setting, as it was last when it could be had
        start = Start()  # one for both: the viewer and the dream are painted in the same filter
        self._brush, self._light, self._carried, self._heat = Brush(shelf, start), SlowLight(), Carried(), Heat()
        self._until = -math.inf  # whoever has gone is still painted until then
        self._dream = PaintedDream(dream, Brush(shelf, start))
        self._shape = subject.proportions
        self._last: float | None = None  # when the last picture was drawn
        self._there = 0.0  # 0 to 1: how far the dream has given way
        self._painting: Picture | None = None  # the newest of somebody
        self._mixed_of: tuple = (None, None, 0)  # painting, dream and level that `_mixed` shows
        self._mixed = np.zeros((0, 0, 3), np.uint8)
        self._picture: Picture | None = None  # the newest on the wall
        self._frozen = False

    def observe(self, frame: Frame) -> Seen:
        try:
            return self._looked(frame, self._settings)
        except DrawingError as fault:  # for the display's thread, where it is known what hangs instead
            return Seen(frame.time, self._shape, False, fault=fault)

    def draw(self, seen: Seen | None, now: float) -> Picture:
        """The picture for `now`. Raises DrawingError where a filter cannot paint."""
        if seen is not None and seen.fault is not None:
            raise seen.fault
        self._keep()
        if not self._frozen or self._picture is None:
            self._advance(seen, now)
            self._picture = self._shown(now)
        return self._picture

    def obey(self, command: str) -> None:
        self._frozen = {"freeze": True, "thaw": False}.get(command, self._frozen)

    def tune(self, settings: SharedSettings) -> None:
        mine = settings.scenes.rotoscope
        self._settings = self._sized(mine)
        self._shelf.want(names_in(mine))
        self._subject.tune(settings)

    def report(self) -> dict[str, object]:
        return {"filter": self._brush.filter}

    def _keep(self) -> None:
        """Ask for the filter that was set before one that cannot be used, so that nobody shows what does not paint."""
        asked = self._settings.filter
        if asked == AUTO or self._shelf.get(asked) is not None:
            self._usable = asked
        elif self._shelf.refuses(asked):
            self._ask("scenes.rotoscope.filter", self._usable)

    def _looked(self, frame: Frame, settings: RotoscopeSettings) -> Seen:
        with self._stage("look"):
            sight = self._subject.see(frame, settings.size)
        level = self._heat.feel(sight.somebody, frame.time)
        if sight.somebody:
            self._until = frame.time + GOING
        elif frame.cut:
            self._until = -math.inf
        if frame.cut:
            self._carried.forget()
            self._light.forget()
        if sight.picture is None or frame.time > self._until:
            self._carried.forget()
            return Seen(frame.time, sight.shape, sight.somebody)
        strength = round(heated(settings.strength, settings.heat, level) / FINEST) * FINEST
        with self._stage("paint"):
            lit = self._light.follow(sight.picture.image, frame.time).lit(sight.picture.image, strength)
            image = self._brush.paint(lit, settings, strength, frame.time)
            if self._brush.changed:  # a cross-fade is no boiling, and is not held back
                self._carried.forget()
            image = self._carried.carry(sight.picture.image, image, frame.time)
        return Seen(frame.time, sight.shape, sight.somebody, replace(sight.picture, image=image))

    def _sized(self, settings: RotoscopeSettings) -> RotoscopeSettings:
        """The same in the size that this step of the work paints in."""
        size = max(SMALLEST, settings.size >> self._coarser)
        return settings.model_copy(update={"size": size}) if self._coarser else settings

    def _advance(self, seen: Seen | None, now: float) -> None:
        """Let the dream give way, or come back, by the time elapsed."""
        elapsed = 0.0 if self._last is None else max(0.0, now - self._last)
        self._last = now
        fresh = seen is not None and now - seen.time < STALE
        if seen is not None:
            self._shape = seen.shape
        if fresh and seen.picture is not None:
            self._painting = seen.picture
        coming = fresh and seen.somebody
        self._there = min(1.0, max(0.0, self._there + (elapsed / COMING if coming else -elapsed / GOING)))
        if self._there == 0:  # nothing is kept of whoever has gone
            self._painting, self._mixed_of, self._mixed = None, (None, None, 0), np.zeros((0, 0, 3), np.uint8)
        elif not fresh and self._painting is not None:  # nothing more is said of whoever was there
            self._painting = Picture(self._painting.image, shows_viewer=self._painting.shows_viewer)

    def _shown(self, now: float) -> Picture:
        """The painting, the dream, or the one on the way to the other."""
        level = round(self._there * STEPS)
        if level == STEPS:
            return self._painting
        dream = self._dream.at(now, self._shape, self._settings)
        if level == 0:
            return Picture(dream)
        mixed_of = self._painting.image, dream, level
        if any(one is not other for one, other in zip(mixed_of, self._mixed_of, strict=True)):
            self._mixed_of = mixed_of
            painted = cv2.resize(self._painting.image, dream.shape[1::-1])
            self._mixed = cv2.addWeighted(painted, _eased(self._there), dream, 1 - _eased(self._there), 0)
        return replace(self._painting, image=self._mixed)


def _eased(level: float) -> float:
    """0 to 1, without a jolt at either end."""
    return level * level * (3 - 2 * level)
