"""The wall lives: one birth a second, exactly, prepared by a worker and only shown here."""

import logging
import math
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from narcissus.breeding.population import Being
from narcissus.colony import Colony, Snapshot
from narcissus.core.errors import ColonyError
from narcissus.core.files import HOME
from narcissus.core.sections import SharedSettings
from narcissus.core.types import Frame, Picture
from narcissus.scenes.contract import BaseScene, Kit, Stage, unmeasured
from narcissus.scenes.creatures.guest import Guest
from narcissus.scenes.creatures.layout import Layout, laid_out
from narcissus.scenes.creatures.nursery import Changes, Newborn, Nursery, concerns
from narcissus.scenes.creatures.skins import skin_of
from narcissus.scenes.creatures.wall import RISE, Wall
from narcissus.scenes.creatures.worker import AtOnce, births_worker

if TYPE_CHECKING:
    from narcissus.networks.pggan import Generator
    from narcissus.scenes.creatures import CreaturesSettings

PERIOD = 1.0  # seconds from birth to birth
AHEAD = 3  # births that are ready before they are due: a worker that is held up for so long holds nobody up
MISSED = 8  # births that are due at once, after a pause: more are not made up for
LOOKED = 0.25  # seconds between two looks at what the page has deleted

log = logging.getLogger("narcissus")


class Creatures(BaseScene):
    """`draw` belongs to the display's thread; the nursery to the worker's."""

    def __init__(
        self,
        nursery: Nursery,
        wall: Wall,
        guest: Guest | None = None,
        *,
        worker: Executor | None = None,
        layout: Callable[[], Layout] | None = None,
        stage: Stage = unmeasured,
    ) -> None:
        """`worker`: the nursery's only thread, where a guest uses it too; it ends when this scene is forgotten.

        `layout`: how the wall is to be laid out now, where its shape may change.
        """
        self._layout = layout or (lambda: wall.layout)
        self._nursery, self._wall, self._guest, self._stage = nursery, wall, guest, stage
        self._worker = worker or births_worker()
        if guest is not None:
            guest.fit(wall.middle)
        self._coming: deque[Future[Newborn]] = deque()
        self._begun: float | None = None  # when birth number 0 was due
        self._births, self._late = 0, 0
        self._overdue: Future[Newborn] | None = None  # the birth that was due and not ready, while it is not
        self._looks: deque[tuple[Future[Changes], bool]] = deque()  # True: what it finds is shown at once
        self._shown = dict(enumerate(nursery.population.beings))  # as shown: a birth that is ready is not yet
        self._looked = -math.inf
        self._instead: dict[str, np.ndarray] = {}  # name -> portrait: newborns that changed before they were shown
        self._now = 0.0  # of the last picture
        self._frozen_at: float | None = None
        self._stood = 0.0  # seconds for which it was frozen: the wall's own time is so much behind
        self._prepare()

    def observe(self, frame: Frame) -> object:
        return frame if self._guest is None else self._guest.observe(frame)

    def draw(self, seen: object | None, now: float) -> Picture:
        """Raises DrawingError where a birth could not be drawn."""
        self._now = now
        moment = (now if self._frozen_at is None else self._frozen_at) - self._stood
        if self._begun is None:
            self._begun = moment
        self._fit()
        self._take_up_changes(moment, now)
        self._deliver(moment)
        if self._guest is not None:
            self._receive(self._guest, seen, moment, now)
        with self._stage("compose"):
            image, public = self._wall.pictures(moment, now)
        answers = None if self._guest is None else self._guest.answers(seen)
        return Picture(image, answers=answers, public=None if public is image else public)

    def obey(self, command: str) -> None:
        if command in ("close", "leave"):
            self._forget(self._nursery.rest if command == "close" else self._nursery.leave)
            return
        if self._guest is not None:
            self._guest.obey(command)
        if command == "freeze" and self._frozen_at is None:
            self._frozen_at = self._now
        if command == "thaw" and self._frozen_at is not None:
            self._stood += self._now - self._frozen_at
            self._frozen_at = None

    def tune(self, settings: SharedSettings) -> None:
        self._wall.dim = settings.scenes.creatures.dim

    def report(self) -> dict[str, object]:
        return {"births": self._births, "births_late": self._late}

    def _forget(self, rest: Callable[[], Changes]) -> None:
        """Nobody sees the wall from now on, and nothing of whoever stood before it stays in memory."""
        if self._guest is not None:
            self._guest.obey("forget")
        self._wall.clear()
        self._looks.append((self._worker.submit(rest), True))
        self._looked = -math.inf

    def _fit(self) -> None:
        """The screen may be another one than a moment ago: it is known only once it is open."""
        layout = self._layout()
        if layout != self._wall.layout:
            self._wall = self._wall.relaid(layout)
            if self._guest is not None:
                self._guest.fit(self._wall.middle)

    def _receive(self, guest: Guest, seen: object | None, moment: float, now: float) -> None:
        """What stands in the middle, and whoever has been kept."""
        self._wall.lay(guest.picture(seen, now), now)
        newborn = guest.newborn()
        if newborn is not None:
            self._show(newborn, moment)

    def _due(self) -> float:
        """When the next birth is due: on a schedule that counts, so that no delay adds to another."""
        return self._begun + (self._births + 1) * PERIOD

    def _deliver(self, moment: float) -> None:
        """Show the births that are due."""
        missed = int((moment - self._due()) / PERIOD)
        if missed > MISSED:
            self._begun += missed * PERIOD
        while moment >= self._due():
            newborn = self._ready()
            if newborn is None:
                return
            late = self._overdue is not None or moment >= self._due() + PERIOD
            self._show(newborn, moment if late else self._due())  # a late one is no jump either
            self._overdue = None
            self._births += 1
            self._prepare()

    def _ready(self) -> Newborn | None:
        """The next birth; None: it is late, and comes with a later picture. No picture waits for it."""
        if not self._coming[0].done():
            self._late += self._overdue is None
            self._overdue = self._coming[0]
            return None
        return self._coming.popleft().result()

    def _show(self, newborn: Newborn, begun: float) -> None:
        birth = newborn.birth
        portrait = self._instead.pop(birth.being.name, newborn.portrait)
        self._shown[birth.cell] = birth.being
        self._wall.born(birth.cell, portrait, birth.parents, begun, begun + PERIOD)

    def _take_up_changes(self, moment: float, now: float) -> None:
        """Ask for changes in the file now and then, and show them: whoever was deleted is gone within a second."""
        while self._looks and self._looks[0][0].done():
            look, at_once = self._looks.popleft()
            self._show_changes(look.result(), moment - RISE if at_once or self._frozen_at is not None else moment)
        if not self._looks and not 0 <= now - self._looked < LOOKED:
            self._looks.append((self._worker.submit(self._nursery.look), False))
            self._looked = now

    def _show_changes(self, changes: Changes, begun: float) -> None:
        """`begun`: frozen, or closed meanwhile, so long ago that nobody who was deleted is to be seen going."""
        coming = [one.result() for one in self._coming if one.done()]
        names = {one.birth.being.name for one in coming}
        for change in changes.anew:
            if change.was in names:
                self._instead[change.was] = change.portrait
            else:
                self._replace(change.cell, change.being, change.portrait, begun)
        for one in coming:  # who has something from somebody deleted, and gives way anyway, does so now
            shown = self._shown.get(one.birth.cell)
            if shown is not None and concerns(shown, changes.gone):
                portrait = self._instead.get(one.birth.being.name, one.portrait)
                self._replace(one.birth.cell, one.birth.being, portrait, begun)

    def _replace(self, cell: int, being: Being, portrait: np.ndarray, begun: float) -> None:
        self._shown[cell] = being
        self._wall.change(cell, portrait, begun)

    def _prepare(self) -> None:
        while len(self._coming) < AHEAD:
            self._coming.append(self._worker.submit(self._nursery.bear))


