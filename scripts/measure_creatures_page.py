#!/usr/bin/env python
"""Fifty telephones look at the wall that breeds, ten of them slow: what does the wall lose?

examples:
  python scripts/measure_creatures_page.py                      a minute and a half
  python scripts/measure_creatures_page.py --phones 100 --slow 50 --part 20 --rounds 4

Starts a wall without a display and without a camera, with a file of its own, and the page beside it. In turns nobody
looks, and all look; the wall's new pictures are counted each time. In the end all open the page in the same moment.

The telephones are another process on the same machine, and so is the page: what they take of the processor, the wall
has not, on a machine of two cores. So the processor's time for each new picture, of the wall's own process, stands
beside the rate.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import psutil  # noqa: E402
from page_parts import free_port  # noqa: E402

from narcissus.core.flags import natural  # noqa: E402
from narcissus.core.saying import tell  # noqa: E402
from narcissus.core.wire import wall_socket  # noqa: E402
from narcissus.lab.creatures import phones  # noqa: E402
from narcissus.page.wall import Away, Line  # noqa: E402

CONFIG = """scene: creatures
generator: {generator}
desk: on
scenes: {{creatures: {{store: {store}, cells: {cells}, joining: false}}}}
"""
PATIENCE = 180.0  # seconds until wall and page must be there
LOST = 3.0  # per cent of the wall's pictures that may be lost: what two parts of the same kind differ by


@dataclass
class Count:
    """What the wall drew in all parts of one kind."""

    pictures: int = 0
    seconds: float = 0.0
    processor: float = 0.0  # seconds of the wall's process

    @property
    def rate(self) -> float:
        return self.pictures / self.seconds

    @property
    def told(self) -> dict[str, float]:
        cost = 1000 * self.processor / max(1, self.pictures)
        return {"new_pictures_a_second": round(self.rate, 2), "processor_ms_a_picture": round(cost, 2)}


class LiveWall:
    """The wall in a process of its own, and the page beside it."""

    def __init__(self, folder: Path, asked: argparse.Namespace, parts: ExitStack) -> None:
        os.environ |= {"SDL_VIDEODRIVER": "dummy", "XDG_RUNTIME_DIR": str(folder), "TF_CPP_MIN_LOG_LEVEL": "3"}
        config = folder / "config.yaml"
        config.write_text(CONFIG.format(generator=asked.generator, store=folder / "wall.sqlite", cells=asked.cells))
        self.port, self.path = free_port(), wall_socket()
        self._wall = parts.enter_context(ended("run_mirror.py", "--config", config, "--window"))
        words = ("--config", config, "--port", str(self.port))
        self._page = parts.enter_context(ended("scripts/creatures_page.py", *words))
        self.line = Line(self.path)

    async def ready(self) -> None:
        """Wait until there are pictures, and a page. Exits where there are none."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._wall.poll() is None and self._page.poll() is None:
            try:
                await self.drawn()
                await phones.fetched(self.port, "/")
                return
            except (Away, OSError):
                await asyncio.sleep(0.5)
        sys.exit("measure_creatures_page: the wall or its page did not begin")

    async def drawn(self) -> int:
        """New pictures on the wall so far. Raises Away."""
        after = 0
        while True:
            told, _ = await self.line.ask({"ask": "picture", "after": after})
            if "drawn" in told and after:
                return told["drawn"]
            after = told["number"]

    def processor(self) -> float:
        """Seconds that the wall has kept cores busy."""
        times = psutil.Process(self._wall.pid).cpu_times()
        return times.user + times.system

    async def count(self, count: Count, while_this) -> object:
        """What is drawn while `while_this` is awaited; returns its answer."""
        before, begun, busy = await self.drawn(), time.monotonic(), self.processor()
        answer = await while_this
        count.pictures += await self.drawn() - before
        count.seconds += time.monotonic() - begun
        count.processor += self.processor() - busy
        return answer


@contextmanager
def ended(*words: object) -> Iterator[subprocess.Popen]:
    """A process of this house, which ends with the block."""
    command = [sys.executable, str(ROOT / str(words[0])), *map(str, words[1:])]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


async def measured(wall: LiveWall, asked: argparse.Namespace) -> dict:
    await wall.ready()
    await asyncio.sleep(asked.part / 3)
    untouched, watched = Count(), Count()
    quick, slow = [], []
    for number in range(asked.rounds):
        await wall.count(untouched, asyncio.sleep(asked.part))
        crowd = phones.crowd(wall.port, asked.phones - asked.slow, asked.slow, asked.part)
        some, others = await wall.count(watched, crowd)
        quick, slow = [*quick, *some], [*slow, *others]
        tell(f"{number + 1} of {asked.rounds}: {untouched.told}, with telephones {watched.told}")
    statuses, seconds = await phones.opened_together(wall.port, asked.phones)
    return {
        "nobody looks": untouched.told,
        f"{asked.phones} look": watched.told,
        "lost_percent": round(100 * (1 - watched.rate / untouched.rate), 1),
        "the quick": phones.told(quick, asked.part),
        "the slow": phones.told(slow, asked.part),
        "all open the page at once: answers by status": statuses,
        "and the last has everything after, in seconds": round(max(seconds), 1),
        "load": round(os.getloadavg()[0], 1),
    }


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phones", type=natural, default=50, help="(default %(default)s)")
    parser.add_argument("--slow", type=natural, default=10, help="of them (default %(default)s)")
    parser.add_argument("--cells", type=natural, default=48, help="on the wall (default %(default)s)")
    parser.add_argument("--part", type=float, default=12.0, help="seconds of each turn (default %(default)s)")
    parser.add_argument("--rounds", type=natural, default=3, help="of two turns (default %(default)s)")
    parser.add_argument("--generator", default="narcissus-128", metavar="NAME")
    asked = parser.parse_args(words)
    if asked.slow > asked.phones:
        parser.error("--slow are some of --phones, not more")
    return asked


def main(words: list[str] | None = None) -> int:
    asked = arguments(words)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as parts:
        report = asyncio.run(measured(LiveWall(Path(folder), asked, parts), asked))
    tell(json.dumps(report, indent=1))
    return 1 if report["lost_percent"] > LOST else 0


if __name__ == "__main__":
    sys.exit(main())
