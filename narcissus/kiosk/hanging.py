"""The parts of an unattended mirror, put together: whatever fails, something better than nothing hangs on the wall."""

import logging
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from narcissus.config import Settings
from narcissus.edges import Edges
from narcissus.ending import Ending
from narcissus.errors import ConfigError, ModelError
from narcissus.figures import Figures
from narcissus.health import Health, Notifier
from narcissus.kiosk.hours import Opened
from narcissus.kiosk.kept import KeptScreen
from narcissus.kiosk.watched import Watched
from narcissus.loop import run
from narcissus.privacy import forbid_dumps
from narcissus.standby import Standby, Step
from narcissus.stored_dream import FOLDER, StoredDream
from narcissus.supervisor import Supervised
from narcissus.types import Scene, Screen, Source

log = logging.getLogger("narcissus")


def hang(
    settings: Settings,
    ending: Ending,
    open_source: Callable[[Settings, Edges], Source],
    open_screen: Callable[[Settings], Screen],
    *,
    live: bool,
    refused: ConfigError | None = None,
) -> None:
    """Run the mirror until `ending` says so. The stored dream shows at once; everything else is loaded behind it.

    `refused` is why the settings file could not be used: the stored dream then is all there is. Raises DrawingError and
    ScreenError where only a new process helps, and whatever nobody foresaw.
    """
    forbid_dumps()
    edges, figures = Edges(), Figures()
    health = Health(Notifier(), edges)
    if refused is not None:
        edges.fault("settings", f"{refused}; until they are mended the stored dream plays")
    steps = [] if refused else steps_for(settings, figures, live)
    scene = Standby(stored_dream(settings, edges), steps, edges, partial(health.restarted, "model"))
    source = supervised(settings, open_source, edges, health, live) if steps else None
    with KeptScreen(
        partial(open_screen, settings), edges, health.presented, remade=partial(health.restarted, "display")
    ) as screen:
        ending.begin(time.monotonic(), None)
        run(source, Watched(Opened(scene, settings.hours), health), screen, figures, ending)
        health.stopping()


def steps_for(settings: Settings, figures: Figures, live: bool) -> list[Step]:
    """What can fill the wall, the most demanding first."""

    def scene(name: str, coarser: int) -> Scene:
        from narcissus.pggan import Generator
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


def stored_dream(settings: Settings, edges: Edges) -> StoredDream:
    """The generator's own stored dream, or else the one that ships; black where neither can be read."""
    own = FOLDER / f"{settings.generator_path.stem}.npz"
    try:
        return StoredDream.open(own if own.exists() else FOLDER / "utk-64.npz")
    except ModelError as fault:
        edges.fault("stored dream", str(fault))
        return StoredDream(np.zeros((1, 64, 64, 3), np.uint8), np.ones((1, 1), np.float32), 1.0)


def supervised(settings: Settings, open_source: Callable, edges: Edges, health: Health, live: bool) -> Supervised:
    camera, now = settings.camera, time.monotonic()
    health.expect("camera", now)
    health.expect("perception", now)
    return Supervised(
        partial(open_source, settings, edges),
        edges,
        live=live,
        asked=(camera.width, camera.height, float(camera.fps)) if settings.source == "camera" else None,
        alive=partial(health.beat, "camera"),
        reopened=partial(health.restarted, "camera"),
    )
