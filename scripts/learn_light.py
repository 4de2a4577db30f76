#!/usr/bin/env python
"""Learn what well-lit portraits have in common: the yardstick by which the mirror tells a room's light from a face.

    python scripts/learn_light.py portraits.zip

Writes narcissus/features/light.txt: means and covariance of 36 numbers over all portraits, nothing of any one of them.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from narcissus.core.errors import NarcissusError, SourceError  # noqa: E402
from narcissus.core.flags import natural  # noqa: E402

LEAST = 300  # portraits; 36 numbers have 666 covariances


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", help="a folder or zip file of colour portraits in good light")
    parser.add_argument(
        "--first", type=natural, default=1500, metavar="N", help="only the first N (default: %(default)s)"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "narcissus" / "features" / "light.txt", metavar="FILE")
    options = parser.parse_args(words)
    try:
        learn(options)
    except NarcissusError as error:
        print(f"learn_light: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def learn(options: argparse.Namespace) -> None:
    """Raises SourceMissing, SourceError."""
    import numpy as np

    from narcissus.core.files import write_whole
    from narcissus.lab.likeness.album import Album
    from narcissus.lab.likeness.progress import counted

    album = Album(options.portraits, by_person=False)
    photos = album.photos[: options.first]
    seen = [
        logs for photo in counted("portraits", len(photos), "photo")(photos) if (logs := read(album, photo)) is not None
    ]
    if len(seen) < LEAST:
        raise SourceError(f"{options.portraits}: {len(seen)} usable colour portraits; give at least {LEAST}")
    seen = np.array(seen)  # (n, 36)
    mean = np.nanmean(seen, axis=0)
    seen = np.where(np.isnan(seen), mean, seen)
    covariance = np.cov(seen.T) + 1e-3 * np.eye(seen.shape[1])  # neighbours among percentiles nearly repeat each other
    lines = [" ".join(f"{value:.5f}" for value in row) for row in (mean, *covariance)]
    head = (
        f"# Logarithms of {len(seen)} portraits' percentiles (features/light.py): their means, then their covariance."
    )
    write_whole(options.out, "\n".join([head, *lines]) + "\n")
    print(f"{options.out}: {len(seen)} portraits")


def read(album, photo):
    """The logarithms (36,) of one portrait; None where there is no face or no colour."""
    import numpy as np

    from narcissus.features.colour import without_colour
    from narcissus.features.light import DARKEST, percentiles
    from narcissus.people import find_portrait

    try:
        image = album.read(photo)
    except SourceError:
        return None
    face = find_portrait(image)
    if face is None or without_colour(image, face.landmarks):
        return None
    return np.log(np.maximum(percentiles(image, face.landmarks), DARKEST)).ravel()


if __name__ == "__main__":
    sys.exit(main())
