"""The wall lives: one birth a second, exactly, prepared by a worker and only shown here."""

import logging
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from pathlib import Path

from narcissus.colony import Colony
from narcissus.core.errors import ColonyError
from narcissus.core.files import HOME
from narcissus.core.sections import SharedSettings
from narcissus.core.types import Picture
from narcissus.scenes.contract import BaseScene, Kit, Stage, unmeasured
from narcissus.scenes.creatures import CreaturesSettings
from narcissus.scenes.creatures.layout import laid_out
from narcissus.scenes.creatures.nursery import Newborn, Nursery
from narcissus.scenes.creatures.wall import Wall

PERIOD = 1.0  # seconds from birth to birth
AHEAD = 3  # births that are ready before they are due: a worker that is held up for so long holds nobody up
MISSED = 8  # births that are due at once, after a pause: more are not made up for
WAITED = 2.0  # seconds for which a birth that is due is waited for; who has waited in vain once waits no more

log = logging.getLogger("narcissus")


class Creatures(BaseScene):
    """`draw` belongs to the display's thread; the nursery to the worker's."""

    def __init__(self, nursery: Nursery, wall: Wall, *, stage: Stage = unmeasured) -> None:
        self._nursery, self._wall, self._stage = nursery, wall, stage
        self._worker = ThreadPoolExecutor(1, "births")  # its thread ends when this scene is forgotten
        self._coming: deque[Future[Newborn]] = deque()
        self._patience = WAITED
        self._begun: float | None = None  # when birth number 0 was due
        self._births, self._late = 0, 0
        self._frozen_at: float | None = None
        self._now = 0.0
        self._prepare()

    def draw(self, seen: object | None, now: float) -> Picture:
        """Raises DrawingError where a birth could not be drawn."""
        self._now = now
        if self._begun is None:
            self._begun = now
        if self._frozen_at is None:
            self._deliver(now)
        with self._stage("compose"):
            image = self._wall.picture(now if self._frozen_at is None else self._frozen_at)
        return Picture(image)

    def obey(self, command: str) -> None:
        if command == "freeze" and self._frozen_at is None:
            self._frozen_at = self._now
        if command == "thaw" and self._frozen_at is not None:
            self._wall.delay(self._now - self._frozen_at)
            self._begun = None if self._begun is None else self._begun + self._now - self._frozen_at
            self._frozen_at = None

    def tune(self, settings: SharedSettings) -> None:
        self._wall.dim = settings.scenes.creatures.dim

    def report(self) -> dict[str, object]:
        return {"births": self._births, "births_late": self._late}

    def _due(self) -> float:
        """When the next birth is due: on a schedule that counts, so that no delay adds to another."""
        return self._begun + (self._births + 1) * PERIOD

    def _deliver(self, now: float) -> None:
        """Show the births that are due."""
        missed = int((now - self._due()) / PERIOD)
        if missed > MISSED:
            self._begun += missed * PERIOD
        while now >= self._due():
            newborn = self._ready()
            if newborn is None:
                return
            self._show(newborn, self._due())
            self._births += 1
            self._prepare()

    def _ready(self) -> Newborn | None:
        """The next birth, waited for in reason; None: it is late, and comes with a later picture."""
        try:
            newborn = self._coming[0].result(self._patience)
        except TimeoutError:
            self._late += self._patience > 0
            self._patience = 0.0
            return None
        self._coming.popleft()
        return newborn

    def _show(self, newborn: Newborn, due: float) -> None:
        birth = newborn.birth
        self._wall.born(birth.cell, newborn.portrait, birth.parents, due, due + PERIOD)

    def _prepare(self) -> None:
        while len(self._coming) < AHEAD:
            self._coming.append(self._worker.submit(self._nursery.bear))


def opened(settings: CreaturesSettings, kit: Kit) -> Creatures:
    """Raises ModelError, DrawingError."""
    generator, layout = kit.generator(), laid_out(settings.cells, settings.size)
    nursery = Nursery(generator, colony_of(settings.store, generator.sha256), settings.cells, settings.seed)
    return Creatures(nursery, Wall(layout, nursery.portraits(), settings.dim), stage=kit.stage)


def colony_of(store: str, generator: str) -> Colony:
    """The file at `store`, from the checkout on; in memory where that is asked for, or where it cannot be kept."""
    if store == "memory":
        return Colony()
    try:
        colony = Colony(HOME / Path(store))
        if colony.fact("generator") not in (None, generator):
            colony.close()
            raise ColonyError(f"{store}: its creatures were drawn by another generator; name another file")
        colony.fact("generator", generator)
        return colony
    except ColonyError as fault:
        log.warning("%s. This wall is in memory alone.", fault)
        return Colony()
