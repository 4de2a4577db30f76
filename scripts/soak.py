"""Plays systemd to the real mirror for a long time, lets everything fail in turn, and says what was survived.

    make soak [SECONDS=600]            python scripts/soak.py [--seconds 600] [--report report.json]
    python scripts/soak.py --screen            on an X server without a screen, whose pixels are watched from outside
    python scripts/soak.py --signals 50        end the mirror at 50 random moments instead

The mirror is rehearsal.py in a process of its own: the real parts, with a camera, a generator and a display that fail
on command; its settings are damaged, its port gets noise, and it is halted. It may write no file at all while it runs,
as on a full disk. In the last third of the time it is also killed, hung and robbed of its graphics card, and must be
started again as systemd would.
"""

import argparse
import json
import math
import random
import signal
import statistics
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import psutil

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from screen_meter import ScreenMeter  # noqa: E402
from service_manager import READY_WITHIN, WELL_WITHIN, Manager, wait  # noqa: E402
from surroundings import SECONDS as AROUND  # noqa: E402
from surroundings import Surroundings  # noqa: E402

from narcissus.app.reopening_sink import MOST_LOSSES  # noqa: E402
from narcissus.app.standby import RELOADS  # noqa: E402
from narcissus.core.errors import DeviceLost  # noqa: E402
from narcissus.core.files import write_whole  # noqa: E402
from narcissus.core.flags import natural, seed  # noqa: E402

STALE = 2.0  # seconds: the promise of section 10 of the design
WARM = 0.2  # of the first process's life, and all of LIMITED: what comes before is left out of the memory's slope
KILLING = 0.67  # of the time: from here on faults may end the process

# Kind -> seconds it lasts. These, and those of AROUND, are survived by the process; the ENDING ones need a new one.
MENDED = {
    "unplugged": 2.0,
    "absent": 3.0,
    "hung": 3.0,
    "black": 2.5,
    "frozen": 2.5,
    "broken": 2.5,
    "small": 2.5,
    "slow": 2.0,
    "late": 2.5,
    "glitch": 0.3,
    "nan once": 0.1,
    "nan": 1.0,
    "display": 1.0,
}
LIMITED = {"nan": RELOADS, "display": MOST_LOSSES}  # times in an hour, or in a process, before it gives up a step
SENT_AS = {"glitch": "broken", "nan once": "nan"}  # the same fault, too short to be more than a tremor
SECONDS = MENDED | {"memory": 1.0}  # which leaves a smaller picture behind until the next start
ENDING = ("device", "perception", "SIGTERM", "SIGKILL", "SIGINT", "SIGHUP")


@dataclass
class Tally:
    """What became of the faults of one kind."""

    injected: int = 0
    survived: int = 0
    worst: float = 0.0  # seconds until all was well again


class Sampler(threading.Thread):
    """Memory, threads and descriptors of the process that lives now, once a second."""

    def __init__(self, manager: Manager) -> None:
        super().__init__(daemon=True)
        self._manager = manager
        self.samples: dict[int, list[tuple[float, float, int, int]]] = defaultdict(list)

    def run(self) -> None:
        while True:
            time.sleep(1.0)
            pid = self._manager.process.pid if self._manager.mirror.is_set() else None
            if pid is None:
                continue
            try:
                process = psutil.Process(pid)
                with process.oneshot():
                    memory = process.memory_info().rss / 2**20
                    sample = time.monotonic(), memory, process.num_threads(), process.num_fds()
            except psutil.Error:
                continue
            if memory:  # of a process that has just ended nothing is left
                self.samples[pid].append(sample)


