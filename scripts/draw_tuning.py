#!/usr/bin/env python
"""Draw what exaggeration does: an imaginary viewer, and the reflection of the same moment at 0, 0.5, 1, 1.5 and 2.

    python scripts/draw_tuning.py [--out docs/tuning.png] [--viewer 9] [--second 4]

The mirror that ships is played to the imaginary viewer from the beginning, once for each: the same command draws the
same picture.
"""

import argparse
import os
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from narcissus.app.settings import load  # noqa: E402
from narcissus.core.flags import seed  # noqa: E402

SHOWN = (0.0, 0.5, 1.0, 1.5, 2.0)
AROUND = 1.6  # of the face's own height: what is shown of the viewer
SIDE, GAP, RATE = 200, 8, 30  # pixels of each face, and beside the viewer; pictures a second


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HOME / "docs" / "tuning.png", help="default: %(default)s")
    parser.add_argument("--second", type=float, default=4.0, help="of the imaginary viewer (default: %(default)s)")
    parser.add_argument("--viewer", type=seed, default=9, help="seed of the imaginary viewer (default: %(default)s)")
    asked = parser.parse_args(words)

    import cv2
    import numpy as np
    from draw_mirror import around

    from narcissus.sinks.png import write_png

    row = []
    for exaggeration in SHOWN:
        seen, picture = moment(exaggeration, asked.viewer, asked.second)
        viewer = None if seen.viewer is None else around(seen.frame.image, seen.viewer.landmarks, AROUND)
        if viewer is None:
            print("draw_tuning: nobody is wholly to be seen then; name another --second", file=sys.stderr)
            return 65
        row.append(cv2.resize(picture.image, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC))
    row.insert(0, cv2.resize(viewer, (SIDE, SIDE), interpolation=cv2.INTER_AREA))
    row.insert(1, np.full((SIDE, GAP, 3), 255, np.uint8))
    write_png(asked.out, np.hstack(row))
    print(asked.out)
    return 0


def moment(exaggeration: float, viewer: int, seconds: float):
    """What is seen and drawn so many seconds after this viewer began to come."""
    from itertools import islice

    from narcissus.app.build import Installation
    from narcissus.core.play import played
    from narcissus.sources.demo import DemoSource
    from narcissus.sources.lockstep import Clock

    settings = load(HOME / "config.yaml", source="demo")
    mirror = settings.scenes.mirror.model_copy(update={"exaggeration": exaggeration})
    scenes = settings.scenes.model_copy(update={"mirror": mirror})
    built = Installation(settings.model_copy(update={"scenes": scenes}))
    clock, network = Clock(), built.generator
    source = DemoSource(network.render, network.latent_size, seed=viewer, clock=clock, sleep=clock.sleep)
    frames = islice(iter(source.read, None), round(seconds * RATE))
    *_, (seen, picture, _) = played(built.scene(), frames, RATE)
    return seen, picture


if __name__ == "__main__":
    sys.exit(main())
