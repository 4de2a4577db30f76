#!/usr/bin/env python
"""Two browsers and an OSC program turn everything: is any setting out of step, and what does the wall lose?

examples:
  python scripts/measure_desk.py                    four minutes, with the imaginary viewer
  python scripts/measure_desk.py --minutes 30

Starts a mirror without a display, a desk and two headless Chromiums (chromium-driver). Half of the time nobody touches
anything, in turns with the other half; reflections are counted in both. After each half in which all are turned, what
the wall holds, what each browser shows and what the OSC program was told are laid beside one another.
"""

import argparse
import json
import os
import random
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from desk_parts import Desk, Socket  # noqa: E402
from page_parts import free_port  # noqa: E402
from pythonosc.osc_message import OscMessage  # noqa: E402
from pythonosc.osc_message_builder import build_msg  # noqa: E402
from webdriver import Chromium  # noqa: E402

from narcissus.app.desk.controls import controls  # noqa: E402
from narcissus.app.tuning.addresses import SETTINGS, address_of  # noqa: E402
from narcissus.core.saying import tell  # noqa: E402

HALF = 15.0  # seconds
REST = 2.5  # seconds until all must agree: half a second, the settings file's look, and a control that a hand has left
LEFT_ALONE = ("scene", "generator", "screen.rate", "perception.reach")  # they change by themselves how many are drawn
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


def rates(desk: Desk, seconds: float) -> list[float]:
    """New reflections a second, looked at every two seconds."""
    found, end, line = [], time.monotonic() + seconds, Socket(desk.port, "/wall", desk.token)
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(2.0, left))
        found.append(line.picture().get("rate"))
    line.close()
    return [rate for rate in found[1:] if rate is not None]  # none where no picture came in time


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
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    os.environ |= {"SDL_VIDEODRIVER": "dummy", "XDG_RUNTIME_DIR": str(folder)}
    ports = free_port(), free_port()
    address = '{{enabled: true, listen: "127.0.0.1:{}", send_to: ["127.0.0.1:{}"]}}'.format(*ports)
    (folder / "config.yaml").write_text(f"source: demo\ngenerator: {options.generator}\nosc: {address}\n")
    with Desk("--config", str(folder / "config.yaml")) as desk:
        report = measured(desk, Program(*ports), options.minutes * 60)
    tell(json.dumps(report, indent=1))
    return 1 if report["out_of_step"] or report["lost_percent"] > 3 else 0


def measured(desk: Desk, program: Program, seconds: float) -> dict:
    tell("waiting for the mirror")
    holds(desk)
    time.sleep(10)
    still, turned, wrong, rounds = [], [], [], max(1, round(seconds / (2 * HALF)))
    with Chromium(1280, 900) as one, Chromium(390, 844) as other:
        browsers = [one, other]
        for number in range(rounds):
            for browser in browsers:
                browser.go("about:blank")
            still += rates(desk, HALF)
            for browser in browsers:
                browser.go(desk.link)
                browser.until("return document.querySelectorAll('.control').length")
                browser.run(TURN, LEFT_ALONE, round(EVERY * 1000))
            program.turning.set()
            turned += rates(desk, HALF)
            program.turning.clear()
            for browser in browsers:
                browser.run("clearInterval(window.turning)")
            time.sleep(REST)
            wrong += out_of_step(holds(desk), browsers, program)
            tell(
                f"{number + 1} of {rounds}: {statistics.median(still):.1f} reflections a second untouched, "
                f"{statistics.median(turned):.1f} turned; out of step: {len(wrong)}"
            )
    lost = 100 * (1 - statistics.median(turned) / statistics.median(still))
    return {
        "minutes": round(rounds * 2 * HALF / 60, 1),
        "reflections_per_second_untouched": round(statistics.median(still), 2),
        "reflections_per_second_turned": round(statistics.median(turned), 2),
        "lost_percent": round(lost, 1),
        "out_of_step": wrong,
    }


if __name__ == "__main__":
    sys.exit(main())
