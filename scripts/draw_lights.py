#!/usr/bin/env python
"""Draw the reflections of films' viewers under four lights, with the light taken off and without.

    python scripts/draw_lights.py viewers/*.mp4 --out docs/lighting.png

A column for each film, two rows for each light: `colour: on`, which answers the lamp, and `colour: auto`, which ships.
Only drawn faces are in the picture; nothing of the viewers is.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from narcissus.app.settings import Settings, load  # noqa: E402
from narcissus.core.errors import NarcissusError  # noqa: E402


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="+", type=Path, metavar="FILE", help="films of people before a camera")
    parser.add_argument(
        "--out", type=Path, default=Path("out/lighting.png"), metavar="FILE", help="default: %(default)s"
    )
    parser.add_argument("--config", type=Path, default=ROOT / "config.yaml", metavar="FILE")
    options = parser.parse_args(words)
    try:
        draw(options)
    except NarcissusError as error:
        print(f"draw_lights: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def draw(options: argparse.Namespace) -> None:
    """Raises SourceMissing where a film is not there, ModelError where a file cannot be used."""
    from narcissus.lab.likeness.light_sheet import sheet
    from narcissus.sinks.png import write_png

    settings = load(options.config)
    rows = {f"colour: {colour}": scene_of(settings, colour) for colour in ("on", "auto")}
    picture = sheet(options.films, rows)
    write_png(options.out, picture)
    print(f"{options.out}: {picture.shape[1]}×{picture.shape[0]}")


def scene_of(settings: Settings, colour: str):
    """The mirror of an installation with this `colour:`."""
    from narcissus.app.build import Installation

    mirror = settings.scenes.mirror.model_copy(update={"colour": colour})
    scenes = settings.scenes.model_copy(update={"mirror": mirror})
    return Installation(settings.model_copy(update={"source": "films", "scenes": scenes})).scene()


if __name__ == "__main__":
    sys.exit(main())
