#!/usr/bin/env python
"""Measure who is captured, how soon, and who never is: on films of people, of photographs of them, and of passers-by.

examples:
  python scripts/measure_joining.py                       the films in ../shared/viewers
  python scripts/measure_joining.py mine.mp4 --every 0.5  another film, begun anew every half second

A film is begun at many of its frames, as if the wall had just been switched on. Photographs are single frames of the
films, moved by hand before a noisy camera; passers-by are faces of the films that cross a room.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

VIEWERS = ROOT.parent / "shared" / "viewers"
SECONDS = 8.0  # that a film of somebody, or of a photograph, lasts
POSTERS = ((0.0, 0.0), (3.0, 0.0), (6.0, 0.0), (3.0, 0.02))  # shake in pixels, tilt
SPEEDS = (1.0, 2.0, 4.0, 8.0)  # face widths a second; walking by at two metres is 4


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="*", type=Path, help="default: those in ../shared/viewers")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between two beginnings (default %(default)s)")
    asked = parser.parse_args(words)
    films = asked.films or sorted(VIEWERS.glob("*.mp4"))
    if not films:
        print(f"measure_joining: no film; name some, or put them into {VIEWERS}", file=sys.stderr)
        return 66
    for film in films:
        report(film, asked.every)
    return 0


def report(film: Path, every: float) -> None:
    import numpy as np

    from narcissus.lab.joining.figures import from_here, played
    from narcissus.sources.lockstep import every_frame

    frames = list(every_frame(film))
    step = max(1, round(every * (len(frames) - 1) / (frames[-1].time - frames[0].time)))
    found = [played(from_here(frames, start, SECONDS)) for start in range(0, len(frames), step)]
    times = [one.captured for one in found if one.captured is not None]
    soon = "–" if not times else "median {:.2f} s, 95 % within {:.2f} s".format(*np.percentile(times, [50, 95]))
    print(f"{film.stem}: captured {len(times)} of {len(found)} times, {soon}", flush=True)
    print(f"  photographs: {photographs(frames)}; passers-by: {passers_by(frames)}", flush=True)


def photographs(frames) -> str:
    import numpy as np

    from narcissus.lab.joining.figures import played
    from narcissus.lab.joining.films import photograph

    rng = np.random.default_rng(0)
    still = frames[len(frames) // 2].image
    found = [played(photograph(still, SECONDS, rng, shake=shake, tilt=tilt), live=False) for shake, tilt in POSTERS]
    return said(found)


def passers_by(frames) -> str:
    import numpy as np

    from narcissus.lab.joining.figures import played
    from narcissus.lab.joining.films import passing
    from narcissus.people import FaceFinder

    frame = frames[len(frames) // 2]
    faces = [face for one in (frame, *frames[:: len(frames) // 8]) for face in FaceFinder().find(one)[:1]]
    if not faces:
        return "no face"
    box, rng = faces[0].box, np.random.default_rng(0)
    margin = 0.3 * box.width
    edges = (box.left - margin, box.top - 2 * margin, box.right + margin, box.bottom + margin)
    left, top, right, bottom = (max(0, round(edge)) for edge in edges)
    image = frame.image
    return said([played(passing(image, (left, top, right, bottom), speed, rng), live=False) for speed in SPEEDS])


def said(found) -> str:
    captured, rings = sum(one.captured is not None for one in found), sum(one.rings for one in found)
    return f"{captured} captures and {rings} rings in {len(found)} films"


if __name__ == "__main__":
    sys.exit(main())
