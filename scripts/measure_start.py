"""How long a wall is black after a start, and how long until the live mirror hangs.

    python scripts/measure_start.py [--starts 5] [--busy 1] [--report report.json]

The mirror is rehearsal.py, unattended, on an X server without a screen, whose pixels are looked at from outside. As
many processes as `--busy` says compute beside it.
"""

import argparse
import json
import signal
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from screen_meter import ScreenMeter  # noqa: E402
from service_manager import Manager, wait  # noqa: E402
from soak import spread  # noqa: E402

from narcissus.core.files import write_whole  # noqa: E402
from narcissus.core.flags import natural  # noqa: E402

STILL_FOR = 5.0  # seconds that the mirror is watched once it hangs
FIRST, MIRROR = 2.0, 8.0  # seconds that are promised


def starts(count: int, sources: list[str]) -> dict[str, object]:
    """`count` starts in turn: seconds until there is light, until READY, until the mirror; and how it moves then."""
    lit, still, rates = [], [], []
    with ScreenMeter() as screen:
        manager = Manager(sources, environment=screen.environment)
        manager.words = ["--window"]
        for _ in range(count):
            screen.begin()
            if not manager.up():
                raise SystemExit("the mirror did not start:\n" + "\n".join(manager.stderr[-9:]))
            screen.forget()
            wait(lambda: False, STILL_FOR)
            if screen.lit_after is not None:
                lit.append(screen.lit_after)
            still.append(screen.stillest)
            rates.append(screen.changes_a_second(STILL_FOR))
            manager.end(signal.SIGTERM)
            wait(lambda: False, 0.5)  # the screen is black again
    return {
        "starts": count,
        "light_on_the_screen_after_s": spread(lit),
        "ready_after_s": spread(manager.ready_after),
        "mirror_after_s": spread(manager.mirror_after),
        "longest_without_a_change_s": spread(still),
        "changes_a_second": spread(rates),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--starts", type=natural, default=5)
    parser.add_argument("--source", action="append", help="demo, or a video or photo; given again: in turn")
    parser.add_argument("--busy", type=int, default=0, metavar="N", help="processes that only compute, beside it")
    parser.add_argument("--report", type=Path)
    asked = parser.parse_args()
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(asked.busy)]
    try:
        found = starts(asked.starts, asked.source or ["demo"]) | {"busy_processes_beside": asked.busy}
    finally:
        for one in busy:
            one.kill()
            one.wait()
    if asked.report:
        write_whole(asked.report, json.dumps(found, indent=2) + "\n")
    print("\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in found.items()))
    kept = len(found["light_on_the_screen_after_s"] or ()) and found["light_on_the_screen_after_s"]["median"] <= FIRST
    return int(not (kept and found["mirror_after_s"]["median"] <= MIRROR))


if __name__ == "__main__":
    sys.exit(main())
