"""A scene that always has something to show: it stands in while another is made, and while that one is mended.

Scenes are tried in the order they are given, each less demanding than the one before: the mirror, the mirror with a
smaller picture, the dream. They are made in a thread of their own; until one is ready, and when none can be had, the
stored dream plays.
"""

import gc
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from narcissus.core.config import Settings
from narcissus.core.errors import DeviceLost, DrawingError, ModelError, NotFinite
from narcissus.core.journal import Journal
from narcissus.core.types import Frame, Observation, Picture, Scene
from narcissus.scenes.stored_dream import StoredDream

log = logging.getLogger("narcissus")

RELOADS = 3  # of one scene that draws NaN, before a less demanding one is tried
UNUSABLE = (
    ModelError,
    ImportError,
    OSError,
)  # what is installed cannot be used, and a new process would find it so too
FORGIVEN = 3600.0  # seconds of good pictures after which earlier reloads no longer count


@dataclass(frozen=True)
class Step:
    """One way to fill the wall. `make` takes seconds, loads files, and raises ModelError or DrawingError."""

    name: str
    make: Callable[[], Scene]


class Standby:
    """A Scene over `steps`. `draw` belongs to the display's thread, `observe` to perception's.

    `draw` raises DeviceLost at once, and OutOfMemory or NotFinite when there is no step left: then only a new process
    helps. A step whose model files cannot be used is left out; when that leaves none, the stored dream goes on for
    good, because a new process would find the same files.
    """

    watches = True

    def __init__(
        self, stored: StoredDream, steps: Sequence[Step], journal: Journal, reloaded: Callable[[], None] = lambda: None
    ) -> None:
        self._stored, self._steps, self._edges, self._reloaded = stored, list(steps), journal, reloaded
        self._scene: Scene = stored
        self._making: _Making | None = None
        self._reloads = 0
        self._since = 0.0  # when the scene on the wall took over
        self._shown: Picture | None = None
        self._settings: Settings | None = None  # as they were tuned last: whatever is made later takes them up
        self._frozen = False

    def observe(self, frame: Frame) -> Observation:
        return self._scene.observe(frame)

    def obey(self, command: str) -> None:
        self._frozen = {"freeze": True, "thaw": False}.get(command, self._frozen)
        self._scene.obey(command)

    def tune(self, settings: Settings) -> None:
        self._settings = settings
        self._scene.tune(settings)

    def draw(self, observation: Observation | None, now: float) -> Picture:
        if self._scene is self._stored and self._shown is not None:  # the first picture waits for nothing
            self._tend(now)
        elif self._reloads and now - self._since > FORGIVEN:
            self._reloads = 0
        try:
            self._shown = self._scene.draw(observation, now)
        except DrawingError as fault:
            self._step_back(fault, now)
            self._shown = self._stored.draw(observation, now)
        return self._shown

    def _tend(self, now: float) -> None:
        """Have the next scene made, or take over the one that is ready, where the stored dream is."""
        if self._making is None and self._steps:
            self._making = _Making(self._steps[0])
            self._making.start()
        if self._making is None or not self._making.done.is_set():
            return
        made, self._making = self._making, None
        if made.fault is not None:
            self._leave_out(made.fault)
            return
        made.scene.begin(self._shown.latent)
        if self._settings is not None:
            made.scene.tune(self._settings)
        if self._frozen:
            made.scene.obey("freeze")
        self._scene, self._since = made.scene, now
        self._edges.well("scene")
        log.info("%s: on the wall", made.step.name)

    def _leave_out(self, fault: BaseException) -> None:
        """Go on without the step that failed. Raises the fault where it is none of the files', and nothing is left."""
        if not isinstance(fault, (DrawingError, *UNUSABLE)):
            raise fault
        step = self._steps.pop(0)
        following = self._steps[0].name if self._steps else "the stored dream"
        self._edges.fault(step.name, f"{fault}; instead of it: {following}")
        if isinstance(fault, DrawingError) and not self._steps:
            raise fault

    def _step_back(self, fault: DrawingError, now: float) -> None:
        """The scene cannot draw: the stored dream shows, and with the next picture it is made anew, or another is.

        Not now: the fault still holds the scene, whose memory must be free before the next is made.
        """
        if isinstance(fault, DeviceLost):
            raise fault
        if isinstance(fault, NotFinite) and self._reloads < RELOADS:
            self._reloads += 1
            self._edges.fault("scene", f"{fault}; the model is loaded again")
            self._reloaded()
        else:
            self._reloads = 0
            self._leave_out(fault)
        self._scene = self._stored
        self._stored.begin(self._shown.latent, now)


class _Making(threading.Thread):
    """Makes one scene; `done` is set when there is a scene or a fault."""

    def __init__(self, step: Step) -> None:
        super().__init__(name=f"making {step.name}", daemon=True)
        self.step, self.done = step, threading.Event()
        self.scene: Scene | None = None
        self.fault: BaseException | None = None

    def run(self) -> None:
        gc.collect()  # the scene before is a web of references: only so is its graph freed, and memory may be short
        try:
            self.scene = self.step.make()
        except (
            BaseException
        ) as fault:  # nothing is swallowed: the display's thread gets it, and raises what it cannot mend
            self.fault = fault
        finally:
            self.done.set()
