#!/usr/bin/env python
"""How good are a generator's faces? As a share of faces found, and in two distances from real portraits.

    python scripts/judge_generator.py narcissus-128 --faces portraits.zip --last 1500

Prints one table and, with --json FILE, writes the same for machines. The last portraits must be ones that the generator
was not taught with; as many before them are the floor: real faces against real faces.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from narcissus.app.settings import Settings  # noqa: E402
from narcissus.core.errors import NarcissusError, SourceError  # noqa: E402
from narcissus.core.flags import natural, seed  # noqa: E402
from narcissus.core.saying import complain, tell  # noqa: E402


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("generators", nargs="+", metavar="NAME", help="in models/pg_gan/, or the path of an .npz")
    parser.add_argument(
        "--faces", required=True, metavar="ZIP_OR_DIR", help="real portraits, cut as the drawn ones are"
    )
    parser.add_argument(
        "--last", type=natural, default=1500, metavar="N", help="only the last N (default: %(default)s)"
    )
    parser.add_argument(
        "--workers", type=natural, default=min(4, os.cpu_count() or 1), metavar="N", help="processes that look"
    )
    parser.add_argument("--seed", type=seed, default=0)
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args(words)


def main(words: list[str] | None = None) -> int:
    asked = arguments(words)

    from narcissus.lab.likeness.seeing import SeeingPool, see_each

    try:
        with SeeingPool(asked.workers) if asked.workers > 1 else nullcontext() as pool:
            figures = judge(asked, pool.each if pool else see_each)
    except NarcissusError as error:
        complain(f"judge_generator: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    if asked.json:
        from narcissus.core.files import write_whole

        write_whole(asked.json, json.dumps(figures, indent=2) + "\n")
    return 0


def judge(asked: argparse.Namespace, each: Callable) -> dict[str, dict]:
    """Name -> figures; each is printed as soon as it is known. `each` as in `drawing_quality.judged`."""
    import numpy as np
    from tqdm import tqdm

    from narcissus.lab.drawing_quality import Judged, against, drawn, fitted, judged
    from narcissus.lab.likeness.album import Album
    from narcissus.networks.pggan import Generator

    album = Album(asked.faces, by_person=False)
    if len(album.photos) < 2 * asked.last:
        raise SourceError(
            f"{asked.faces}: {len(album.photos)} pictures; {2 * asked.last} are wanted, half of them for the floor; "
            f"give more, or --last {max(1, len(album.photos) // 2)}"
        )
    album.last(2 * asked.last)
    portraits = [album.read(photo) for photo in album.photos]

    def look(what: str, pictures: np.ndarray) -> Judged:
        return judged(pictures, lambda seen: tqdm(seen, what, len(pictures), unit="face", disable=None), each)

    figures: dict[str, dict] = {}
    seen: dict[int, tuple] = {}  # side -> the world and the floor
    for name in asked.generators:
        generator = Generator.load(Settings(generator=name).generator_path)
        side = generator.resolution
        if side not in seen:
            faces = np.stack([fitted(portrait, side) for portrait in portraits])
            seen[side] = look("real", faces[-asked.last :]), look("floor", faces[: -asked.last])
            figures[f"real faces at {side} px"] = against(*seen[side], asked.seed)
            tell(line(f"real faces at {side} px", figures[f"real faces at {side} px"]))
        faces = drawn(generator, asked.last, asked.seed)
        figures[name] = against(seen[side][0], look(name, faces), asked.seed)
        tell(line(name, figures[name]))
    return figures


def line(name: str, figures: dict) -> str:
    levels = ", ".join(f"{side}: {value}" for side, value in figures["sliced_wasserstein"].items())
    return f"{name}: faces found {figures['found']:.1%}, Fréchet {figures['frechet']}, sliced Wasserstein {levels}"


if __name__ == "__main__":
    sys.exit(main())
