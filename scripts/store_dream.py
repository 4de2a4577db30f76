"""Draws a dream on a closed path and stores it for the moments when no generator can draw.

    python scripts/store_dream.py [--generator models/pg_gan/narcissus-128.npz] [--seed 4]

The result lies in models/dream/ under the generator's name: while the mirror starts, while it is being mended, and when
it cannot be mended, the wall shows it. Pictures larger than 128 px are stored smaller.
"""

import argparse
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from narcissus.core.flags import seed  # noqa: E402
from narcissus.core.sections import DEFAULT_GENERATOR  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--generator", type=Path, default=HOME / "models" / "pg_gan" / f"{DEFAULT_GENERATOR}.npz")
    parser.add_argument("--seed", type=seed, default=4)
    asked = parser.parse_args()

    from narcissus.core.errors import NarcissusError
    from narcissus.lab.dreaming import dreamed
    from narcissus.networks.pggan import Generator

    try:
        generator = Generator.load(asked.generator)
    except NarcissusError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    path = HOME / "models" / "dream" / f"{generator.name}.npz"
    dreamed(generator, asked.seed).save(path, generator=generator.name, seed=str(asked.seed))
    print(f"{path}: {path.stat().st_size / 2**20:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
