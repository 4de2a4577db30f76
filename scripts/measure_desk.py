#!/usr/bin/env python
"""Two browsers and an OSC program turn everything: is any setting out of step, and what does the wall lose?

examples:
  python scripts/measure_desk.py                    four minutes, with the imaginary viewer
  python scripts/measure_desk.py --minutes 30
  python scripts/measure_desk.py --idle-browsers    with browsers that take only what the mirror leaves of the processor

Starts a mirror without a display, a desk and two headless Chromiums (chromium-driver). In turns nobody touches
anything, the OSC program turns alone, and all three turn; reflections are counted each time. After the third, what the
wall holds, what each browser shows and what the OSC program was told are laid beside one another.

The browsers draw with the processor, as the mirror does: what they take of it, the mirror has not, on a machine of two
cores. So the cores that each of them keeps busy stand beside the rate; and with --idle-browsers they draw as they would
on a machine of their own: slowly here, and without taking anything from the mirror but what it does for them.
"""

import argparse
import json
import os
import random
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import psutil  # noqa: E402
from desk_parts import Desk, Socket  # noqa: E402
from page_parts import free_port  # noqa: E402
from pythonosc.osc_message import OscMessage  # noqa: E402
from pythonosc.osc_message_builder import build_msg  # noqa: E402
from webdriver import Chromium  # noqa: E402

from narcissus.app.desk.controls import controls  # noqa: E402
from narcissus.app.tuning.addresses import SETTINGS, address_of  # noqa: E402
from narcissus.core.saying import tell  # noqa: E402

PART = 8.0  # seconds
REST = 2.5  # seconds until all must agree: half a second, the settings file's look, and a control that a hand has left
LEFT_ALONE = ("scene", "generator", "screen.rate", "perception.reach", "scenes.mirror.viewers")  # what work there is
EVERY = 0.08  # seconds between two turns of one hand
TURN = """
window.turning = setInterval(() => {
  const all = [...document.querySelectorAll('.control')].filter((one) => !arguments[0].includes(one.dataset.name));
  const one = all[Math.floor(Math.random() * all.length)];
  const some = (list) => list[Math.floor(Math.random() * list.length)];
  const range = one.querySelector('input[type=range]');
  const words = [...one.querySelectorAll('.words input, .switch, .word')];
  if (range && (!words.length || Math.random() < 0.8)) {
    range.value = Number(range.min) + Math.random() * (range.max - range.min);
    range.dispatchEvent(new Event('input'));
  } else if (words.length) some(words).click();
  else {
    const well = one.querySelector('input');
    well.value = '#' + Math.floor(Math.random() * 0xffffff).toString(16).padStart(6, '0');
    well.dispatchEvent(new Event('input'));
  }
}, arguments[1]);
"""
SHOWN = """
return Object.fromEntries([...document.querySelectorAll('.control')].map((one) => {
  const box = one.querySelector('.switch'), range = one.querySelector('input[type=range]');
  const words = [...one.querySelectorAll('.words input')], chosen = words.filter((word) => word.checked);
  const value = box ? box.checked
    : one.classList.contains('auto') ? one.querySelector('.word[aria-pressed=true]').textContent
    : range ? Number(range.value)
    : words.length ? (words[0].type === 'radio' ? chosen[0].value : chosen.map((word) => word.value))
    : one.querySelector('input, select').value;
  return [one.dataset.name, value];
}));
"""


class Program:
    """An OSC program that turns what it likes, and remembers what it was told."""

    def __init__(self, listen: int, tells: int) -> None:
        self._line, self._mirror = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), ("127.0.0.1", listen)
        self.told = {}
        self._line.bind(("127.0.0.1", tells))
        self.turning = threading.Event()
        for step in (self._listen, self._turn):
            threading.Thread(target=step, daemon=True).start()

    def _listen(self) -> None:
        while True:
            packet = self._line.recv(8192)
            if not packet.startswith(b"#bundle"):
                message = OscMessage(packet)
                self.told[message.address] = message.params[0]

    def _turn(self) -> None:
        turned = [one for one in controls() if one["name"] not in LEFT_ALONE and address_of(one["name"]) in SETTINGS]
        while self.turning.wait():
            one = random.choice(turned)
            self._line.sendto(build_msg(address_of(one["name"]), [some_value(one)]).dgram, self._mirror)
            time.sleep(EVERY)


def some_value(control: dict):
    """Any that it takes."""
    if control["kind"] == "number":
        return random.choice([*control["words"], *[random.uniform(control["low"], control["high"])] * 4])
    if control["kind"] == "switch":
        return random.choice([0, 1])
    return random.choice(control["words"]) if control["words"] else f"#{random.randrange(1 << 24):06x}"


@dataclass
class Count:
    """What was drawn in all parts of one kind."""

    pictures: int = 0
    seconds: float = 0.0
    busy: Counter = field(default_factory=Counter)  # seconds of the processor, by who took them

    def add(self, desk: Desk, browsers: list[Chromium]) -> None:
        """One part."""
        before, begun, busy = drawn(desk), time.monotonic(), processor(desk, browsers)
        time.sleep(PART)
        self.pictures += drawn(desk) - before
        self.seconds += time.monotonic() - begun
        for who, taken in processor(desk, browsers).items():  # a process that has ended meanwhile counts for nothing
            self.busy[who] += sum(max(0.0, seconds - busy[who].get(pid, 0.0)) for pid, seconds in taken.items())

    @property
    def told(self) -> dict:
        rate = {"reflections_per_second": round(self.pictures / self.seconds, 2)}
        return rate | {f"cores_{who}": round(taken / self.seconds, 3) for who, taken in self.busy.items()}


