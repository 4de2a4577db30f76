#!/usr/bin/env python
"""Photographs and films, painted by a filter that has learned from one picture.

    python scripts/rotoscope.py harbour.jpg --filter starry-night
        writes harbour.png here, at full size
    python scripts/rotoscope.py album/ --filter copper-circuit --strength 0.5 --out painted
        every picture of a folder, with contact.png and index.html, which show the collection at once
    python scripts/rotoscope.py walk.mp4 --filter starry-night
        writes walk.webm: every frame painted, with the film's sound, frame rate and length
    python scripts/rotoscope.py poster.tif --filter starry-night --scale 3
        strokes three times as large: of a large photograph that is seen as a whole, small ones are lost

JPEG, PNG, TIFF and WebP of any size, 8 or 16 bits, and films; rotation, colour profile, transparency and metadata are
kept or obeyed. A file that is there already is never overwritten. Stopped at any moment, also in the middle of a film,
the same command goes on where it was. The exit code is 66 where no picture could be read.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from narcissus.core.errors import ConfigError, NarcissusError, SourceError  # noqa: E402
from narcissus.core.files import unused, write_whole, writing_whole  # noqa: E402
from narcissus.stills.files import every_photo, is_film, read, targets  # noqa: E402

FILTERS = ROOT / "models" / "filters"
SCALES = 0.25, 4.0
THUMBNAIL = 24  # frames into a film, at most: the first are often black


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="+", type=Path, metavar="IN", help="photographs, films, or folders of them")
    parser.add_argument("--filter", metavar="NAME", help="a name in models/filters/, or a filter's folder")
    parser.add_argument("--strength", type=float, metavar="S", help="0 as it is, to 1; default: the filter's own")
    parser.add_argument("--scale", type=float, default=1.0, metavar="S", help="of the strokes, 0.25 to 4 (default 1)")
    parser.add_argument("--out", type=Path, default=Path("."), metavar="DIR", help="default: here")
    options = parser.parse_args(words)
    if options.filter is None:
        there = ", ".join(sorted(path.parent.name for path in FILTERS.glob("*/filter.npz")))
        parser.error(f"name a filter with --filter: {there or 'none is there; train one with scripts/train_filter.py'}")
    if options.strength is not None and not 0 <= options.strength <= 1:
        parser.error("--strength goes from 0 to 1")
    if not SCALES[0] <= options.scale <= SCALES[1]:
        parser.error("--scale goes from 0.25 to 4")
    return options


def main(words: list[str] | None = None) -> int:
    options = arguments(words)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return rotoscope(options)
    except NarcissusError as error:
        print(f"rotoscope: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("rotoscope: stopped; every file written is whole, the same command goes on from here", file=sys.stderr)
        return 130


def rotoscope(options: argparse.Namespace) -> int:
    """Raises SourceMissing where a picture is not there, SourceError where none can be read, ModelError."""
    jobs = list(targets(every_photo(options.pictures, options.out), options.out))
    from narcissus.core.quiet import quiet

    with quiet():  # TensorFlow greets on the standard error whatever its log level
        from narcissus.networks.style import Filter
        from narcissus.stills.painting import Wish

        filter = Filter.load(options.filter, threads=len(os.sched_getaffinity(0)))
    wish = Wish(filter.strength if options.strength is None else options.strength, options.scale)
    made, unread = [], 0
    for path, target in jobs:
        if target.exists():
            print(f"rotoscope: {target} exists already: left as it is", file=sys.stderr)
            continue
        try:
            painted(path, target, filter, wish)
            made.append(target)
            print(target, flush=True)
        except SourceError as error:
            unread += 1
            print(f"rotoscope: {error}", file=sys.stderr)
    if unread == len(jobs):
        raise SourceError("no picture could be read; give JPEG, PNG, TIFF or WebP files, or films")
    folders = [path.resolve().name for path in options.pictures if path.is_dir()]
    if made and folders:
        said = f"{filter.name}, strength {wish.strength:g}, strokes × {wish.scale:g}"
        collect(jobs, options.out, ", ".join(folders), said)
    return 0


def painted(path: Path, target: Path, filter, wish) -> None:
    """Paint one photograph or film. Raises SourceError, ConfigError."""
    try:
        with Bar(path.name, "frame" if is_film(path) else "row") as bar:
            (film if is_film(path) else photograph)(path, target, filter, wish, bar)
    except OSError as error:
        raise ConfigError(f"{target}: cannot be written ({error.strerror}); name another folder with --out") from None


def photograph(path: Path, target: Path, filter, wish, bar: "Bar") -> None:
    from narcissus.networks.style.filter import SMALLEST
    from narcissus.stills.painting import Filtered
    from narcissus.stills.photograph import read_photograph

    painting = Filtered(read_photograph(read(path), str(path), SMALLEST), filter, wish)
    with writing_whole(target) as file:
        painting.write(file, bar)


def film(path: Path, target: Path, filter, wish, bar: "Bar") -> None:
    from narcissus.app.painted_film import paint_film
    from narcissus.stills.tiles import painted

    asked = f"{filter.name} {filter.precision} {filter.origin} {wish}"

    def paint(image):
        return painted(image, filter, wish.strength, wish.scale)

    paint_film(path, target, paint, asked, bar, light=wish.strength)


class Bar:
    """Progress with the time left, on a terminal. A context manager, called with how many are done, of how many."""

    def __init__(self, name: str, unit: str) -> None:
        from tqdm import tqdm

        self._bar = tqdm(desc=name, unit=unit, disable=None, leave=False)
        self._begun = False

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_) -> None:
        self._bar.close()

    def __call__(self, done: int, of: int) -> None:
        if not self._begun:  # what was done before counts for nothing in the time left
            self._begun = True
            self._bar.reset(total=of or None)
            self._bar.initial = done
        self._bar.n = done
        self._bar.refresh()


def collect(jobs: list[tuple[Path, Path]], out: Path, title: str, said: str) -> None:
    """The contact sheet and the page of all that is there now."""
    from narcissus.stills.collection import contact_sheet, page

    pieces = [piece(path, target) for path, target in jobs if target.exists()]
    for path, content in (
        (out / "contact.png", contact_sheet(pieces)),
        (out / "index.html", page(pieces, title, said, out)),
    ):
        path = unused(path)
        write_whole(path, content)
        print(path, flush=True)


def piece(path: Path, target: Path):
    from narcissus.stills.collection import Piece, small

    return Piece(target, small(seen(path)), small(seen(target)))


def seen(path: Path):
    """The picture, or one of the film's first second: uint8 (H, W, 3)."""
    from itertools import islice

    from narcissus.sources.lockstep import every_frame
    from narcissus.stills.painting import eight_bits
    from narcissus.stills.photograph import read_photograph

    if is_film(path):
        return list(islice(every_frame(path), THUMBNAIL))[-1].image[:, ::-1]
    return eight_bits(read_photograph(read(path), str(path)).pixels)


if __name__ == "__main__":
    sys.exit(main())
