"""The parts of an unattended mirror, put together: whatever fails, something better than nothing hangs on the wall."""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np

from narcissus.app.health import Health, Notifier
from narcissus.app.heartbeat import Watched
from narcissus.app.hours import Opened
from narcissus.app.kept_screen import KeptScreen
from narcissus.app.opening import open_watched
from narcissus.app.standby import Standby, Step
from narcissus.app.supervisor import Supervised
from narcissus.app.tuning import Tuning
from narcissus.core.config import Settings
from narcissus.core.ending import Ending
from narcissus.core.errors import ConfigError, ModelError, NarcissusError
from narcissus.core.figures import Figures
from narcissus.core.journal import Journal
from narcissus.core.loop import run
from narcissus.core.privacy import forbid_dumps
from narcissus.core.types import Scene, Screen, Source
from narcissus.scenes.stored_dream import FOLDER, StoredDream
from narcissus.sinks.virtual_camera import cast

log = logging.getLogger("narcissus")


def open_window(settings: Settings) -> Screen:
    from narcissus.sinks.kiosk import KioskWindow

    return KioskWindow(settings.screen, settings.framing)


def hang(
    read_settings: Callable[[], Settings],
    ending: Ending,
    open_source: Callable[[Settings, Journal], Source] = open_watched,
    open_screen: Callable[[Settings], Screen] = open_window,
    *,
    live: bool | None = None,
    watched: Path | None = None,
) -> int:
    """Run the mirror until `ending` says so; returns the exit code. Threads that load or hang may still be there then.

    The stored dream shows at once; everything else is loaded behind it. Settings that are refused are said in the
    journal, and the stored dream then is all there is. Only where a new process helps is the code not 0. `live`:
    whether real people stand before the source; None: only a camera is. `watched`: the file that `read_settings` reads,
    to be read again whenever it is saved.
    """
    forbid_dumps()
    journal = Journal()
    try:
        settings, refused = read_settings(), False
    except ConfigError as fault:
        settings, refused = Settings(), True
        journal.fault("settings", f"{fault}; until they are mended the stored dream plays")
    if live is None:
        live = settings.has_camera
    try:
        tuning = Tuning.open(settings, journal, None if refused else watched, read_settings)
        _run(tuning, refused, ending, open_source, open_screen, live, journal)
    except NarcissusError as fault:
        log.error("%s; a new process is needed", fault)
        return fault.exit_code
    return 0


def _run(tuning: Tuning, refused: bool, ending: Ending, open_source, open_screen, live: bool, journal: Journal) -> None:
    settings = tuning.settings
    figures, health = Figures(), Health(Notifier(), journal)
    steps = [] if refused else steps_for(settings, figures, live)
    scene = Standby(stored_dream(settings, journal), steps, journal, partial(health.restarted, "model"))
    source = supervised(settings, open_source, journal, health, live) if steps else None
    remade = partial(health.restarted, "display")
    with ExitStack() as parts:
        if source is not None:
            parts.enter_context(source)
        screen = parts.enter_context(
            KeptScreen(partial(open_screen, settings), journal, health.presented, remade=remade)
        )
        parts.enter_context(tuning)
        ending.begin(time.monotonic(), None)
        shown = cast(screen, settings.screen.virtual_camera, parts)
        run(source, Watched(Opened(scene, settings.hours), health), shown, figures, tuning, ending)
        health.stopping()


def steps_for(settings: Settings, figures: Figures, live: bool) -> list[Step]:
    """What can fill the wall, the most demanding first."""

    def scene(name: str, coarser: int) -> Scene:
        from narcissus.networks.pggan import Generator
        from narcissus.scenes import scene_called

        generator = Generator.load(settings.generator_path, coarser=coarser)
        return scene_called(name).open(settings, generator, live=live, stage=figures.stage)

    wanted = settings.scene
    steps = [
        Step(f"the {wanted}", partial(scene, wanted, 0)),
        Step(f"the {wanted} with a smaller picture", partial(scene, wanted, 1)),
    ]
    if wanted != "dream":
        steps.append(Step("the dream", partial(scene, "dream", 1)))
    return steps


def stored_dream(settings: Settings, journal: Journal) -> StoredDream:
    """The generator's own stored dream, or else the one that ships; black where neither can be read."""
    own = FOLDER / f"{settings.generator_path.stem}.npz"
    try:
        return StoredDream.open(own if own.exists() else FOLDER / "utk-64.npz")
    except ModelError as fault:
        journal.fault("stored dream", str(fault))
        return StoredDream(np.zeros((1, 64, 64, 3), np.uint8), np.ones((1, 1), np.float32), 1.0)


def supervised(settings: Settings, open_source: Callable, journal: Journal, health: Health, live: bool) -> Supervised:
    camera, now = settings.camera, time.monotonic()
    health.expect("camera", now)
    health.expect("perception", now)
    return Supervised(
        partial(open_source, settings, journal),
        journal,
        live=live,
        asked=(camera.width, camera.height, float(camera.fps)) if settings.source == "camera" else None,
        alive=partial(health.beat, "camera"),
        reopened=partial(health.restarted, "camera"),
    )
