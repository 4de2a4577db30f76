"""The guest of a wall with a camera: perception's Noticed on one side, what stands in the middle on the other."""

import math
import time
from collections.abc import Callable
from datetime import datetime

import numpy as np

from narcissus.colony import Colony
from narcissus.core.timeouts import STALE
from narcissus.core.types import Frame
from narcissus.scenes.creatures.joining import card
from narcissus.scenes.creatures.joining.capture import RING
from narcissus.scenes.creatures.joining.codes import is_code, spoken
from narcissus.scenes.creatures.joining.observer import Noticed, Observer
from narcissus.scenes.creatures.joining.visit import Nurse, Visit
from narcissus.scenes.creatures.nursery import Newborn
from narcissus.scenes.creatures.profile.profile import Profiles

ARCS = 90  # pictures of one ring: thirty a second
SWEEP = 10.0  # seconds between two looks for visitors whose time is over


class Joining:
    """A `guest.Guest`."""

    def __init__(
        self, observer: Observer, nursery, worker, profiles: Profiles, until: Callable[[], float], page: str = ""
    ) -> None:
        """`until`: when whoever joins now expires, in seconds since 1970; `page`: its address, for the QR code."""
        self._observer, self._profiles, self._page, self._until = observer, profiles, page, until
        self._nursery, self._worker = nursery, worker
        self._visit = Visit(Nurse(self._cross, self._adopt), profiles)
        self._size = (640, 360)
        self._taken = 0  # captures that have been taken up
        self._now, self._swept = 0.0, -math.inf
        self._drawn: tuple = ()
        self._image: np.ndarray | None = None

    def fit(self, size: tuple[int, int]) -> None:
        """How large, in pixels, what stands in the middle is to be."""
        self._size = size

    def observe(self, frame: Frame) -> Noticed:
        return self._observer.look(frame)

    def picture(self, seen: Noticed | None, now: float) -> np.ndarray | None:
        self._now = now
        noticed = seen if seen is not None and now - seen.time < STALE else None
        if noticed is not None and noticed.caught is not None and noticed.captures > self._taken:
            self._taken = noticed.captures
            self._visit.begin(noticed.caught, now)
        self._visit.advance(now)
        self._sweep(now)
        wanted = self._wanted(noticed, now)
        if wanted != self._drawn:
            self._drawn, self._image = wanted, self._draw(wanted)
        return self._image

    def answers(self, seen: Noticed | None) -> float | None:
        return seen.time if seen is not None and seen.somebody else None

    def newborn(self) -> Newborn | None:
        """Whoever has been kept since the last call."""
        newborn, self._visit.newborn = self._visit.newborn, None
        return newborn

    def obey(self, command: str) -> None:
        """ "keep", "keep <code>", "forget" (nothing is kept) and "delete <code>"."""
        what, _, code = command.partition(" ")
        code = " ".join(code.lower().replace("-", " ").split())
        if what == "keep" and (not code or is_code(code)):
            self._visit.keep(code or None, now=self._now)
        elif command == "forget":
            self._visit.forget()
        elif what == "delete" and is_code(code):
            self._worker.submit(self._colony.delete, code)

    @property
    def _colony(self) -> Colony:
        return self._nursery.colony

    def _cross(self, *asked):
        return self._worker.submit(self._nursery.hybrid, *asked)

    def _adopt(self, *asked):
        return self._worker.submit(self._nursery.adopt, *asked, self._until())

    def _sweep(self, now: float) -> None:
        """Whose time is over is deleted, whether the wall was on at that hour or not."""
        if not 0 <= now - self._swept < SWEEP:
            self._swept = now
            self._worker.submit(self._colony.expire, time.time())

    def _wanted(self, noticed: Noticed | None, now: float) -> tuple:
        """What is to be seen; the same tuple while nothing new is."""
        stage = self._visit.stage
        if stage == "offered":
            return "offered", self._visit.code, self._visit.left(now), self._size
        if stage in ("keeping", "kept"):
            return "kept", self._visit.code, 0, self._size
        if stage == "drawing":
            return "ring", ARCS, 1, self._size
        if noticed is None or noticed.phase != "ring":
            return ()
        run = min(1.0, max(0.0, (now - noticed.since) / RING))
        return "ring", round(ARCS * run), max(1, math.ceil(RING * (1 - run))), self._size

    def _draw(self, wanted: tuple) -> np.ndarray | None:
        if not wanted:
            return None
        what, amount, count, size = wanted
        say, visit = self._profiles.say, self._visit
        if what == "ring":
            return card.ring(size, amount / ARCS, count, say["hold"])
        code = (visit.code, True)
        if what == "offered":
            below = [(say["keep"] + " " + say["forget"].format(seconds=count), False), (say["delete"], False), code]
        else:
            until = datetime.fromtimestamp(self._until()).strftime("%H:%M")
            below = [(say["kept"].format(until=until), False), (say["delete"], False), code]
        address = f"{self._page.rstrip('/')}/creatures#{spoken(visit.code)}" if self._page else ""
        portrait = visit.hybrid.portrait
        return card.card(size, portrait, visit.profile, below, say["guessed"], say["born"], address, say["scan"])
