"""The one composition: settings -> source, scene and sink, for a desktop, a kiosk, --check, the doctor and a rehearsal.

What the world outside may refuse, a camera, a display, a network's file, comes in through `Doors`. A rehearsal brings
doors that fail on command; nothing has to be patched.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING

from narcissus.app.settings import Settings
from narcissus.app.tuning.slots import Slots
from narcissus.app.wall_watch import WallWatch
from narcissus.app.watched_sink import WatchedSink
from narcissus.core.collector import set_aside
from narcissus.core.errors import ModelError, SourceError
from narcissus.core.figures import Figures
from narcissus.core.importing import importing
from narcissus.core.journal import Journal
from narcissus.core.permit import Permit
from narcissus.core.sections import SharedSettings
from narcissus.core.types import Scene, Sink, Source
from narcissus.core.worker import Worker
from narcissus.scenes import work
from narcissus.scenes.contract import Kit, Step, Work

if TYPE_CHECKING:  # TensorFlow comes with it
    from narcissus.networks.pggan import Generator

Painter = Callable[[], "Generator"]  # lends the network that draws an imaginary viewer


def load_generator(settings: Settings, coarser: int) -> "Generator":
    """Raises ModelError, ImportError, or OutOfMemory where the GPU is full."""
    with importing():
        from narcissus.networks.pggan import Generator

    return Generator.load(settings.generator_path, coarser=coarser)


def open_scene(step: Step, settings: Settings, kit: Kit) -> Scene:
    """Raises ModelError where a file cannot be used."""
    return work(step.work).open(settings, kit)


def open_source(settings: Settings, painter: Painter, once: bool = False) -> Source:
    """Raises SourceError, also where the imaginary viewer cannot be drawn."""
    from narcissus import sources

    try:
        return sources.open_source(
            settings.source, settings.camera, painter=painter, once=once, photo_seconds=settings.photo_seconds
        )
    except ModelError as fault:
        raise SourceError(f"the imaginary viewer cannot be drawn: {fault}") from fault


def open_window(settings: Settings, report: Callable[[], dict], permit: Permit) -> Sink:
    """Raises ScreenError where there is no display."""
    from narcissus.sinks.window import Window

    return Window(
        settings.screen, framing=settings.framing, report=report, permit=permit, presets=tuple(settings.presets)
    )


@dataclass(frozen=True)
class Doors:
    """Where the world comes in. `live`: whether real people stand before the source; None: only a camera has any."""

    source: Callable[..., Source] = open_source
    scene: Callable[[Step, Settings, Kit], Scene] = open_scene
    generator: Callable[[Settings, int], "Generator"] = load_generator
    window: Callable[[Settings, Callable[[], dict], Permit], Sink] = open_window
    live: bool | None = None


class Lender:
    """The network that draws, as large as it is: loaded when it is first asked for, and one for all who share it."""

    def __init__(self, load: Painter) -> None:
        self._load = load

    @cached_property
    def generator(self) -> "Generator":
        return self._load()

    @property
    def loaded(self) -> bool:
        return "generator" in self.__dict__

    def drop(self) -> None:
        """It may be spoilt, or too large: whoever asks for it next has it loaded anew."""
        self.__dict__.pop("generator", None)


class Installation:
    """One work, made ready to hang. Nothing is loaded before it is asked for."""

    def __init__(self, settings: Settings, doors: Doors | None = None, journal: Journal | None = None) -> None:
        doors = doors or Doors()
        self.settings, self.doors = settings, doors
        self.journal = journal or Journal()
        self.live = settings.has_camera if self.doors.live is None else self.doors.live
        self.figures = Figures(self.live)
        self._lender = Lender(lambda: doors.generator(settings, 0))
        self.standing_in = ""  # who stands in for the viewer, and why: for people before the wall
        self.asked = Slots()  # what the work itself asks of the live settings, also where another work is made ready
        self._windows: list[Sink] = []  # the newest alone, and the same list wherever another work is made ready
        numbers = settings.osc.enabled and settings.osc.out
        agreed = settings.consent
        self.permit = Permit(self.live, agreed == "pictures", numbers, numbers and agreed != "none")

    @property
    def work(self) -> Work:
        return work(self.settings.scene)

    @property
    def wants_source(self) -> bool:
        return self.work.wants_source and self.work.looks(self.settings)

    @property
    def generator(self) -> "Generator":
        """The network that draws, as large as it is."""
        return self._lender.generator

    def scene(self, step: Step | None = None, *, lockstep: bool = False, trial: bool = False) -> Scene:
        """The work as this step has it; None: as it is meant. Raises ModelError, DrawingError or OSError.

        `lockstep`: it is played frame by frame, as `core.play.played` does. `trial`: it will not hang, and
        writes nothing.
        """
        step = step or self.work.steps[0]
        lent = (lambda: self.generator) if not step.coarser else cache(partial(self._coarser, step.coarser))
        kit = Kit(lent, self.live, lockstep, self.figures.stage, step.coarser, self.aspect, self.asked.put, trial)
        scene = self.doors.scene(step, self.settings, kit)
        set_aside()
        return scene

    def fresh_scene(self, step: Step) -> Scene:
        """The same with networks that are loaded anew: those that are there may be spoilt. Raises as `scene` does."""
        self._lender.drop()
        return self.scene(step)

    def changed(self, settings: SharedSettings) -> "Installation":
        """The same with the scene and the generator of these settings; a generator of the same name is shared."""
        wanted = {"scene": settings.scene, "generator": settings.generator}
        other = Installation(self.settings.model_copy(update=wanted), self.doors, self.journal)
        other.live, other.figures, other.permit = self.live, self.figures, self.permit
        other.asked, other._windows = self.asked, self._windows
        if settings.generator == self.settings.generator:
            other._lender = self._lender
        return other

    def become(self, other: "Installation") -> None:
        """From now on what hangs is the other's."""
        self.settings, self._lender = other.settings, other._lender

    def source(self, once: bool = False) -> Source:
        """Raises SourceError."""
        return self.doors.source(self.settings, lambda: self.generator, once)

    def window(self, scene: Callable[[], Scene]) -> Sink:
        """Raises ScreenError where there is no display."""
        self._windows[:] = [self.doors.window(self.settings, lambda: self.report(scene()), self.permit)]
        return self._windows[0]

    def aspect(self) -> float:
        """The wall's width over its height, as people see it now; 1 where there is no window."""
        return next((getattr(window, "aspect", 1.0) for window in self._windows), 1.0)

    def watched(self, sink: Sink, parts: ExitStack) -> Sink:
        """The sink, watched for as long as the `parts` last, with whatever else is to be given the same pictures."""
        watch = WallWatch(self.journal)
        parts.enter_context(Worker("wall watch", watch.step))
        return WatchedSink(self._beside(sink, parts), watch.presented, watch.obey)

    def _beside(self, sink: Sink, parts: ExitStack) -> Sink:
        if self.settings.screen.virtual_camera == "off":
            return sink
        from narcissus.sinks.virtual_camera import cast

        return cast(sink, self.settings.screen.virtual_camera, self.permit, parts)

    def report(self, scene: Scene) -> dict[str, object]:
        """The loop's figures and the scene's own."""
        return self.figures.report() | scene.report()

    def drawn_on(self) -> dict[str, str]:
        """What draws, and where: for report.json; nothing where the work needs no generator, and has asked for none."""
        if not (self.work.wants_generator or self._lender.loaded):
            return {}
        from narcissus.networks.pggan import backend

        generator = self.generator
        return {
            "generator": generator.name,
            "size": f"{generator.resolution}×{generator.resolution}",
            "backend": backend.NAME,
            "precision": generator.precision,
            "device": "GPU" if backend.on_gpu() else f"processor, {generator.threads} of {os.cpu_count()} threads",
        }

    def said(self) -> str:
        """What draws: for people."""
        about = self.drawn_on()
        if not about:
            return f"the {self.work.name}, which needs no generator"
        drawn = "{generator} ({size}) drawn by {backend} in {precision} on the {device}"
        return f"the {self.work.name}, {drawn.format(**about)}"

    def _coarser(self, times: int) -> "Generator":
        return self.doors.generator(self.settings, times)