def drawn(desk: Desk) -> int:
    """Pictures with something new on the wall so far."""
    line = Socket(desk.port, "/wall", desk.token)
    line.picture()  # the last that anybody has asked for, which may be old
    while "drawn" not in (told := line.picture()):
        pass
    line.close()
    return told["drawn"]


def processor(desk: Desk, browsers: list[Chromium]) -> dict[str, dict[int, float]]:
    """Seconds that the processes of the mirror, the desk and the browsers have kept cores busy, by their numbers."""
    (mirror,) = psutil.Process(desk.process.pid).children()
    drivers = [psutil.Process(browser.pid) for browser in browsers]
    drawing = [process for driver in drivers for process in driver.children(recursive=True)]
    parties = {"mirror": [mirror], "desk": [psutil.Process(desk.process.pid)], "browsers": drawing}
    return {who: {one.pid: seconds_of(one) for one in processes} for who, processes in parties.items()}


def seconds_of(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return times.user + times.system
    return 0.0


def holds(desk: Desk) -> dict:
    hand = Socket(desk.port, "/hand", desk.token)
    while "values" not in (told := hand.told()):
        pass
    hand.close()
    return told["values"]


def out_of_step(wall: dict, browsers: list[Chromium], program: Program) -> list[str]:
    """The settings of which somebody shows another value than the wall's. A slider shows the nearest of its steps."""
    steps = {one["name"]: one.get("step", 0) for one in controls()}
    shows = [(f"browser {number}", browser.run(SHOWN)) for number, browser in enumerate(browsers, 1)]
    shows.append(("OSC", {name: program.told.get(address) for address, name in SETTINGS.items()}))
    return [
        f"{name}: the wall {value!r}, {who} {shown[name]!r}"
        for who, shown in shows
        for name, value in wall.items()
        if name in shown and shown[name] is not None and not same(value, shown[name], steps[name])
    ]


def same(value, shown, step: float) -> bool:
    if isinstance(value, float) and isinstance(shown, int | float):
        return abs(value - shown) <= max(step, 1e-4)
    return value == shown or str(value) == str(shown)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=4.0)
    parser.add_argument("--generator", default="narcissus-128")
    parser.add_argument("--idle-browsers", action="store_true", help="browsers run at idle priority")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    os.environ |= {"SDL_VIDEODRIVER": "dummy", "XDG_RUNTIME_DIR": str(folder)}
    ports = free_port(), free_port()
    address = '{{enabled: true, listen: "127.0.0.1:{}", send_to: ["127.0.0.1:{}"]}}'.format(*ports)
    (folder / "config.yaml").write_text(f"source: demo\ngenerator: {options.generator}\nosc: {address}\n")
    with Desk("--config", str(folder / "config.yaml")) as desk:
        report = measured(desk, Program(*ports), options.minutes * 60, options.idle_browsers)
    tell(json.dumps(report, indent=1))
    return 1 if report["out_of_step"] or report["lost_percent"] > 3 else 0


def measured(desk: Desk, program: Program, seconds: float, idle_browsers: bool) -> dict:
    tell("waiting for the mirror")
    holds(desk)
    time.sleep(10)
    if idle_browsers:  # whatever is started from now on inherits it
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    untouched, osc, everybody = parts = Count(), Count(), Count()
    wrong, rounds = [], max(1, round(seconds / (3 * PART)))
    with Chromium(1280, 900) as one, Chromium(390, 844) as other:
        browsers = [one, other]
        for number in range(rounds):
            untouched.add(desk, browsers)
            program.turning.set()
            osc.add(desk, browsers)
            for browser in browsers:
                browser.go(desk.link)
                browser.until("return document.querySelectorAll('.control').length")
                browser.run(TURN, LEFT_ALONE, round(EVERY * 1000))
            everybody.add(desk, browsers)
            program.turning.clear()
            for browser in browsers:
                browser.run("clearInterval(window.turning)")
            time.sleep(REST)
            wrong += out_of_step(holds(desk), browsers, program)
            for browser in browsers:
                browser.go("about:blank")
            tell(f"{number + 1} of {rounds}: {[part.told for part in parts]}, out of step: {len(wrong)}")
    rates = [part.pictures / part.seconds for part in parts]
    return {
        "minutes_turned": round(2 * rounds * PART / 60, 1),
        "untouched": untouched.told,
        "an OSC program turns": osc.told,
        "an OSC program and two browsers turn": everybody.told,
        "lost_percent": round(100 * (1 - rates[2] / rates[0]), 1),
        "lost_percent_to_the_browsers": round(100 * (1 - rates[2] / rates[1]), 1),
        "load": os.getloadavg()[0],
        "out_of_step": wrong,
    }


if __name__ == "__main__":
    sys.exit(main())
