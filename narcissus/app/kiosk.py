"""The work unattended: policies around its parts, so that the wall shows something whatever fails."""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from narcissus.app import desk
from narcissus.app.build import Doors, Installation
from narcissus.app.controls import compare
from narcissus.app.expiry import Expiry
from narcissus.app.health import Health, Notifier
from narcissus.app.heartbeat import Heartbeat
from narcissus.app.hours import OpeningHours
from narcissus.app.on_demand import OnDemand
from narcissus.app.reopening_sink import ReopeningSink
from narcissus.app.replacing import switching
from narcissus.app.schedule import scheduled
from narcissus.app.settings import Settings
from narcissus.app.standby import Attempt, Standby
from narcissus.app.supervisor import Supervised, asked_of
from narcissus.app.tuning import Tuning
from narcissus.core.ending import Ending
from narcissus.core.errors import ConfigError, ModelError, NarcissusError
from narcissus.core.journal import Journal
from narcissus.core.permit import Permit
from narcissus.core.play import run
from narcissus.core.privacy import forbid_dumps
from narcissus.core.types import Scene, Sink, Source
from narcissus.core.worker import Worker
from narcissus.scenes.stored_dream import StoredDream

log = logging.getLogger("narcissus")


def open_kiosk_window(settings: Settings, report: Callable[[], dict], permit: Permit) -> Sink:
    """Raises ScreenError where there is no display."""
    from narcissus.sinks.kiosk import KioskWindow

    return KioskWindow(settings.screen, settings.framing)


DOORS = Doors(window=open_kiosk_window)


def run_kiosk(
    read_settings: Callable[[], Settings],
    ending: Ending,
    doors: Doors = DOORS,
    *,
    settings_file: Path | None = None,
    journal: Journal | None = None,
) -> int:
    """Run until `ending` says so; returns the exit code. Threads that load or hang may still be there then.

    The stored dream shows at once; everything else is loaded behind it. Settings that are refused are said in the
    journal, and the stored dream then is all there is, until a restart. Only where a new process helps is the code
    not 0. `settings_file`: what `read_settings` reads; it is read again whenever it is saved, unless it was refused at
    the start.
    """
    forbid_dumps()
    journal = journal or Journal()
    try:
        settings, refused = read_settings(), False
    except ConfigError as fault:
        settings, refused = Settings(), True
        journal.fault("settings", f"{fault}; mend them, then restart; until then the stored dream plays")
    try:
        built = Installation(settings, doors, journal)
        file = None if refused else settings_file
        tuning = Tuning.open(settings, journal, file, read_settings, permit=built.permit)
        _run(built, tuning, refused, ending, settings_file)
    except NarcissusError as fault:
        log.error("%s; a new process is needed", fault)
        return fault.exit_code
    return 0


def _run(built: Installation, tuning: Tuning, refused: bool, ending: Ending, file: Path | None) -> None:
    health = Health(Notifier(), built.journal, lambda: opened.closed or standing.scene.on_wall + standing.coming)
    source = OnDemand(partial(supervised, built, health), closed=partial(health.excuse, "camera"))
    first = standby(built, [] if refused else attempts_of(built), health)
    standing = switching(built, first, source, partial(standby_of, health=health))
    opened = OpeningHours(standing, built.settings.hours)
    scene = Heartbeat(opened, health)
    with ExitStack() as parts:
        parts.enter_context(source)
        parts.enter_context(Worker("expiry", Expiry(built.settings, built.journal).step))
        if not refused and built.wants_source:
            health.expect("perception", time.monotonic())
            source.want(True)
        open_sink = partial(built.window, lambda: standing)
        remade = partial(health.restarted, "display")
        sink = parts.enter_context(ReopeningSink(open_sink, built.journal, health.presented, remade=remade))
        parts.enter_context(tuning)
        tuning.listen_to(standing.asked)
        ending.begin(time.monotonic(), None)
        wall = desk.beside(sink, built, tuning, parts, file=file, kiosk=True, on_wall=health.on_wall)
        wall = scheduled(wall, tuning.settings.schedule, tuning.listen_to)
        run(source, scene, built.watched(wall, parts), built.figures, tuning, ending)
        health.stopping()


def standby(built: Installation, attempts: list[Attempt], health: Health, made: Scene | None = None) -> Standby:
    stored = stored_dream(built.settings, built.journal)
    return Standby(stored, attempts, built.journal, partial(health.restarted, "model"), made)


def standby_of(built: Installation, health: Health) -> Standby:
    """The work with its best step on the wall already, and the others behind it. Raises as `Installation.scene`."""
    return standby(built, attempts_of(built), health, built.scene())


def attempts_of(built: Installation) -> list[Attempt]:
    """What can fill the wall, the most demanding first."""
    return [Attempt(step.said, partial(built.fresh_scene, step)) for step in built.work.steps]


def stored_dream(settings: Settings, journal: Journal) -> StoredDream:
    """The generator's own stored dream, or else the one that ships; black where neither can be read."""
    try:
        return StoredDream.of(settings.generator_path)
    except ModelError as fault:
        journal.fault("stored dream", str(fault))
        return StoredDream.black()


def supervised(built: Installation, health: Health) -> Supervised:
    now = time.monotonic()
    health.expect("camera", now)
    return Supervised(
        partial(open_compared, built),
        built.journal,
        live=built.live,
        asked=asked_of(built.settings),
        alive=partial(health.beat, "camera"),
        reopened=partial(health.restarted, "camera"),
    )


def open_compared(built: Installation) -> Source:
    """The source; of a camera it is said once what it made of the asking. Raises SourceError."""
    source = built.source()
    if got := getattr(source, "got", None):
        compare(source.name, got, built.settings.camera, built.journal)
    return source