def soak(
    seconds: float, sources: list[str], report: Path, seed: int, around: Surroundings, screen: ScreenMeter | None
) -> int:
    chance, tallies = random.Random(seed), defaultdict(Tally)
    manager = Manager(sources, environment=screen.environment if screen else {})
    manager.words = [*around.words, *(["--window"] if screen else [])]
    sampler = Sampler(manager)
    begun = time.monotonic()
    manager.up()
    first = manager.process.pid
    sampler.start()
    still = 0.0
    if screen:
        screen.forget()
    warm = begun + WARM * KILLING * seconds
    for fault in faults(chance, lambda: (time.monotonic() - begun) / seconds):
        tally = tallies[fault]
        tally.injected += 1
        start = time.monotonic()
        survived = inject(manager, fault, around)
        tally.survived += survived
        if screen and fault in ENDING:  # between two processes the wall is black
            screen.forget()
        elif screen:
            still = max(still, screen.stillest)
        tally.worst = max(tally.worst, time.monotonic() - start)
        if fault in LIMITED:
            warm = max(warm, time.monotonic())
        said = f"{time.monotonic() - begun:6.0f} s  {fault:16} {'survived' if survived else 'NOT SURVIVED'}"
        print(f"{said} after {time.monotonic() - start:.1f} s", flush=True)
        if not survived:
            print("\n".join(manager.stderr[-30:]), flush=True)
            manager.up()
        if time.monotonic() - begun > seconds:
            break
    code, took = manager.end(signal.SIGTERM)
    kept = [sample for sample in sampler.samples[first] if sample[0] >= warm]
    found = result(tallies, manager, kept, seconds) | {"exit": code, "ended_after_s": round(took, 2)}
    if screen:
        found |= {"screen_unchanged_for_s": round(still, 2)}
    write_whole(report, json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    print(table(found))
    return int(not found["all_survived"] or code != 0)


def faults(chance: random.Random, progress: Callable[[], float]) -> Iterator[str]:
    """Kinds without end: each round holds all of them in an order of its own.

    Those that end the process come near the end only, and memory runs out once, just before: until then one process
    lives, and the slope of its memory is that of the whole mirror. What it mends only so
    often (LIMITED) is asked of it no oftener.
    """
    given = Counter()
    short_of_memory = False
    while True:
        ending = progress() > KILLING
        kinds = [kind for kind in (*MENDED, *AROUND) if given[kind] < LIMITED.get(kind, math.inf)]
        kinds += ENDING if ending else ()
        chance.shuffle(kinds)
        if ending and not short_of_memory:
            short_of_memory = True
            yield "memory"
        given.update(kinds)
        yield from kinds


def inject(manager: Manager, fault: str, around: Surroundings | None = None) -> bool:
    """Let one thing fail, and wait until all is well again; whether it became so, in the same process where it must."""
    before = manager.process.pid
    if fault in ENDING:
        return inject_ending(manager, fault)
    if fault in AROUND:
        around.inject(manager, fault)
        return manager.well() and manager.process.pid == before
    manager.send(SENT_AS.get(fault, fault), SECONDS[fault])
    if fault == "absent":  # a camera that is there is not looked for: it must go first
        manager.send("unplugged", 0.2)
    time.sleep(SECONDS[fault])
    return manager.well() and manager.process.pid == before


def inject_ending(manager: Manager, fault: str) -> bool:
    """The process must end, in time and with the right code, or be found hung; then the next one must come up."""
    if fault.startswith("SIG"):
        code, took = manager.end(signal.Signals[fault])
        ended = (code == 0 and took < 3) if fault != "SIGKILL" else code == -signal.SIGKILL
    else:
        manager.send(fault, 1000.0)
        ended = wait(lambda: manager.hangs() or manager.process.poll() is not None, WELL_WITHIN)
        ended = ended and (manager.hangs() if fault == "perception" else manager.process.poll() == DeviceLost.exit_code)
        manager.process.kill()
        manager.process.wait()
    return manager.up() and ended


def slope(samples: list[tuple]) -> float | None:
    """MB an hour: the median of the slopes between samples of the first and of the second half (Theil and Sen)."""
    half = len(samples) // 2
    if half < 10:
        return None
    pairs = zip(samples[:half], samples[-half:], strict=True)
    return statistics.median((late[1] - early[1]) / (late[0] - early[0]) * 3600 for early, late in pairs)


def result(tallies: dict[str, Tally], manager: Manager, samples: list[tuple], seconds: float) -> dict:
    kept = samples or [(0.0, 0.0, 0, 0)]
    growth = slope(samples)
    return {
        "seconds": seconds,
        "faults": {
            kind: {"injected": tally.injected, "survived": tally.survived, "well_again_s": round(tally.worst, 1)}
            for kind, tally in sorted(tallies.items())
        },
        "injected": sum(tally.injected for tally in tallies.values()),
        "kinds": len(tallies),
        "all_survived": all(tally.injected == tally.survived for tally in tallies.values()),
        "longest_without_fresh_picture_s": round(manager.worst["gap"], 2),
        "stalest_face_s": round(manager.worst["stale"], 2),
        "no_face_older_than_2_s": manager.worst["stale"] <= STALE,
        "memory_slope_mb_per_hour": None if growth is None else round(growth, 2),
        "memory_mb": [round(kept[0][1], 1), round(kept[-1][1], 1)],
        "memory_measured_over_s": round(kept[-1][0] - kept[0][0]),
        "threads": [kept[0][2], kept[-1][2]],
        "descriptors": [kept[0][3], kept[-1][3]],
        "first_picture_after_s": spread(manager.ready_after),
        "mirror_after_s": spread(manager.mirror_after),
        "starts": len(manager.ready_after),
    }


def spread(values: list[float]) -> dict[str, float] | None:
    if not values:
        return None
    return {
        "least": round(min(values), 2),
        "median": round(statistics.median(values), 2),
        "most": round(max(values), 2),
    }


def table(found: dict) -> str:
    lines = [f"{'fault':18}{'injected':>9}{'survived':>9}   well again after at most"]
    for kind, about in found["faults"].items():
        lines.append(f"{kind:18}{about['injected']:>9}{about['survived']:>9}   {about['well_again_s']} s")
    lines.append(f"{'all':18}{found['injected']:>9}{sum(a['survived'] for a in found['faults'].values()):>9}")
    rest = {key: value for key, value in found.items() if key not in ("faults", "injected", "all_survived")}
    lines += [f"{name.replace('_', ' ')}: {value}" for name, value in rest.items()]
    return "\n".join(lines)


def end_at_random(count: int, sources: list[str], report: Path, seed: int) -> int:
    """SIGTERM at random moments: while it loads, at full speed, and while the camera hangs."""
    chance, manager, endings = random.Random(seed), Manager(sources), []
    for number in range(count):
        moment = chance.uniform(0.0, 12.0)
        hung = number % 3 == 2
        manager.start()
        manager.awake.wait(READY_WITHIN)  # before Python runs the mirror's first line, there is no mirror
        if hung and manager.mirror.wait(READY_WITHIN):
            manager.send("hung", 60.0)
            moment = chance.uniform(0.0, 4.0)
        time.sleep(moment)
        state = "hung camera" if hung else "full speed" if manager.mirror.is_set() else "loading"
        code, took = manager.end(signal.SIGTERM)
        endings.append({"after_s": round(moment, 2), "state": state, "exit": code, "took_s": round(took, 2)})
        print(f"{number + 1:3}  {state:12} after {moment:5.2f} s: exit {code} in {took:.2f} s", flush=True)
    fine = [ending for ending in endings if ending["exit"] == 0 and ending["took_s"] <= 3]
    states = {
        state: sum(ending["state"] == state for ending in endings) for state in ("loading", "full speed", "hung camera")
    }
    found = {"ended": count, "exit 0 within 3 s": len(fine), "states": states, "endings": endings}
    found["slowest_s"] = max(ending["took_s"] for ending in endings)
    write_whole(report, json.dumps(found, indent=2) + "\n")
    print(f"{len(fine)} of {count} ended with 0 within 3 s ({states}); the slowest took {found['slowest_s']} s")
    return int(len(fine) != count)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--signals", type=natural, metavar="N", help="end it at N random moments instead")
    parser.add_argument("--source", action="append", help="demo, or a video or photo; given again: in turn")
    parser.add_argument("--screen", action="store_true", help="on an X server, whose pixels are watched from outside")
    parser.add_argument("--report", type=Path, default=Path("report.json"))
    parser.add_argument("--seed", type=seed, default=0)
    asked = parser.parse_args()
    signal.signal(signal.SIGHUP, lambda *_: None)  # under nohup(1) the mirror would inherit that it is not to listen
    viewers = sorted((HOME.parent / "shared" / "viewers").glob("*.mp4"))
    sources = asked.source or [*map(str, viewers), "demo"]
    if asked.signals:
        return end_at_random(asked.signals, sources, asked.report, asked.seed)
    around = Surroundings(HOME / "config.yaml", random.Random(asked.seed))
    with around, ScreenMeter() if asked.screen else nullcontext() as screen:
        return soak(asked.seconds, sources, asked.report, asked.seed, around, screen)


if __name__ == "__main__":
    sys.exit(main())
