#!/usr/bin/env python
"""The reflections of photographs, without a camera.

    python scripts/reflect.py me.jpg
        writes out/me-reflected.png: the photograph with its landmarks, the reflection, τ = 0.5, 1 and 1.5, and what
        the machine guessed
    python scripts/reflect.py people/ --out DIR
        one such sheet for every photograph of a folder
    python scripts/reflect.py people/ --out DIR --only-reflection
        the bare reflections, <name>.png, in the generator's size

Nothing is overwritten: a sheet that is there already gets -2, -3, … behind its name. Photographs without a face are
named and passed over; the exit code is 65 only where none had a face.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads that wait for one another only cost

from narcissus.app.settings import load  # noqa: E402
from narcissus.core.errors import NarcissusError, NoFace, SourceError, SourceMissing  # noqa: E402

EXAGGERATIONS = (0.5, 1.0, 1.5)
SIDE = 560  # pixels of the viewer's face, cut out for the sheet
PAPER = (235, 232, 224)  # what stands where the photograph ends


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="photographs, or folders of them")
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="default: out, which git ignores")
    parser.add_argument("--only-reflection", action="store_true", help="the bare reflection, in the generator's size")
    parser.add_argument("--config", type=Path, default=ROOT / "config.yaml", metavar="FILE")
    parser.add_argument("--generator", help="a name in models/pg_gan/, or an .npz; default: the one in config.yaml")
    return parser.parse_args(words)


def main(words: list[str] | None = None) -> int:
    options = arguments(words)
    try:
        reflect(options)
    except NarcissusError as error:
        print(f"reflect: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def reflect(options: argparse.Namespace) -> None:
    """Raises SourceMissing where a photograph is not there, NoFace where none of them holds a face that can be read."""
    from narcissus.core.files import unused, write_whole
    from narcissus.features.portrait import COLUMNS
    from narcissus.inverter import Inverter
    from narcissus.lab.likeness.conditions import Reflector
    from narcissus.lab.likeness.perception import Eye
    from narcissus.lab.likeness.pictures import png
    from narcissus.networks.attributes import Attributes
    from narcissus.networks.pggan import Generator

    photos = list(every_photo(options.photos))
    settings = load(options.config, generator=options.generator)
    generator = Generator.load(settings.generator_path)
    inverter = Inverter.open(settings.inverter_folder, generator.sha256, COLUMNS)
    eye = Eye(Attributes.open(settings.attributes_folder))
    reflector = Reflector(inverter, generator, settings.scenes.mirror.exaggeration)
    faceless, unread, written = [], [], 0
    for path in photos:
        try:
            image = read(path)
        except SourceError as error:
            unread.append(str(path))
            print(f"reflect: {error}", file=sys.stderr)
            continue
        look = eye.look([image])
        if not look.found[0]:
            faceless.append(str(path))
            continue
        picture = bare(look, reflector) if options.only_reflection else sheet(image, look, inverter, reflector, eye)
        suffix = "" if options.only_reflection else "-reflected"
        target = unused(options.out / f"{path.stem}{suffix}.png")
        write_whole(target, png(picture))
        written += 1
        print(target)
    if faceless:
        print(f"reflect: no face in {', '.join(faceless)}", file=sys.stderr)
    if not written:
        raise NoFace(
            f"no reflection: of {len(photos)} photographs {len(unread)} are unreadable, {len(faceless)} hold no face; "
            "give photographs in which a face is upright, seen from the front and at least 80 pixels wide"
        )


def every_photo(paths: list[Path]) -> Iterator[Path]:
    from narcissus.lab.likeness.album import Album

    for path in paths:
        if path.is_dir():
            yield from (path / photo.name for photo in Album(path, by_person=False).photos)
        elif path.is_file():
            yield path
        else:
            raise SourceMissing(f"{path}: no such photograph or folder")


def read(path: Path):
    from narcissus.lab.likeness.pictures import decode

    try:
        return decode(path.read_bytes(), str(path))
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})") from None


def bare(look, reflector):
    """uint8 (R, R, 3)."""
    return reflector.pictures(reflector.latents(look.rows))[0]


def sheet(image, look, inverter, reflector, eye):
    """uint8 (H, W, 3)."""
    import numpy as np

    from narcissus.lab.likeness.card import card
    from narcissus.lab.likeness.pictures import brought, laid
    from narcissus.networks.attributes import Guesses

    latents = np.concatenate([reflector.latents(look.rows, exaggeration) for exaggeration in EXAGGERATIONS])
    reflections = dict(zip(EXAGGERATIONS, reflector.pictures(latents), strict=True))
    place = beside(reflections[1.0], eye)
    viewer = brought(image, look.landmarks[0], place, SIDE, beyond=PAPER)
    landmarks = laid(look.landmarks[0], place)
    guesses = Guesses.of(look.guesses[0])
    return card(viewer, landmarks, reflections, 1.0, guesses, float(inverter.explain(look.rows)[1][0]))


def beside(reflection, eye):
    """Where the viewer's landmarks belong in a square of SIDE: where the reflection's are, or in the middle."""
    from narcissus.features.spatial import MEAN_SHAPE

    seen = eye.look([reflection])
    if seen.found[0]:
        return (seen.landmarks[0] + 0.5) * (SIDE / reflection.shape[0]) - 0.5
    return (MEAN_SHAPE - MEAN_SHAPE.mean(axis=0)) * 0.45 * SIDE + (0.5 * SIDE, 0.55 * SIDE)


if __name__ == "__main__":
    sys.exit(main())
