"""Measure what each way of framing costs: a table in Markdown, in milliseconds of one core.

    python scripts/measure_framings.py [--rounds 25]

All ways are drawn in turn, in a new order each round, by one thread whose own processor time is counted: what else the
machine does falls on all of them. The median is given. Only what a display's surface takes is measured: the display
itself is not. Where cores are idle OpenCV shares the work among them, and the picture takes less time than this.
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

from narcissus.core.flags import natural  # noqa: E402
from narcissus.core.sections import Framing  # noqa: E402

WAYS = {
    "as it comes": {},
    "fit: whole": {"fit": "whole"},
    "fit: fill": {"fit": "fill"},
    "filter: cubic": {"filter": "cubic"},
    "filter: pixels": {"filter": "pixels"},
    "grain: 0": {"grain": 0.0},
    "grain: 1": {"grain": 1.0},
    "a background": {"background": "#3a2f28"},
    "fit: whole, vignette: 1": {"fit": "whole", "vignette": 1.0},
    "the same, a background": {"fit": "whole", "vignette": 1.0, "background": "#3a2f28"},
    "zoom: 0.7": {"zoom": 0.7},
    "zoom: 1.4": {"zoom": 1.4},
}
WALLS = ((1920, 1080), (1080, 1920), (3840, 2160))
NETWORKS = (128, 1024)  # pixels
UNMEASURED = 3  # rounds at the beginning


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=natural, default=25, help="default: 25")
    rounds = parser.parse_args().rounds
    columns = [(wall, network, measured(wall, network, rounds)) for wall in WALLS for network in NETWORKS]
    print("| | " + " | ".join(f"{w}×{h}, {network} px" for (w, h), network, _ in columns) + " |")
    print("|---|" + "---|" * len(columns))
    for way in WAYS:
        print(f"| {way} | " + " | ".join(f"{taken[way] * 1000:.1f}" for *_, taken in columns) + " |")
    return 0


def measured(wall: tuple[int, int], network: int, rounds: int) -> dict[str, float]:
    """The median of the seconds of one core that each way takes."""
    import cv2
    import numpy as np
    import pygame

    from narcissus.sinks.framing import Framer

    cv2.setNumThreads(1)
    random = np.random.default_rng(0)
    faces = random.integers(0, 256, (4, network, network, 3), np.uint8)
    surface = pygame.Surface(wall, depth=32)
    framers = {way: Framer(Framing(**framing)) for way, framing in WAYS.items()}
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    for turn in range(rounds + UNMEASURED):
        for way in random.permutation(list(WAYS)):
            start = time.thread_time()
            framers[way].draw(surface, faces[turn % 4], turn / 60)
            taken[way].append(time.thread_time() - start)
    return {way: float(np.median(times[UNMEASURED:])) for way, times in taken.items()}


if __name__ == "__main__":
    sys.exit(main())
