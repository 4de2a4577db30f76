"""Looks the whole installation over: one page of green and red, and after each red line the command that mends it.

    python scripts/doctor.py [--config FILE] [--json]

Ends with 0 when nothing is red. Nothing is changed, and no picture leaves the memory.
"""

import argparse
import contextlib
import fcntl
import grp
import importlib.metadata
import json
import os
import platform
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

from narcissus.app import lighting
from narcissus.app.build import Doors, Installation
from narcissus.app.settings import Settings, load
from narcissus.core.errors import NarcissusError
from narcissus.core.files import HOME
from narcissus.core.processor import multiplies_bfloat16
from narcissus.core.quiet import quiet
from narcissus.core.sections import Camera

PYTHONS = ((3, 11), (3, 12), (3, 13))  # those that every package has a wheel for
MEMORY_NEEDED = 2.0  # GB free: TensorFlow and its kernels take one
MEASURED_FRAMES, MEASURING = 45, 4.0  # frames of a camera, or seconds, whichever comes first
ENUMERATE_FORMATS = 0xC0405602  # VIDIOC_ENUM_FMT, struct v4l2_fmtdesc of 64 bytes; videodev2.h
VIDEO_CAPTURE = 1  # V4L2_BUF_TYPE_VIDEO_CAPTURE


@dataclass(frozen=True)
class Line:
    """One line of the page. `well` None: nothing to be judged, only to be known."""

    topic: str
    well: bool | None
    said: str
    mend: str = ""


def python(_: Settings) -> Iterator[Line]:
    fitting = sys.version_info[:2] in PYTHONS
    yield Line("Python", fitting, f"{platform.python_version()} in {sys.prefix}", "make clean && make run")


def packages(_: Settings) -> Iterator[Line]:
    """What requirements.txt asks for against what is installed."""
    from packaging.requirements import Requirement

    wrong = []
    lines = (line.partition("#")[0].strip() for line in (HOME / "requirements.txt").read_text().splitlines())
    for requirement in (Requirement(line) for line in lines if line):
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if version not in requirement.specifier:
            wrong.append(f"{requirement.name} {version} is not {requirement.specifier}")
    yield Line("packages", not wrong, "; ".join(wrong) or "all as in requirements.txt", "make clean && make run")


def graphics(_: Settings) -> Iterator[Line]:
    card = answer("nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader")
    yield Line("graphics card", None, card or "no NVIDIA card answers: the processor draws")
    try:
        from narcissus.networks.pggan import backend
    except ImportError as fault:
        yield Line("TensorFlow", False, f"cannot be loaded ({fault})", "make clean && make run")
        return
    on_gpu = backend.on_gpu()
    place = "the graphics card" if on_gpu else f"the processor, {len(os.sched_getaffinity(0))} cores"
    if not on_gpu:
        place += ", fast bfloat16" if multiplies_bfloat16() else ", without fast bfloat16"
    yield Line("TensorFlow", on_gpu or not card, f"draws on {place}", "make clean && make run  (with CUDA libraries)")


def cameras(settings: Settings) -> Iterator[Line]:
    from narcissus.sources import list_cameras

    found = [camera for camera in list_cameras() if camera.captures is not False]
    if not found:
        wanted = settings.source == "camera" and Installation(settings).wants_source
        yield Line("cameras", False if wanted else None, "none", "plug one in, or set source: demo in config.yaml")
    for camera in found:
        formats = ", ".join(formats_of(camera.device)) or "its formats cannot be asked"
        yield Line("cameras", None, f"{camera.name} at {camera.path}: {formats}")
    if found and settings.source == "camera":
        yield measured(settings.camera)


