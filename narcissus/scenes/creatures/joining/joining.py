"""The guest of a wall with a camera: perception's Noticed on one side, what stands in the middle on the other."""

import math
from collections.abc import Callable
from datetime import datetime
from functools import partial

import numpy as np

from narcissus.core.timeouts import STALE
from narcissus.core.types import Frame
from narcissus.scenes.creatures.joining import card
from narcissus.scenes.creatures.joining.capture import RING
from narcissus.scenes.creatures.joining.codes import is_code, spoken
from narcissus.scenes.creatures.joining.easel import Easel
from narcissus.scenes.creatures.joining.observer import Noticed, Observer
from narcissus.scenes.creatures.joining.visit import Nurse, Visit
from narcissus.scenes.creatures.nursery import Newborn
from narcissus.scenes.creatures.profile.profile import Profiles

ARCS = 90  # pictures of one ring: thirty a second


class Joining:
    """A `guest.Guest`."""

    def __init__(
        self, observer: Observer, nursery, worker, profiles: Profiles, until: Callable[[], float], page: str = ""
    ) -> None:
        """`until`: when whoever is caught now expires, in seconds since 1970; `page`: its address, for the QR code."""
        self._observer, self._profiles, self._page, self._until = observer, profiles, page, until
        self._nursery, self._worker = nursery, worker
        self._visit = Visit(Nurse(self._cross, self._adopt), profiles)
        self._easel = Easel(worker)
        self._hour = 0.0  # when whoever is here expires
        self._now = 0.0
        self._run: tuple[int, int] = (0, 0)  # how far the ring has run, as `_ring` is of it
        self._ring: np.ndarray | None = None
        self.fit((640, 360))  # until the wall says how large

    def fit(self, size: tuple[int, int]) -> None:
        """How large, in pixels, what stands in the middle is to be: from now on nothing has another size."""
        self._size = size
        self._easel.clear()
        self._ring = None
        self._rings = self._worker.submit(card.Ring.lettered, size, math.ceil(RING), self._profiles.say["hold"])

    def observe(self, frame: Frame) -> Noticed:
        return self._observer.look(frame)

    def picture(self, seen: Noticed | None, now: float) -> np.ndarray | None:
        self._now = now
        noticed = seen if seen is not None and now - seen.time < STALE else None
        if noticed is not None and noticed.caught is not None:
            self._visit.begin(noticed.caught, now)
        self._visit.advance(now)
        return self._drawn(noticed, now)

    def answers(self, seen: Noticed | None) -> float | None:
        return seen.time if seen is not None and seen.somebody else None

    def newborn(self) -> Newborn | None:
        """Whoever has been kept since the last call."""
        newborn, self._visit.newborn = self._visit.newborn, None
        return newborn

    def obey(self, command: str) -> None:
        """ "keep", "keep <code>" and "forget"."""
        what, _, code = command.partition(" ")
        code = " ".join(code.lower().replace("-", " ").split())
        if what == "keep" and (not code or is_code(code)):
            self._visit.keep(code or None, now=self._now)
        elif command == "forget":
            self._visit.forget()
            self._easel.clear()
            self._ring = None

    def _cross(self, *asked):
        """Whoever was caught has an hour from now on: offered before closing time, nobody is kept until the next."""
        self._hour = self._until()
        return self._worker.submit(self._nursery.hybrid, *asked)

    def _adopt(self, *asked):
        return self._worker.submit(self._nursery.adopt, *asked, self._hour)

    def _drawn(self, noticed: Noticed | None, now: float) -> np.ndarray | None:
        """What is to be seen; the same array while nothing new is."""
        stage = self._visit.stage
        if stage in ("offered", "keeping", "kept"):
            return self._card(stage, now)
        self._easel.clear()
        if stage == "drawing":
            return self._run_to(ARCS, 1)
        if noticed is None or noticed.phase != "ring":
            self._ring = None
            return None
        run = min(1.0, max(0.0, (now - noticed.since) / RING))
        return self._run_to(round(ARCS * run), max(1, math.ceil(RING * (1 - run))))

    def _run_to(self, arcs: int, count: int) -> np.ndarray | None:
        """The ring; None for as long as it is not lettered yet."""
        if self._rings.done() and (self._ring is None or self._run != (arcs, count)):
            self._run, self._ring = (arcs, count), self._rings.result().run(arcs / ARCS, count)
        return self._ring

    def _card(self, stage: str, now: float) -> np.ndarray | None:
        """The hybrid's card; until it is lettered, the ring that has closed around it."""
        visit, left = self._visit, self._visit.left(now) if stage == "offered" else None
        say, portrait = self._profiles.say, visit.hybrid.portrait
        words = visit.profile, self._below(left), say["guessed"], say["born"], self._address(), say["scan"]
        image = self._easel.take((visit.code, left), partial(card.card, self._size, portrait, *words))
        if image is None:
            return self._run_to(ARCS, 1)
        self._ring = None
        return image

    def _below(self, left: int | None) -> list[tuple[str, bool]]:
        """Lines for the visitor, True those that matter most. `left`: seconds to decide in; None: it is kept."""
        say = self._profiles.say
        if left is None:
            first = say["kept"].format(until=datetime.fromtimestamp(self._hour).strftime("%H:%M"))
        else:
            first = say["keep"] + " " + say["forget"].format(seconds=left)
        return [(first, False), (say["delete"], False), (self._visit.code, True)]

    def _address(self) -> str:
        """What the QR code holds; "": there is no page."""
        return f"{self._page.rstrip('/')}/creatures#{spoken(self._visit.code)}" if self._page else ""
