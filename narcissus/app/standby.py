"""What shows when a scene cannot: the stored dream at once, and behind it the next thing that may work.

Scenes are made from steps, the best first, in a thread of their own; until one is ready, and when none can be had, the
stored dream plays.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from narcissus.app.making import Making
from narcissus.core.errors import DeviceLost, DrawingError, NarcissusError, NotFinite
from narcissus.core.journal import Journal
from narcissus.core.printable import printable
from narcissus.core.sections import SharedSettings
from narcissus.core.types import Frame, Picture, Scene
from narcissus.scenes.stored_dream import StoredDream

log = logging.getLogger("narcissus")

RELOADS = 3  # of one scene that draws NaN, before a less demanding one is tried
KNOWN = (NarcissusError, ImportError)  # faults that say in words what mends them
BACK_OFF = (1.0, 2.0, 4.0, 8.0, 10.0)  # seconds until a step is made again that failed in passing (too many open files)
FORGIVEN = 3600.0  # seconds of good pictures after which earlier reloads no longer count


@dataclass(frozen=True)
class Attempt:
    """One way to fill the wall. `make` takes seconds, loads files, and raises ModelError, DrawingError or OSError."""

    name: str
    make: Callable[[], Scene]


class Standby:
    """A Scene over `attempts`. `draw` belongs to the display's thread, `observe` to perception's.

    `draw` raises DeviceLost at once, and OutOfMemory or NotFinite when there is no attempt left: then only a new
    process helps. An attempt whose model files cannot be used is left out; when that leaves none, the stored dream goes
    on for good, because a new process would find the same files. What fails in passing is tried again.
    """

    def __init__(
        self,
        stored: StoredDream,
        attempts: Sequence[Attempt],
        journal: Journal,
        reloaded: Callable[[], None] = lambda: None,
        made: Scene | None = None,
    ) -> None:
        """`reloaded` is told of every model that is loaded again. `made`: the first attempt's scene, where it is there.

        Without it the stored dream shows until one is.
        """
        self._stored, self._attempts = stored, list(attempts)
        self._journal, self.reloaded = journal, reloaded
        self._scene: Scene = made or stored
        self._name = self._attempts[0].name if made else ""  # of the attempt on the wall
        self._making: tuple[Making, Attempt] | None = None
        self._failed, self._next_try = 0, float("-inf")  # in passing, and when it is tried again
        self._reloads = 0
        self._since = 0.0  # when the scene on the wall took over
        self._shown: Picture | None = None
        self._settings: SharedSettings | None = None  # as they were tuned last: whatever is made later takes them up
        self._frozen = False

    @property
    def on_wall(self) -> str:
        """What is on the wall, in words."""
        if self._scene is not self._stored:
            return f"{self._name}: on the wall"
        return f"the stored dream, until {self._attempts[0].name} is made" if self._attempts else "the stored dream"

    def observe(self, frame: Frame) -> tuple[Scene, object]:
        scene = self._scene
        return scene, scene.observe(frame)

    def begin(self, picture: Picture, now: float) -> None:
        self._scene.begin(picture, now)

    def obey(self, command: str) -> None:
        self._frozen = {"freeze": True, "thaw": False}.get(command, self._frozen)
        self._scene.obey(command)

    def tune(self, settings: SharedSettings) -> None:
        self._settings = settings
        self._scene.tune(settings)

    def report(self) -> dict[str, object]:
        return self._scene.report()

    def draw(self, seen: tuple[Scene, object] | None, now: float) -> Picture:
        if self._scene is self._stored and self._shown is not None:  # the first picture waits for nothing
            self._tend(now)
        elif self._reloads and now - self._since > FORGIVEN:
            self._reloads = 0
        whose, mine = seen or (None, None)  # what another scene has seen is not for this one
        try:
            self._shown = self._scene.draw(mine if whose is self._scene else None, now)
        except DrawingError as fault:
            self._step_back(fault, now)
            self._shown = self._stored.draw(None, now)
        return self._shown

    def _tend(self, now: float) -> None:
        """Have the next scene made, or take over the one that is ready, where the stored dream is."""
        if self._making is None and self._attempts and now >= self._next_try:
            first = self._attempts[0]
            self._making = Making(first.name, first.make), first
            self._making[0].start()
        if self._making is None or not self._making[0].done.is_set():
            return
        (made, attempt), self._making = self._making, None
        if made.fault is None:
            self._put_up(made.scene, attempt.name, now)
        elif self._passes(made.fault):
            self._try_again(attempt.name, made.fault, now)
        else:
            self._leave_out(made.fault)

    def _put_up(self, scene: Scene, name: str, now: float) -> None:
        scene.begin(self._shown, now)
        if self._settings is not None:
            scene.tune(self._settings)
        if self._frozen:
            scene.obey("freeze")
        self._scene, self._name, self._since, self._failed = scene, name, now, 0
        self._journal.recovered("scene")
        self._journal.recovered(name)
        log.info("%s: on the wall", name)

    def _passes(self, fault: BaseException) -> bool:
        """Whether the same attempt may succeed in a while: too many open files, a network that draws NaN just now."""
        if isinstance(fault, NotFinite) and self._reloads < RELOADS:
            self._reloads += 1
            return True
        return isinstance(fault, OSError)

    def _try_again(self, name: str, fault: BaseException, now: float) -> None:
        self._next_try = now + BACK_OFF[min(self._failed, len(BACK_OFF) - 1)]
        self._failed += 1
        self._journal.fault(name, f"{fault}; it is tried again, every 10 s at the latest")

    def _leave_out(self, fault: BaseException) -> None:
        """Go on without the attempt that failed, whatever it failed of. Raises where a new process is what helps."""
        if isinstance(fault, DeviceLost) or not isinstance(fault, Exception):
            raise fault  # with a lost device, every other attempt would be lost on it too
        attempt = self._attempts.pop(0)
        self._reloads = self._failed = 0  # the next one begins with all its tries
        following = self._attempts[0].name if self._attempts else "the stored dream"
        reason = fault if isinstance(fault, KNOWN) else f"{type(fault).__name__}: {fault}"  # a bug is named as one
        self._journal.fault(attempt.name, printable(f"{reason}; instead of it: {following}", longest=1000))
        if isinstance(fault, DrawingError) and not self._attempts:
            raise fault

    def _step_back(self, fault: DrawingError, now: float) -> None:
        """The scene cannot draw: the stored dream shows, and with the next picture it is made anew, or another is.

        Not now: the fault still holds the scene, whose memory must be free before the next is made.
        """
        if isinstance(fault, NotFinite) and self._reloads < RELOADS:
            self._reloads += 1
            self._journal.fault("scene", f"{fault}; the model is loaded again")
            self.reloaded()
        else:
            self._leave_out(fault)
        self._scene.obey("leave")
        self._scene = self._stored
        if self._shown is not None:
            self._stored.begin(self._shown, now)
