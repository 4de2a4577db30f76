#!/usr/bin/env python
"""Measure who is captured, how soon, and who never is: on films of people, of photographs of them, and of passers-by.

examples:
  python scripts/measure_joining.py                       the films in ../shared/viewers
  python scripts/measure_joining.py mine.mp4 --every 0.5  another film, begun anew every half second
  python scripts/measure_joining.py --only passers-by

A film is begun at many of its frames, as if the wall had just been switched on. Photographs are single frames of the
films, moved by hand before a noisy camera. Passers-by are the films' living faces, which cross a room; the same face
that stands there instead is the control, and in how many frames a face was seen says whether a film proves anything.
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
SPEEDS = (1.0, 2.0, 4.0, 8.0)  # face widths a second: of some 16 cm, so that 8 is a walk and 1 a shuffle
PARTS = ("viewers", "photographs", "passers-by")
LIVED = 3.0  # seconds of a film that a passer-by lives


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="*", type=Path, help="default: those in ../shared/viewers")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between two beginnings (default %(default)s)")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    asked = parser.parse_args(words)
    films = asked.films or sorted(VIEWERS.glob("*.mp4"))
    if not films:
        print(f"measure_joining: no film; name some, or put them into {VIEWERS}", file=sys.stderr)
        return 66
    from narcissus.sources.lockstep import every_frame

    for film in films:
        frames = list(every_frame(film))
        for part in asked.only:
            told = captured(frames, asked.every) if part == "viewers" else MEASURES[part](frames)
            print(f"{film.stem}, {part}: {told}", flush=True)
    return 0


def captured(frames, every: float) -> str:
    import numpy as np

    from narcissus.lab.joining.figures import from_here, played

    step = max(1, round(every * (len(frames) - 1) / (frames[-1].time - frames[0].time)))
    found = [played(from_here(frames, start, SECONDS)) for start in range(0, len(frames), step)]
    times = [one.captured for one in found if one.captured is not None]
    soon = "–" if not times else "median {:.2f} s, 95 % within {:.2f} s".format(*np.percentile(times, [50, 95]))
    return f"captured {len(times)} of {len(found)} times, {sum(one.rings for one in found)} rings, {soon}"


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
    from narcissus.lab.joining.films import passing, standing

    found = cut_out(frames)
    if found is None:
        return "no face"
    (faces, width), rng = found, np.random.default_rng(0)
    control = played(standing(faces, SECONDS, rng), live=False)
    stood = "no capture" if control.captured is None else f"captured after {control.captured:.2f} s"
    passed = said([played(passing(faces, width, speed, rng), live=False) for speed in SPEEDS])
    return f"{passed}; who stands there instead: {stood}"


def cut_out(frames):
    """Some seconds of a face of the film, from the middle on where one is there, and its width; None: there is none."""
    from narcissus.people import FaceFinder

    middle, some = len(frames) // 2, max(1, len(frames) // 8)
    for start in (middle, *range(0, len(frames), some)):
        for face in FaceFinder().find(frames[start])[:1]:
            box, margin = face.box, 0.3 * face.box.width
            edges = (box.left - margin, box.top - 2 * margin, box.right + margin, box.bottom + margin)
            left, top, right, bottom = (max(0, round(edge)) for edge in edges)
            lived = [frame for frame in frames[start:] if frame.time - frames[start].time < LIVED]
            return [frame.image[top:bottom, left:right] for frame in lived], box.width
    return None


MEASURES = {"photographs": photographs, "passers-by": passers_by}


def said(found) -> str:
    captured, rings = sum(one.captured is not None for one in found), sum(one.rings for one in found)
    seen = min(one.seen for one in found)
    return f"{captured} captures and {rings} rings in {len(found)} films (a face in {seen:.0%} of the frames or more)"


if __name__ == "__main__":
    sys.exit(main())