def opened(settings: SharedSettings, kit: Kit) -> Creatures:
    """Raises ModelError, DrawingError, ConfigError."""
    mine, generator = settings.scenes.creatures, kit.generator()
    nursery = nursery_of(mine, generator, kit.trial)
    layout = lambda: laid_out(mine.cells, mine.size(kit.aspect()))
    wall = Wall(layout(), nursery.portraits(), mine.dim)
    worker = AtOnce() if kit.lockstep else births_worker()
    guest = None
    if mine.joining:
        from narcissus.scenes.creatures.joining.opening import opened as opened_guest

        guest = opened_guest(settings, kit, nursery, worker)
    return Creatures(nursery, wall, guest, worker=worker, layout=layout, stage=kit.stage)


def nursery_of(mine: "CreaturesSettings", generator: "Generator", trial: bool = False) -> Nursery:
    """Over the file that the settings name; in memory where what is in it cannot be read. Raises as `opened`.

    `trial`: over a copy of it, which says the same of a file that cannot be used.
    """
    begun = partial(Nursery, generator, cells=mine.cells, seed=mine.seed, skin=skin_of(mine.skin))
    colony = colony_of(mine.store, generator.sha256, trial)
    try:
        return begun(colony=colony)
    except ColonyError as fault:
        colony.close()
        log.warning("%s. This wall is in memory alone.", fault)
        return begun(colony=Colony())


def colony_of(store: str, generator: str, trial: bool = False) -> Colony:
    """The file at `store`, from the checkout on; in memory where that is asked for, or where it cannot be kept."""
    if store == "memory":
        return Colony()
    try:
        path = HOME / Path(store)
        colony = Colony(Snapshot(path) if trial else path)
        if colony.fact("generator") not in (None, generator):
            colony.close()
            raise ColonyError(f"{store}: its creatures were drawn by another generator; name another file")
        colony.fact("generator", generator)
        return colony
    except ColonyError as fault:
        log.warning("%s. This wall is in memory alone.", fault)
        return Colony()
