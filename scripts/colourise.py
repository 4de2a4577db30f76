#!/usr/bin/env python
"""Photographs in the colours that a pile of pictures assumes of them.

    python scripts/colourise.py grandmother.jpg
        writes grandmother.png here, at full size: its lightness untouched, its colours assumed
    python scripts/colourise.py album/ --out coloured --slice older --temperature 0.3
        every picture of a folder, as the older third of the portraits would have it, more vivid than usual
    python scripts/colourise.py grandmother.jpg --compare
        also writes grandmother-compare.png: the photograph | without colour | as assumed
    python scripts/colourise.py wedding.mp4
        writes wedding.webm, with its sound: the film as the wall would show it, grey first, then in its colours

JPEG, PNG, TIFF and WebP of any size, 8 or 16 bits, and films; rotation, colour profile, transparency and metadata are
kept or obeyed. A file that is there already is never overwritten: it is named and passed over, so that the same
command goes on where it was stopped. The exit code is 66 where no photograph could be read.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from narcissus.core.errors import ConfigError, NarcissusError, SourceError  # noqa: E402
from narcissus.networks.colour.slices import SLICES  # noqa: E402
from narcissus.stills.files import every_photo, is_film, read, targets  # noqa: E402

MODELS = ROOT / "models" / "colour"
SHIPPED = "pile"  # the network of the wall
COMPARED = 900  # pixels: the height of the pictures that are compared, at most


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="photographs, films, or folders of them")
    parser.add_argument("--out", type=Path, default=Path("."), metavar="DIR", help="default: here")
    parser.add_argument("--slice", choices=SLICES, default="all", help="of the pile (default %(default)s)")
    parser.add_argument("--temperature", type=float, metavar="T", help="0.05 vivid to 2 dull; default: the network's")
    parser.add_argument("--strength", type=float, default=1.0, metavar="S", help="0 grey to 1 as assumed (default 1)")
    parser.add_argument("--compare", action="store_true", help="also write given | grey | assumed, side by side")
    parser.add_argument("--model", default=SHIPPED, help="a name in models/colour/, or an .npz (default %(default)s)")
    options = parser.parse_args(words)
    if not 0 <= options.strength <= 1:
        parser.error("--strength goes from 0 to 1")
    if options.temperature is not None and not 0.05 <= options.temperature <= 2:
        parser.error("--temperature goes from 0.05 to 2")
    return options


def main(words: list[str] | None = None) -> int:
    options = arguments(words)
    try:
        return colourise(options)
    except NarcissusError as error:
        print(f"colourise: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("colourise: stopped; every file written is whole", file=sys.stderr)
        return 130


def colourise(options: argparse.Namespace) -> int:
    """Raises SourceMissing where a photograph is not there, SourceError where none of them can be read, ConfigError."""
    jobs = list(targets(every_photo(options.photos, options.out), options.out))
    if (options.model != SHIPPED or options.compare) and any(is_film(path) for path, _ in jobs):
        raise ConfigError(f"--model and --compare are for photographs; a film is coloured as on the wall, by {SHIPPED}")
    from narcissus.core.quiet import quiet

    with quiet():  # TensorFlow greets on the standard error whatever its log level
        from narcissus.networks.colour.colourist import Colourist
        from narcissus.stills.still import Wish

    colourist = Colourist.open(model(options.model))
    wish = Wish(options.slice, options.temperature, options.strength)
    unread = 0
    for path, target in jobs:
        if target.exists():
            print(f"colourise: {target} exists already: left as it is", file=sys.stderr)
            continue
        try:
            if is_film(path):
                film(path, target, options)
            else:
                one(path, target, colourist, wish, options.compare)
            print(target, flush=True)
        except SourceError as error:
            unread += 1
            print(f"colourise: {error}", file=sys.stderr)
    if unread == len(jobs):
        raise SourceError("no photograph could be read; give JPEG, PNG, TIFF or WebP files")
    return 0


def one(path: Path, target: Path, colourist, wish, compare: bool) -> None:
    """Read, colour and write one photograph. Raises SourceError, ConfigError."""
    from narcissus.core.files import writing_whole
    from narcissus.stills.photograph import read_photograph
    from narcissus.stills.still import Painting

    painting = Painting(read_photograph(read(path), str(path)), colourist, wish)
    try:
        with writing_whole(target) as file:
            painting.write(file)
        if compare:
            write_comparison(painting, target.with_name(f"{target.stem}-compare.png"))
    except OSError as error:
        raise ConfigError(f"{target}: cannot be written ({error.strerror}); name another folder with --out") from None


def film(path: Path, target: Path, options: argparse.Namespace) -> None:
    """Play the film to the work and keep what it answers. Raises NarcissusError."""
    from tqdm import tqdm

    from narcissus.app.build import Doors, Installation
    from narcissus.app.offline import play_film
    from narcissus.app.settings import Settings, tuned

    dials = {"slice": options.slice, "strength": options.strength, "temperature": options.temperature or "auto"}
    asked = {f"scenes.colourise.{name}": value for name, value in dials.items()}
    settings = tuned(Settings(source=str(path), scene="colourise"), asked)
    bar = lambda frames: tqdm(frames, desc=path.name, unit="frame", disable=None)
    play_film(Installation(settings, Doors(live=False)), path, target, bar, as_in_the_film=True)


def write_comparison(painting, target: Path) -> None:
    from narcissus.core.files import writing_whole
    from narcissus.stills.still import compared

    if target.exists():
        print(f"colourise: {target} exists already: left as it is", file=sys.stderr)
        return
    with writing_whole(target) as file:
        file.write(compared(painting, COMPARED))
    print(target, flush=True)


def model(name: str) -> Path:
    return Path(name) if name.endswith(".npz") else MODELS / f"{name}.npz"


if __name__ == "__main__":
    sys.exit(main())
