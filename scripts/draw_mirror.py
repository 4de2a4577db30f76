#!/usr/bin/env python
"""Draw the picture at the head of the README: imaginary viewers above, their reflections below.

    python scripts/draw_mirror.py [--out docs/mirror.png] [--seconds 120]

The moments are chosen by what a viewer does and never by how the reflection looks: turned farthest to either side, the
mouth open widest, the broadest smile, and nearest to rest, of all moments in which a whole face is followed, each of
another viewer.
"""

import argparse
import os
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from narcissus.app.settings import load  # noqa: E402

SIDE, RATE = 240, 30  # pixels of each face; pictures a second
AROUND = 2.2  # of the face's own height: what is shown of the viewer


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HOME / "docs" / "mirror.png", help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=120.0, help="of imaginary viewers (default: %(default)s)")
    asked = parser.parse_args(words)

    import numpy as np

    from narcissus.sinks.png import write_png

    moments = list(followed(asked.seconds))
    if not moments:
        print("draw_mirror: nobody was followed; give it more --seconds", file=sys.stderr)
        return 65
    rows = [np.hstack([viewer, reflection]) for _, _, viewer, reflection in moments]
    chosen = chosen_of(np.array([forms for forms, _, _, _ in moments]), [person for _, person, _, _ in moments])
    columns = [np.vstack(np.split(rows[number], 2, axis=1)) for number in chosen]
    write_png(asked.out, np.hstack(columns))
    print(asked.out)
    return 0


def followed(seconds: float):
    """Of every moment in which a viewer is followed: (yaw, mouth, smile), who it is, the viewer's picture, and the
    reflection's.
    """
    from itertools import islice

    import cv2

    from narcissus.app.build import Installation
    from narcissus.core.play import played
    from narcissus.features.spatial import forms, normalise, pose
    from narcissus.sources.demo import DemoSource
    from narcissus.sources.lockstep import Clock

    built = Installation(load(HOME / "config.yaml", source="demo"))
    square = lambda image: cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    clock = Clock()
    viewer = DemoSource(
        built.generator.render, built.generator.latent_size, clock=clock, sleep=clock.sleep
    )  # in a time of its own: the same command draws the same picture
    frames = islice(iter(viewer.read, None), round(seconds * RATE))
    for seen, picture, _ in played(built.scene(), frames, RATE):
        if seen is None or seen.viewer is None or picture.state.phase != "following":
            continue
        shape = forms(normalise(seen.viewer.landmarks))
        told = (float(pose(seen.viewer.landmarks)[0]), float(shape[3]), float(shape[4]))
        cut = around(seen.frame.image, seen.viewer.landmarks)
        if cut is not None:
            yield told, seen.viewer.identity, square(cut), square(picture.image)


def around(image, landmarks, share: float = AROUND):
    """The square of the picture around a face, `share` times as high; None where it is not all in the picture."""
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    side = round(share * (high[1] - low[1]))
    left, top = (round(middle - side / 2) for middle in (low + high) / 2)
    whole = left >= 0 and top >= 0 and left + side <= image.shape[1] and top + side <= image.shape[0]
    return image[top : top + side, left : left + side] if whole else None


def chosen_of(told, people: list[int]) -> list[int]:
    """The moments by (yaw, mouth, smile), (n, 3), and by who it is: both turns, the open mouth, the smile, nearest to
    rest; each of another viewer, as far as there are others.
    """
    import numpy as np

    away = np.abs((told - np.median(told, axis=0)) / np.maximum(told.std(axis=0), 1e-6)).sum(axis=1)
    yaw, mouth, smile = told.T
    chosen: list[int] = []
    for most in (-yaw, yaw, mouth, smile, -away):
        shown = {people[number] for number in chosen}
        free = [number for number, person in enumerate(people) if person not in shown]
        chosen.append(max(free or range(len(people)), key=lambda number: most[number]))
    return chosen


if __name__ == "__main__":
    sys.exit(main())
