"""The work before somebody who looks after it: a window, or a film where there is no display."""

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from narcissus.app import desk
from narcissus.app.build import Installation
from narcissus.app.expiry import Expiry
from narcissus.app.on_demand import OnDemand
from narcissus.app.replacing import switching
from narcissus.app.schedule import scheduled
from narcissus.app.settings import Settings
from narcissus.app.supervisor import Supervised, asked_of
from narcissus.app.tuning import Tuning
from narcissus.core.ending import Ending
from narcissus.core.errors import ScreenError, SourceError
from narcissus.core.play import run
from narcissus.core.privacy import forbid_dumps
from narcissus.core.saying import tell
from narcissus.core.streams import is_stream, named
from narcissus.core.types import Scene, Sink, Source
from narcissus.core.worker import Worker

SAID = 10.0  # seconds for which the wall says that there is no camera
DISPLAYLESS_SECONDS = 20.0  # how long the work runs where there is no display


def run_desktop(
    settings: Settings,
    ending: Ending,
    read_settings: Callable[[], Settings],
    *,
    settings_file: Path,
    started: float,
    folder: Path | None = None,
    seconds: float | None = None,
    once: bool = False,
) -> bool:
    """Run until `ending` says so, for `seconds`, or until the source ends.

    `folder`: leave a film there, and open no window. `settings_file` is what `read_settings` reads; `started`
    is when the process began. Returns whether every thread has ended. Raises NarcissusError.
    """
    folder = None if folder is None else writable(folder)
    built, source = opened(settings, once)
    with ExitStack() as parts:
        parts.enter_context(source)
        parts.enter_context(Worker("expiry", Expiry(settings, built.journal).step))
        if built.live:
            forbid_dumps()
        scene = switching(built, built.scene(), source)
        tell(f"Narcissus: {built.said()}.")
        sink = window_of(built, scene) if folder is None else None
        recorder = film_of(built) if sink is None else None
        shown = parts.enter_context(sink or recorder)
        turned = Tuning.open(settings, built.journal, settings_file, read_settings, shown.say, built.permit)
        tuning = parts.enter_context(turned)
        tuning.listen_to(scene.asked)
        if built.standing_in:
            shown.say(built.standing_in, SAID)
        ending.begin(time.monotonic(), seconds or (DISPLAYLESS_SECONDS if recorder else None))
        said = lambda: built.said() + scene.coming
        wall = shown if folder else desk.beside(shown, built, tuning, parts, file=settings_file, on_wall=said)
        wall = scheduled(wall, settings.schedule, tuning.listen_to)
        joined = run(source, scene, built.watched(wall, parts), built.figures, tuning, ending)
        shown.close()
    say_if_nobody_was_seen(built, scene)
    if recorder is not None:
        leave(recorder, folder or fallback_folder(), report_of(built, scene, started), ending)
    return joined


def check(settings: Settings) -> str:
    """Load everything that the work would, write nothing, and say what would draw. Raises NarcissusError."""
    built = Installation(settings)
    if built.wants_source and is_stream(settings.source):
        say_whether_it_answers(built)
    elif built.wants_source and settings.source != "camera":
        built.source(once=True).close()
    built.scene(trial=True)
    return built.said()


def opened(settings: Settings, once: bool) -> tuple[Installation, OnDemand]:
    """The work, and its source, open if it wants one; where there is no camera, an imaginary viewer stands in.

    A camera may be unplugged, and come back: it is looked after. One in a network is awaited: whoever names one wants
    no other. Raises SourceError.
    """
    built = Installation(settings)
    later = partial(source_of, built, once)
    if not built.wants_source:
        return built, OnDemand(later)
    if is_stream(settings.source):
        return built, OnDemand(later, later())
    try:
        source = built.source(once)
        return built, OnDemand(later, supervised(built, source) if settings.source == "camera" else source)
    except SourceError as error:
        if settings.source != "camera":
            raise
        tell(f"Narcissus: no camera ({error}). An imaginary viewer stands in.")
    imagined = Installation(settings.model_copy(update={"source": "demo"}))
    imagined.standing_in = (
        "No camera was found: an imaginary viewer stands in. To look yourself, plug one in and restart."
    )
    return imagined, OnDemand(imagined.source, imagined.source())


def source_of(built: Installation, once: bool) -> Source:
    """Whatever the settings name; a camera is awaited. Raises SourceError."""
    return supervised(built) if built.settings.has_camera else built.source(once)


def supervised(built: Installation, camera: Source | None = None) -> Supervised:
    """A camera, which may just have been opened, looked after from now on."""
    waiting = [] if camera is None else [camera]
    return Supervised(
        lambda: waiting.pop() if waiting else built.source(),
        built.journal,
        name=named(built.settings.source),
        asked=asked_of(built.settings),
    )


def say_whether_it_answers(built: Installation) -> None:
    """A camera in a network that is away is no fault of the installation; the work would wait for it."""
    try:
        with built.source() as camera:
            height, width = camera.read().image.shape[:2]
        tell(f"{camera.name} sends pictures of {width}×{height}.")
    except SourceError as error:
        tell(f"{error}. The mirror would wait for it.")


def say_if_nobody_was_seen(built: Installation, scene: Scene) -> None:
    """A file without a face is no fault, but whoever gave it should know why nobody was answered."""
    report = scene.report()
    if report.get("frames") and not report.get("frames_with_viewer"):
        tell(f"Narcissus: no face was found in {built.settings.source}, so nobody was answered.")


def window_of(built: Installation, scene: Scene) -> Sink | None:
    """None where there is no display."""
    try:
        return built.window(lambda: scene)
    except ScreenError as error:
        tell(f"Narcissus: {error}. Off-screen for {DISPLAYLESS_SECONDS:.0f} s instead.")
        return None


def film_of(built: Installation):
    from narcissus.sinks.pace import Pace
    from narcissus.sinks.recorder import Recorder

    return Recorder(Pace(built.settings.screen.rate), built.permit)


def report_of(built: Installation, scene: Scene, started: float) -> dict[str, object]:
    """Everything for report.json."""
    first = built.figures.first
    begun = {"first_picture_s": None if first is None else round(first - started, 2)}
    return built.report(scene) | begun | built.drawn_on()


def leave(recorder, folder: Path, report: dict, ending: Ending) -> None:
    """Write the film, the row of moments and the figures, and say where. Raises ScreenError where that fails."""
    try:
        left = recorder.save(folder, report, lambda: ending.hurried(time.monotonic()))
    except OSError as error:
        raise ScreenError(f"{folder}: the film cannot be written ({error.strerror}); name another folder") from None
    tell("Narcissus: left " + ", ".join(str(path.absolute()) for path in left))


def writable(folder: Path) -> Path:
    """The folder, made if need be. Raises ScreenError where nothing can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise ScreenError(
            f"{folder}: cannot be written into ({error.strerror}); name another with --offscreen"
        ) from None
    return folder


def fallback_folder() -> Path:
    """out/ where one is; a folder of its own among the temporary files where that cannot be written."""
    try:
        return writable(Path("out"))
    except ScreenError:
        return Path(tempfile.mkdtemp(prefix="narcissus-"))