def formats_of(device: str, ioctl: Callable = fcntl.ioctl) -> list[str]:
    """The picture formats that a camera offers, such as "MJPG"."""
    formats = []
    with contextlib.suppress(OSError):  # busy, gone, or EINVAL after the last
        handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
        try:
            while True:
                about = bytearray(struct.pack("=III", len(formats), VIDEO_CAPTURE, 0).ljust(64, b"\0"))
                ioctl(handle, ENUMERATE_FORMATS, about)
                formats.append(bytes(about[44:48]).decode("ascii", "replace"))
        finally:
            os.close(handle)
    return formats


def measured(asked: Camera) -> Line:
    """Open the camera that the settings name, and count what it gives."""
    from narcissus.sources import CameraSource

    systemctl = "is the mirror running? sudo systemctl stop narcissus"
    try:
        with CameraSource(asked) as camera:
            camera.read()
            start, count = time.monotonic(), 0
            while count < MEASURED_FRAMES and time.monotonic() - start < MEASURING:
                camera.read()
                count += 1
            rate, got = count / (time.monotonic() - start), camera.got
    except NarcissusError as fault:
        return Line("camera", False, str(fault), systemctl)
    size = f"{got['width']}×{got['height']}"
    controls = ", ".join(f"{name} {value}" for name, value in got.items() if " " in name or name == "exposure")
    said = f"gives {size} {got['format']} at {rate:.0f} a second, asked for {asked.width}×{asked.height} at {asked.fps}"
    mend = "more light, camera: exposure: in config.yaml, or a USB port of its own"
    return Line("camera", rate > 0.8 * asked.fps, f"{said}; {controls or 'no controls'}", mend)


def display(_: Settings) -> Iterator[Line]:
    import pygame

    start = "start the display: sudo systemctl start narcissus-display, or set DISPLAY"
    try:
        with quiet():  # SDL says on the standard error which drivers it has tried
            pygame.display.init()
        driver, sizes = pygame.display.get_driver(), pygame.display.get_desktop_sizes()
    except pygame.error as fault:
        yield Line("display", False, f"none can be opened ({fault})", start)
        return
    finally:
        pygame.display.quit()
    shown = driver not in ("dummy", "offscreen")
    said = ", ".join(f"{number}: {width}×{height}" for number, (width, height) in enumerate(sizes))
    yield Line("display", shown, f"{said} by {driver}{refresh()}" if shown else "none", start)


def refresh() -> str:
    """The rates that are set, as X names them with a star; pygame does not know them."""
    rates = [word.rstrip("*+") for word in (answer("xrandr", "--current") or "").split() if "*" in word]
    return f", {', '.join(rates)} Hz" if rates else ""


def models(settings: Settings) -> Iterator[Line]:
    """All that the work would load, loaded as it does; hashes are checked before anything is parsed."""
    from narcissus.app.kiosk import stored_dream
    from narcissus.core.journal import Journal

    built, journal = Installation(settings, Doors(live=False)), Journal()
    whole = True
    if built.work.wants_generator:
        yield (line := loaded("generator", f"{settings.generator_path}", lambda: built.generator))
        whole = bool(line.well)
    if whole:
        yield loaded(f"the {built.work.name}", "all it needs", lambda: built.scene(trial=True))
    stored_dream(settings, journal)
    fault = journal.faults.get("stored dream")
    said, _, mend = (fault or "").rpartition("; ")
    yield Line("stored dream", fault is None, said or "can be read", mend)


def loaded(topic: str, what: str, load: Callable[[], object]) -> Line:
    try:
        load()
    except NarcissusError as fault:
        said, _, mend = str(fault).rpartition("; ")
        return Line(topic, False, said or mend, mend)
    except ImportError as fault:
        return Line(topic, False, f"cannot be loaded ({fault})", "make clean && make run")
    return Line(topic, True, f"{what}: whole")


def light(settings: Settings) -> Iterator[Line]:
    """What is set and measured where a camera is wanted, and the five rules that no program can look after."""
    if settings.source != "camera":
        return
    for well, said, mend in lighting.kept(settings.camera):
        yield Line("light", well, said, mend)
    for number, rule in enumerate(lighting.RULES, start=1):
        yield Line(f"light, rule {number}", None, rule)


