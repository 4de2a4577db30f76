#!/usr/bin/env python
"""Hang the mirror: flags and config.yaml -> source, scene and screen -> the loop."""

import argparse
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path

# Before numpy and TensorFlow are loaded: one thread for small sums, the cores belong to generator and perception.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from narcissus.core.ending import Ending

LISTENING = Ending() if __name__ == "__main__" else None  # a signal during the imports below ends the mirror as well

from narcissus.core.config import Settings, load  # noqa: E402
from narcissus.core.errors import ConfigError, NarcissusError, ScreenError, SourceError  # noqa: E402
from narcissus.core.files import HOME  # noqa: E402
from narcissus.core.privacy import forbid_dumps, forbid_probing  # noqa: E402
from narcissus.core.streams import is_stream, masked  # noqa: E402
from narcissus.scenes import SCENES, scene_called  # noqa: E402

STARTED = time.monotonic()
DISPLAYLESS_SECONDS = 20.0  # how long the mirror runs where there is no display to hang on

EXAMPLES = """examples:
  run_mirror.py                                       the camera, on the whole screen
  run_mirror.py --window --source clip.mp4            a video looks into the mirror, in a window
  run_mirror.py --source demo --offscreen out         an imaginary viewer; leaves a film in out/
  run_mirror.py --generator celebahq-1024 --check     would it run, and on what?
  run_mirror.py --list-cameras                        what to write at camera: device: in config.yaml

keys: Esc or q leave, f fullscreen, c camera, t timings, s save the reflection, r record, space freeze,
      up and down exaggeration, 1 to 9 presets, h help
"""


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0, or the `exit_code` of what went wrong, which is said in one line."""
    ending = LISTENING or Ending()
    forbid_probing()
    flags = parse(arguments)
    logging.basicConfig(format="narcissus: %(message)s", level=logging.INFO)
    try:
        if flags.list_cameras:
            return list_cameras()
        if flags.kiosk and not flags.check:
            return unattended(flags, ending)
        settings = configured(flags)
        if flags.check:
            return check(settings)
        if settings.kiosk and flags.offscreen is None:
            return unattended(flags, ending)
        return mirror(settings, flags, ending)
    except NarcissusError as error:
        print(f"narcissus: {error}", file=sys.stderr)
        return error.exit_code


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--source", metavar="WHAT", help="camera, demo, rtsp://…, http://…, a video, photo or folder")
    parser.add_argument("--scene", choices=SCENES, help="what hangs on the wall")
    parser.add_argument("--generator", metavar="NAME", help="a name in models/pg_gan/, or the path of an imported .npz")
    parser.add_argument(
        "--config", metavar="FILE", type=Path, default=HOME / "config.yaml", help="settings; default: %(default)s"
    )
    parser.add_argument(
        "--offscreen", metavar="DIR", type=Path, help="no window: leave a film, pictures and figures in DIR"
    )
    parser.add_argument("--seconds", type=seconds, help="how long; default: until Esc, off-screen 20")
    parser.add_argument("--kiosk", action="store_true", help="unattended: see scripts/kiosk/README.md")
    parser.add_argument("--once", action="store_true", help="end with the source instead of beginning it again")
    parser.add_argument("--check", action="store_true", help="check settings and files, say what would draw, and end")
    parser.add_argument("--list-cameras", action="store_true", help="name the cameras, and end")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--fullscreen", dest="fullscreen", action="store_true", default=None, help="the whole screen")
    size.add_argument("--window", dest="fullscreen", action="store_false", default=None, help="a window")
    return parser.parse_args(arguments)


def seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0")
    return value


def configured(flags: argparse.Namespace) -> Settings:
    """The settings file with the flags over it. Raises ConfigError."""
    settings = load(flags.config, source=flags.source, scene=flags.scene, generator=flags.generator)
    if settings.scene not in SCENES:
        raise ConfigError(f"{flags.config}: scene is {settings.scene!r}; known are {' and '.join(SCENES)}")
    if flags.fullscreen is None:
        return settings
    return settings.model_copy(update={"screen": settings.screen.model_copy(update={"fullscreen": flags.fullscreen})})


def list_cameras() -> int:
    from narcissus.sources import list_cameras

    cameras = list_cameras()
    for camera in cameras:
        print(f"{camera.path}  ({camera.name}, today {camera.device})")
    if not cameras:
        print("No camera is connected.")
    return 0


def check(settings: Settings) -> int:
    """Load everything that the mirror would, draw one picture, and say so."""
    scene_class = scene_called(settings.scene)
    generator = cache(lambda: loaded(settings))
    if scene_class.watches and is_stream(settings.source):
        say_whether_it_answers(settings)
    elif scene_class.watches and settings.source != "camera":
        source_for(settings, generator, once=True).close()
    scene_class.open(settings, generator(), live=False)
    print(f"All is well: {drawn_by(generator())}.")
    return 0


def say_whether_it_answers(settings: Settings) -> None:
    """A camera in a network that is away is no fault of the installation; the mirror would wait for it."""
    from narcissus.sources import open_source

    try:
        with open_source(settings.source) as camera:
            height, width = camera.read().image.shape[:2]
        print(f"{camera.name} sends pictures of {width}×{height}.")
    except SourceError as error:
        print(f"{error}. The mirror would dream until it answers.")


def mirror(settings: Settings, flags: argparse.Namespace, ending: Ending) -> int:
    """Build the parts, run the loop, and leave the film where there is no display."""
    from narcissus.app.tuning import Tuning
    from narcissus.core.figures import Figures
    from narcissus.core.journal import Journal
    from narcissus.core.loop import run
    from narcissus.sinks.virtual_camera import cast

    folder = None if flags.offscreen is None else writable(flags.offscreen)
    generator = cache(lambda: loaded(settings))
    figures = Figures()
    scene_class = scene_called(settings.scene)
    with ExitStack() as parts:
        source = parts.enter_context(source_for(settings, generator, flags.once)) if scene_class.watches else None
        live = source is not None and source.live
        if live:
            forbid_dumps()
        scene = scene_class.open(settings, generator(), live=live, stage=figures.stage)
        print(f"Narcissus: {drawn_by(generator())}.", flush=True)
        screen = recorder = None
        if folder is None:
            screen = window(settings, figures.report)
        if screen is None:
            folder = folder or fallback_folder()
            screen = recorder = film_of(settings, live)
        parts.enter_context(screen)
        said = {} if recorder else {"say": screen.say}
        tuning = Tuning.open(settings, Journal(), flags.config, lambda: configured(flags), **said)
        parts.enter_context(tuning)
        lasting = flags.seconds or (DISPLAYLESS_SECONDS if recorder else None)
        ending.begin(time.monotonic(), lasting)
        joined = run(source, scene, cast(screen, settings.screen.virtual_camera, parts), figures, tuning, ending)
        screen.close()
        if source is not None and not live:
            say_if_nobody_was_seen(settings, figures.report())
        if recorder is not None:
            started = None if figures.first is None else round(figures.first - STARTED, 2)
            report = figures.report() | {"first_picture_s": started} | facts(generator())
            leave(recorder, folder, report, ending)
        if not joined:  # a thread hangs in its driver: nothing here can end it but the end of the process
            os._exit(0)
    return 0


def say_if_nobody_was_seen(settings: Settings, report: dict) -> None:
    """A file without a face is no fault, but whoever gave it should know why the mirror only dreamed."""
    if report["frames"] and not report["frames_with_viewer"]:
        print(f"Narcissus: no face was found in {settings.source}, so the mirror dreamed.", flush=True)


def unattended(flags: argparse.Namespace, ending: Ending) -> int:
    """The mirror that hangs for weeks."""
    from narcissus.app.kiosk import hang

    code = hang(lambda: configured(flags), ending, watched=flags.config)
    sys.stdout.flush()
    os._exit(code)  # whatever still loads, or hangs in a driver, ends with the process


def loaded(settings: Settings):
    from narcissus.networks.pggan import Generator

    return Generator.load(settings.generator_path)


def source_for(settings: Settings, generator: Callable, once: bool):
    """The source that is asked for; the imaginary viewer where there is no camera. Raises SourceError.

    `generator` is called only for the imaginary viewer: a file that is not there is known before anything is loaded.
    """
    from narcissus.sources import open_source

    if is_stream(settings.source):  # a camera in a network is awaited: whoever names one wants no other
        return supervised(settings)
    if settings.source != "demo":
        try:
            source = open_source(settings.source, settings.camera, once=once, photo_seconds=settings.photo_seconds)
            return supervised(settings, source) if settings.source == "camera" else source
        except SourceError as error:
            if settings.source != "camera":
                raise
            print(f"Narcissus: no camera ({error}). An imaginary viewer stands in.", flush=True)
    return open_source("demo", draw_faces=generator().render, latent_size=generator().latent_size)


def supervised(settings: Settings, camera=None):
    """A camera, which may just have been opened, looked after from now on: it may be unplugged, and come back."""
    from narcissus.app.supervisor import Supervised
    from narcissus.core.journal import Journal
    from narcissus.sources import open_source

    opened, asked = [camera] if camera is not None else [], settings.camera
    return Supervised(
        lambda: opened.pop() if opened else open_source(settings.source, asked),
        Journal(),
        name=masked(settings.source),
        asked=(asked.width, asked.height, float(asked.fps)) if settings.source == "camera" else None,
    )


def window(settings: Settings, report):
    """A window on the display; None where there is none. `report` gives it the figures for its timings."""
    from narcissus.sinks.window import Window

    try:
        return Window(settings.screen, framing=settings.framing, report=report)
    except ScreenError as error:
        print(f"Narcissus: {error}. Off-screen for {DISPLAYLESS_SECONDS:.0f} s instead.", flush=True)
        return None


def film_of(settings: Settings, live: bool):
    from narcissus.sinks.pace import Pace
    from narcissus.sinks.recorder import Recorder

    return Recorder(Pace(settings.screen.rate), live=live)


def leave(recorder, folder: Path, report: dict, ending: Ending) -> None:
    """Write the film, the row of moments and the figures, and say where. Raises ScreenError where that fails."""
    try:
        left = recorder.save(folder, report, lambda: ending.hurried(time.monotonic()))
    except OSError as error:
        raise ScreenError(f"{folder}: the film cannot be written ({error.strerror}); name another folder") from None
    print("Narcissus: left " + ", ".join(str(path.absolute()) for path in left), flush=True)


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


def facts(generator) -> dict[str, str]:
    """What draws: for report.json."""
    from narcissus.networks.pggan import backend

    return {
        "generator": generator.name,
        "backend": backend.NAME,
        "precision": generator.precision,
        "device": "GPU" if backend.on_gpu() else f"processor, {generator.threads} of {os.cpu_count()} threads",
    }


def drawn_by(generator) -> str:
    """What draws: for people."""
    about = facts(generator)
    size = f"{generator.resolution}×{generator.resolution}"
    return f"{about['generator']} ({size}) drawn by {about['backend']} in {about['precision']} on the {about['device']}"


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # everything is in order; TensorFlow's own farewell can take longer than an attendant waits
