"""The real unattended mirror, with a camera, a generator and a display that fail on command.

    python scripts/rehearsal.py [--source demo|VIDEO …] [--window]

Reads faults from standard input, one a line: one of FAULTS and how many seconds it lasts, such as "frozen 3". Writes
one line of JSON to standard output every quarter of a second: how fresh the pictures are and what is at fault. Nothing
but the parts named here is made up; `soak.py` and the tests play on it.
"""

import argparse
import itertools
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from narcissus.core.ending import Ending  # noqa: E402

LISTENING = Ending() if __name__ == "__main__" else None  # as run_mirror.py does, before the slow imports
if LISTENING:
    print("{}", flush=True)  # from now on a signal is heard

from narcissus.app.build import Doors, load_generator, open_scene, open_source  # noqa: E402
from narcissus.app.kiosk import open_kiosk_window, run_kiosk  # noqa: E402
from narcissus.app.settings import Settings, load  # noqa: E402
from narcissus.app.wrapper import Wrapper  # noqa: E402
from narcissus.core.errors import DeviceLost, NotFinite, OutOfMemory, ScreenError, SourceError, SourceMissing  # noqa: E402
from narcissus.core.journal import Journal  # noqa: E402
from narcissus.core.privacy import forbid_probing  # noqa: E402
from narcissus.core.quiet import own_voice  # noqa: E402
from narcissus.sinks.pace import Pace  # noqa: E402

CAMERA = ("unplugged", "absent", "hung", "black", "frozen", "broken", "small", "slow", "late")
GENERATOR = {"nan": NotFinite, "memory": OutOfMemory, "device": DeviceLost}
FAULTS = (*CAMERA, *GENERATOR, "display", "perception")
EVERY = 0.25  # seconds between two lines
RATE = 30.0  # pictures a second of the made-up display


class Faults:
    """Which faults last now: kind -> when it ends."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def listen(self) -> None:
        """Take commands until the standard input ends: whoever gave them is gone, and so is the mirror then."""
        for line in sys.stdin:
            kind, seconds = line.split()
            if kind not in FAULTS:
                print(f"{kind}: no such fault; there are {', '.join(FAULTS)}", file=sys.stderr)
                continue
            self._until[kind] = time.monotonic() + float(seconds)
        os._exit(1)

    def now(self, kind: str) -> bool:
        return time.monotonic() < self._until.get(kind, 0.0)

    def once(self, kind: str) -> bool:
        """Whether the fault lasts; it is over with this question."""
        lasts = self.now(kind)
        self._until.pop(kind, None)
        return lasts

    def over(self, kind: str) -> None:
        """Wait for the end of a fault."""
        while self.now(kind):
            time.sleep(0.02)


class FailingCamera:
    """A source played as a live camera: with a sensor's noise, and with faults."""

    live = True

    def __init__(self, source, faults: Faults) -> None:
        self._source, self._faults = source, faults
        self.name = source.name
        self._noise = itertools.count()
        self._last = None

    def read(self):
        faults = self._faults
        frame = self._source.read()
        faults.over("hung")
        if faults.now("unplugged"):
            raise SourceError("rehearsed camera: gives no more pictures")
        if faults.now("slow"):
            time.sleep(0.3)
        image = frame.image.copy()
        image[:: 7 + next(self._noise) % 5, ::9] ^= 1  # a lit sensor never gives the same picture twice
        if faults.now("black"):
            image[:] = 1
        elif faults.now("broken"):
            image = image[..., 0].copy()
        elif faults.now("small"):
            image = image[::2, ::2].copy()
        elif faults.now("frozen") and self._last is not None:
            image = self._last.image
        moment = time.monotonic()
        if faults.now("late") and self._last is not None:
            moment = self._last.time
        self._last = replace(frame, image=image, time=moment)
        return self._last

    def close(self) -> None:
        self._source.close()


class RehearsedDisplay:
    """A display, real or made up, that can be lost."""

    def __init__(self, window, faults: Faults, freshness: "Freshness") -> None:
        self._window, self._faults, self._freshness, self._pace = window, faults, freshness, Pace(RATE)

    def show(self, picture) -> float:
        if self._faults.now("display"):
            raise ScreenError("rehearsed display: gone")
        if self._window is not None:
            shown = self._window.show(picture)
        else:
            shown = self._pace.clock()
            self._pace.wait()
        self._freshness.shown(picture, shown)
        return shown

    def commands(self) -> list[str]:
        return [] if self._window is None else self._window.commands()

    def obey(self, command: str) -> None:
        if self._window is not None:
            self._window.obey(command)

    def say(self, message: str) -> None:
        if self._window is not None:
            self._window.say(message)

    def tune(self, settings: Settings) -> None:
        if self._window is not None:
            self._window.tune(settings)

    def close(self) -> None:
        if self._window is not None:
            self._window.close()


