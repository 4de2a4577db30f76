"""Another work, or another generator, while it runs: made behind the one that shows, then put in its place."""

import logging
from collections.abc import Callable

from narcissus.app.making import Making
from narcissus.app.tuning.slots import Slots
from narcissus.app.wrapper import Wrapper
from narcissus.core.errors import NarcissusError
from narcissus.core.journal import Journal
from narcissus.core.printable import printable
from narcissus.core.sections import SharedSettings
from narcissus.core.types import Frame, Picture, Scene

log = logging.getLogger("narcissus")

FAULT = "change of work"
KNOWN = (NarcissusError, ImportError, OSError)  # faults that say in words what mends them
Names = tuple[str, str]  # the names of a scene and of a generator


class Switching(Wrapper):
    """A Scene that becomes another when the live settings `scene` or `generator` change.

    The one before shows until the next has been made, and hands over with `begin`. What cannot be made is said in the
    journal, and `asked` then asks for the settings that are in force, so that nobody shows another value.
    `draw`, `tune` and `obey` belong to the display's thread, `observe` to perception's.
    """

    def __init__(
        self,
        scene: Scene,
        settings: SharedSettings,
        make: Callable[[SharedSettings], Scene],
        journal: Journal,
        replaced: Callable[[SharedSettings], None] = lambda settings: None,
        dropped: Callable[[], None] = lambda: None,
        asked: Slots | None = None,
        quiet: bool = False,
    ) -> None:
        """`make` takes seconds and raises what it likes; `replaced` is told of the settings whose scene is on the wall.

        `dropped`: that a scene was made in vain, since the one on the wall has been asked for again. `asked`: where
        the work on the wall asks for settings as well. `quiet`: which work hangs tells who is there, so the journal
        is told of no change, and once of a work that cannot be made.
        """
        super().__init__(scene)
        self.asked = asked or Slots()
        self._settings, self._make, self._journal, self._told = settings, make, journal, replaced
        self._dropped, self._quiet = dropped, quiet
        self._refused: Names | None = None  # what could not be made last
        self._current = named(settings)
        self._making: tuple[Making, SharedSettings] | None = None
        self._shown: Picture | None = None
        self._frozen = False

    @property
    def scene(self) -> Scene:
        """The one on the wall."""
        return self._scene

    @property
    def coming(self) -> str:
        """What is being made, in words; nothing while nothing is."""
        making = self._making
        return "" if making is None else "; the {}, {}, is being made".format(*named(making[1]))

    def observe(self, frame: Frame) -> tuple[Scene, object]:
        scene = self._scene
        return scene, scene.observe(frame)

    def draw(self, seen: tuple[Scene, object] | None, now: float) -> Picture:
        self._tend(now)
        whose, mine = seen or (None, None)  # what another scene has seen is not for this one
        self._shown = self._scene.draw(mine if whose is self._scene else None, now)
        return self._shown

    def obey(self, command: str) -> None:
        self._frozen = {"freeze": True, "thaw": False}.get(command, self._frozen)
        self._scene.obey(command)

    def tune(self, settings: SharedSettings) -> None:
        self._settings = settings
        self._scene.tune(settings)

    def _tend(self, now: float) -> None:
        """Have what is wanted made, or put up what has been."""
        if self._making is None and named(self._settings) != self._current:
            settings = self._settings
            self._making = Making(settings.scene, lambda: self._make(settings)), settings
            self._making[0].start()
        if self._making is None or not self._making[0].done.is_set():
            return
        (made, settings), self._making = self._making, None
        if made.fault is not None:
            self._keep(made.fault, settings)
        elif named(settings) == named(self._settings):  # else something else has been asked for meanwhile
            self._put_up(made.scene, settings, now)
        elif named(self._settings) == self._current:
            self._dropped()

    def _put_up(self, scene: Scene, settings: SharedSettings, now: float) -> None:
        if self._shown is not None:
            scene.begin(self._shown, now)
        scene.tune(self._settings)
        if self._frozen:
            scene.obey("freeze")
        self._scene.obey("leave")
        self._scene, self._current = scene, named(settings)
        self._told(settings)
        if not self._quiet or self._current == self._refused:
            self._journal.recovered(FAULT)
        if not self._quiet:
            log.info("the %s, %s: on the wall", *self._current)

    def _keep(self, fault: BaseException, settings: SharedSettings) -> None:
        """Go on with the one that shows; whatever asked for another is told."""
        if not isinstance(fault, Exception):
            raise fault
        said = fault if isinstance(fault, KNOWN) else f"{type(fault).__name__}: {fault}"  # a bug is named as one
        self._refused = named(settings)
        if not self._quiet:
            self._journal.forget(FAULT)  # each one that fails is said
        self._journal.fault(FAULT, printable(f"{said}; the {self._current[0]} goes on", longest=1000))
        if named(settings) == named(self._settings):
            for name, value in zip(("scene", "generator"), self._current, strict=True):
                self.asked.put(name, value)


def named(settings: SharedSettings) -> Names:
    return settings.scene, settings.generator
