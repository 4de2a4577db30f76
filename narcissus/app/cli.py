"""Run the mirror: flags and config.yaml -> source, scene and screen -> the loop."""

import argparse
import logging
import os
import time
from pathlib import Path

# Before numpy and TensorFlow are loaded: one thread for small sums, the cores belong to generator and perception.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from narcissus.app.settings import Settings, load
from narcissus.core.ending import Ending
from narcissus.core.errors import NarcissusError
from narcissus.core.files import HOME
from narcissus.core.privacy import forbid_probing
from narcissus.core.quiet import own_voice
from narcissus.core.saying import complain, flush, prepare_streams, tell
from narcissus.scenes import SCENES

STARTED = time.monotonic()

EXAMPLES = """examples:
  run_mirror.py                                       the camera, on the whole screen
  run_mirror.py --window --source clip.mp4            a video looks into the mirror, in a window
  run_mirror.py --source demo --offscreen out         an imaginary viewer; leaves a film in out/
  run_mirror.py --generator celebahq-1024 --check     would it run, and on what?
  run_mirror.py --list-cameras                        what to write at camera: device: in config.yaml

keys: Esc or q leave, f fullscreen, c camera, t timings, s save the reflection, r record, space freeze,
      up and down the work's main dial, 1 to 9 presets, k keep (creatures), h help
"""


def main(arguments: list[str] | None = None, ending: Ending | None = None) -> int:
    """Returns the exit code: 0, or the `exit_code` of what went wrong, which is said in one line."""
    ending = ending or Ending()
    prepare_streams()
    forbid_probing()
    flags = parse(arguments)
    logging.basicConfig(format="narcissus: %(message)s", level=logging.INFO, stream=own_voice())
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
        return attended(settings, flags, ending)
    except NarcissusError as error:
        complain(f"narcissus: {error}")
        return error.exit_code


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--source", metavar="WHAT", help="camera, demo, rtsp://…, http://…, a video, photo or folder")
    parser.add_argument("--scene", choices=SCENES, help="which work is shown")
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


def unattended(flags: argparse.Namespace, ending: Ending) -> int:
    """The kiosk: the work runs for weeks."""
    from narcissus.app.kiosk import run_kiosk

    code = run_kiosk(lambda: configured(flags), ending, settings_file=flags.config)
    flush()
    os._exit(code)  # whatever still loads, or hangs in a driver, ends with the process


def attended(settings: Settings, flags: argparse.Namespace, ending: Ending) -> int:
    """The work before somebody who looks after it."""
    from narcissus.app.desktop import run_desktop

    joined = run_desktop(
        settings,
        ending,
        lambda: configured(flags),
        settings_file=flags.config,
        started=STARTED,
        folder=flags.offscreen,
        seconds=flags.seconds,
        once=flags.once,
    )
    if not joined:  # a thread hangs in its driver: nothing here can end it but the end of the process
        os._exit(0)
    return 0


def check(settings: Settings) -> int:
    from narcissus.app.desktop import check

    tell(f"All is well: {check(settings)}.")
    return 0


def command(ending: Ending | None = None) -> None:
    """The program itself; `ending` has listened for signals since before the imports."""
    code = main(ending=ending)
    flush()
    os._exit(code)  # everything is in order; TensorFlow's own farewell can take longer than an attendant waits
