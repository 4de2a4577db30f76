"""Measure what each way of framing costs: a table in Markdown, as shares of what the picture costs as it comes.

    python scripts/measure_framings.py [--rounds 25]

All ways are drawn in turn, in a new order each round, so that whatever else the machine does falls on all of them; the
median is given. Only what a display's surface takes is measured: the display itself is not.
"""

import argparse
import os
import sys
import time
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ["SDL_VIDEODRIVER"] = "dummy"

from narcissus.core.sections import Framing  # noqa: E402

WAYS = {
    "as it comes": {},
    "filter: cubic": {"filter": "cubic"},
    "filter: pixels": {"filter": "pixels"},
    "grain: 0": {"grain": 0.0},
    "grain: 1": {"grain": 1.0},
    "vignette: 0.5": {"vignette": 0.5},
    "vignette: 0.5, a background": {"vignette": 0.5, "background": "#3a2f28"},
    "zoom: 0.7": {"zoom": 0.7},
    "zoom: 1.4": {"zoom": 1.4},
    "fit: fill": {"fit": "fill"},
}
WALLS = ((1920, 1080), (3840, 2160))
NETWORKS = (64, 1024)  # pixels
UNMEASURED = 3  # rounds at the beginning


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=25, help="default: 25")
    rounds = parser.parse_args().rounds
    columns = [(wall, network, measured(wall, network, rounds)) for wall in WALLS for network in NETWORKS]
    print("| | " + " | ".join(f"{w}×{h}, {network} px" for (w, h), network, _ in columns) + " |")
    print("|---|" + "---|" * len(columns))
    for way in WAYS:
        ratios = [f"{taken[way] / taken['as it comes']:.2f}" for *_, taken in columns]
        if way == "as it comes":
            ratios = [f"1 ({taken[way] * 1000:.1f} ms)" for *_, taken in columns]
        print(f"| {way} | " + " | ".join(ratios) + " |")
    return 0


def measured(wall: tuple[int, int], network: int, rounds: int) -> dict[str, float]:
    """The median of the seconds that each way takes."""
    import numpy as np
    import pygame

    from narcissus.sinks.framing import Framer

    random = np.random.default_rng(0)
    faces = random.integers(0, 256, (4, network, network, 3), np.uint8)
    surface = pygame.Surface(wall, depth=32)
    framers = {way: Framer(Framing(**framing)) for way, framing in WAYS.items()}
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    for turn in range(rounds + UNMEASURED):
        for way in random.permutation(list(WAYS)):
            start = time.perf_counter()
            framers[way].draw(surface, faces[turn % 4], turn / 60)
            taken[way].append(time.perf_counter() - start)
    return {way: float(np.median(times[UNMEASURED:])) for way, times in taken.items()}


if __name__ == "__main__":
    sys.exit(main())
