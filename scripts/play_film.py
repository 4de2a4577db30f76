#!/usr/bin/env python
"""Show a film to a work, and keep the film that it answers with: every picture of it, with the sound, however slow.

examples:
  python scripts/play_film.py clip.mp4                          writes out/clip-mirror.webm
  python scripts/play_film.py clip.mp4 --scene mirror --out .   writes ./clip-mirror.webm
"""

import argparse
import os
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from narcissus.app.settings import load  # noqa: E402
from narcissus.core.errors import NarcissusError  # noqa: E402
from narcissus.core.saying import complain, tell  # noqa: E402
from narcissus.scenes import SCENES  # noqa: E402


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="+", type=Path, metavar="FILM", help="videos, such as MP4 or WebM")
    parser.add_argument("--scene", choices=SCENES, help="the work; default: the one in config.yaml")
    parser.add_argument("--generator", metavar="NAME", help="default: the one in config.yaml")
    parser.add_argument("--config", type=Path, default=HOME / "config.yaml", metavar="FILE")
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="default: %(default)s")
    asked = parser.parse_args(words)
    try:
        for film in asked.films:
            tell(f"{play(film, asked)}")
    except NarcissusError as error:
        complain(f"play_film: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        complain("play_film: stopped; the film that was being written is not kept, those before it are")
        return 130
    return 0


def play(film: Path, asked: argparse.Namespace) -> Path:
    from tqdm import tqdm

    from narcissus.app.build import Doors, Installation
    from narcissus.app.offline import play_film

    settings = load(asked.config, source=str(film), scene=asked.scene, generator=asked.generator)
    written = asked.out / f"{film.stem}-{settings.scene}.webm"
    bar = lambda frames: tqdm(frames, desc=film.name, unit="frame", disable=None)
    play_film(Installation(settings, Doors(live=False)), film, written, bar)
    return written


if __name__ == "__main__":
    sys.exit(main())
