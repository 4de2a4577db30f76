"""Draw uncurated samples of a generator into one picture.

    python scripts/draw_samples.py models/pg_gan/narcissus-128.npz models/pg_gan/narcissus-128-samples.png

The latents are the first ones of numpy.random.default_rng(SEED); none is left out.
"""

import argparse
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from narcissus.core.errors import NarcissusError  # noqa: E402
from narcissus.core.flags import natural, seed  # noqa: E402


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("generator", type=Path, help="the generator's .npz, its sidecar beside it")
    parser.add_argument("picture", type=Path, help="the .png to write")
    parser.add_argument("--seed", type=seed, default=0, help="of the latents (default: 0)")
    parser.add_argument("--rows", type=natural, default=8, help="default: 8")
    parser.add_argument("--columns", type=natural, default=8, help="default: 8")
    chosen = parser.parse_args(words)
    if min(chosen.rows, chosen.columns) < 1 or chosen.picture.suffix != ".png":
        parser.error("rows and columns must be at least 1, and the picture's name must end in .png")
    try:
        draw(chosen.generator, chosen.picture, chosen.seed, chosen.rows, chosen.columns)
    except NarcissusError as fault:
        print(f"draw_samples: {fault}", file=sys.stderr)
        return fault.exit_code
    except OSError as fault:
        print(f"draw_samples: {fault}", file=sys.stderr)
        return 73  # EX_CANTCREAT
    return 0


def draw(generator: Path, picture: Path, seed: int, rows: int, columns: int) -> None:
    import cv2

    from narcissus.core.files import write_whole
    from narcissus.networks.pggan import Generator
    from narcissus.networks.pggan.samples import contact_sheet

    sheet = contact_sheet(Generator.load(generator, precision="float32"), seed, rows, columns)
    write_whole(picture, cv2.imencode(".png", sheet[..., ::-1])[1].tobytes())
    print(f"{picture}: {rows * columns} samples, latents of numpy.random.default_rng({seed})")


if __name__ == "__main__":
    sys.exit(main())