def memory(_: Settings) -> Iterator[Line]:
    import psutil

    free, whole = psutil.virtual_memory().available / 1e9, psutil.virtual_memory().total / 1e9
    said = f"{free:.1f} of {whole:.1f} GB free, {psutil.swap_memory().used / 1e9:.1f} GB swapped out"
    yield Line("memory", free > MEMORY_NEEDED, said, "end other programs; the largest: ps aux --sort=-rss | head")


def groups(_: Settings) -> Iterator[Line]:
    """A camera is opened by the group `video`, a graphics card's render node by `render`."""
    numbers = {group.gr_name: group.gr_gid for group in grp.getgrall()}
    mine = {*os.getgroups(), os.getegid()}  # not all have a name: a container may bring some of its host's
    wanted = [name for name in ("video", "render") if name in numbers]
    missing = [] if os.geteuid() == 0 else [name for name in wanted if numbers[name] not in mine]
    said = f"not in {' and '.join(missing)}" if missing else "root" if os.geteuid() == 0 else f"in {', '.join(wanted)}"
    yield Line("groups", not missing, said, f"sudo usermod -aG {','.join(missing)} $USER, then log in again")


def service(_: Settings) -> Iterator[Line]:
    if not Path("/run/systemd/system").is_dir():
        yield Line("service", None, "systemd does not run here")
        return
    facts = answer("systemctl", "show", "narcissus", "-p", "LoadState,ActiveState,NRestarts,StatusText") or ""
    about = dict(line.split("=", 1) for line in facts.splitlines() if "=" in line)
    if about.get("LoadState") != "loaded":
        yield Line("service", None, "not installed; sudo scripts/kiosk/install.sh makes this machine a kiosk")
        return
    active = about.get("ActiveState") == "active"
    said = f"{about.get('ActiveState')}, {about.get('NRestarts')} restarts; {about.get('StatusText')}"
    yield Line("service", active, said, "journalctl -u narcissus -b, then sudo systemctl restart narcissus")


def dumps(_: Settings) -> Iterator[Line]:
    """A pattern that pipes ignores the limit on dumps, so the mirror forbids its own by prctl as well."""
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    yield Line("core dumps", None, f"go to {pattern}; never the mirror's own: it forbids them when it starts")


CHECKS = (python, packages, graphics, cameras, light, display, models, memory, groups, service, dumps)


def answer(*command: str) -> str | None:
    """What a command prints; None where it is not there or fails."""
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def examine(path: Path) -> Iterator[Line]:
    try:
        settings = load(path)
        yield Line("settings", True, f"{path} is understood")
    except NarcissusError as fault:
        yield Line("settings", False, str(fault), f"edit {path}; the defaults are looked at here")
        settings = Settings()
    for check in CHECKS:
        try:
            yield from check(settings)
        except ImportError as fault:
            yield Line(check.__name__, False, f"cannot be looked at ({fault})", "make clean && make run")


def page(line: Line, coloured: bool) -> str:
    sign, colour = {True: ("✓", 32), False: ("✗", 31), None: ("·", 0)}[line.well]
    text = f"{sign} {line.topic:14} {line.said}" + (f"  →  {line.mend}" if line.well is False else "")
    return f"\033[{colour}m{text}\033[0m" if coloured and colour else text


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--config", type=Path, default=HOME / "config.yaml", help="settings; default: %(default)s")
    parser.add_argument("--json", action="store_true", help="the same for machines")
    asked = parser.parse_args(arguments)
    lines = []
    for line in examine(asked.config):
        lines.append(line)
        if not asked.json:
            print(page(line, sys.stdout.isatty()), flush=True)
    if asked.json:
        print(json.dumps([asdict(line) for line in lines], indent=2, ensure_ascii=False))
    return int(any(line.well is False for line in lines))


if __name__ == "__main__":
    sys.exit(main())