class Freshness:
    """Measured where pictures reach the display; told and begun anew every quarter of a second."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._image = None
        self._fresh = time.monotonic()  # when a new picture was shown last
        self.pictures = self.followed = 0
        self.gap = self.stale = 0.0

    def shown(self, picture, shown: float) -> None:
        self.pictures += 1
        self.gap = max(self.gap, shown - self._fresh)
        if picture.image is not self._image:
            self._image, self._fresh = picture.image, shown
        if picture.answers is not None:
            self.stale = max(self.stale, shown - picture.answers)
            self.followed += 1

    def line(self) -> dict[str, object]:
        faults = [name for name in self._journal.faults if is_its_own(name)]
        waiting = time.monotonic() - self._fresh
        gap, stale = max(self.gap, waiting), self.stale
        counts = {"pid": os.getpid(), "pictures": self.pictures, "followed": self.followed}
        line = counts | {"gap": round(gap, 3), "stale": round(stale, 3), "faults": faults}
        self.pictures = self.followed = 0
        self.gap = self.stale = 0.0
        return line


def is_its_own(fault: str) -> bool:
    """A scene given up for good is no fault any more: another is well instead. Nor is what somebody sent."""
    return not fault.startswith("the ") and (not fault.startswith("osc") or fault == "osc port")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--source", action="append", help="demo, or a video or photo; given again: in turn")
    parser.add_argument("--window", action="store_true", help="on a real display")
    parser.add_argument("--config", type=Path, default=HOME / "config.yaml")
    asked = parser.parse_args()
    forbid_probing()
    logging.basicConfig(format="narcissus: %(message)s", level=logging.INFO, stream=own_voice())
    journal, faults = Journal(), Faults()
    freshness = Freshness(journal)
    for work in (faults.listen, partial(tell, freshness)):
        threading.Thread(target=work, daemon=True).start()
    sources = asked.source or ["demo"]
    code = run_kiosk(
        partial(load, asked.config, source=sources[0]),
        LISTENING or Ending(),
        failing_doors(faults, freshness, itertools.cycle(sources), asked.window),
        settings_file=asked.config,
        journal=journal,
    )
    sys.stdout.flush()
    os._exit(code)


def tell(freshness: Freshness) -> None:
    while True:
        time.sleep(EVERY)
        print(json.dumps(freshness.line()), flush=True)


def failing_doors(faults: Faults, freshness: Freshness, sources: Iterator[str], window: bool) -> Doors:
    """The world of this rehearsal: it is a live camera's, and each of its doors may fail."""

    def camera(settings: Settings, painter, once: bool) -> FailingCamera:
        if faults.now("absent"):
            raise SourceMissing("rehearsed camera: not there")
        asked = settings.model_copy(update={"source": next(sources)})
        # The imaginary viewer has a generator of its own, loaded once: it goes on when the wall's fails.
        return FailingCamera(open_source(asked, lambda: loaded_once(settings.generator_path)), faults)

    def display(settings: Settings, report, permit) -> RehearsedDisplay:
        if faults.now("display"):
            raise ScreenError("rehearsed display: none.")
        return RehearsedDisplay(open_kiosk_window(settings, report, permit) if window else None, faults, freshness)

    def generator(settings: Settings, coarser: int):
        made = load_generator(settings, coarser)
        render = made.render

        def draw(latents, **above):
            for kind, error in GENERATOR.items():
                if faults.now(kind) and (kind == "nan" or faults.once(kind)):
                    raise error(f"rehearsed generator: {kind}")
            return render(latents, **above)

        made.render = draw
        return made

    def scene(step, settings: Settings, kit) -> Hanging:
        return Hanging(open_scene(step, settings, kit), faults)

    return Doors(camera, scene, generator, display, live=True)


@cache
def loaded_once(path: Path):
    from narcissus.networks.pggan import Generator

    return Generator.load(path)


class Hanging(Wrapper):
    """A scene whose perception may hang."""

    def __init__(self, scene, faults: Faults) -> None:
        super().__init__(scene)
        self._faults = faults

    def observe(self, frame) -> object:
        self._faults.over("perception")
        return self._scene.observe(frame)


if __name__ == "__main__":
    main()
