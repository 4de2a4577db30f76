"""Train the inverter: draw faces, see them as the mirror would, learn which latent looks like which numbers.

Example:  python train_inverter.py --generator celebahq-1024 --pairs 20000
"""

import argparse
import sys
from pathlib import Path


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--generator", default="utk-64", help="a name in models/pg_gan/ or the path of an .npz (utk-64)"
    )
    parser.add_argument("--pairs", type=int, default=10_000, help="how many faces to draw (10000)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same inverter (0)")
    parser.add_argument("--out", type=Path, help="folder to write (models/inverter/<generator>/)")
    parser.add_argument("--features", type=int, default=200, help="the most features that may be selected (200)")
    parser.add_argument("--workers", type=int, default=2, help="processes that look at the drawn faces (2)")
    return parser.parse_args()


def main() -> int:
    from narcissus.config import Settings
    from narcissus.errors import NarcissusError

    flags = arguments()
    settings = Settings(generator=flags.generator)
    out = flags.out or settings.inverter_folder
    try:
        from narcissus.pggan import Generator
        from narcissus.training import train

        generator = Generator.load(settings.generator_path)
        train(generator, out, flags.pairs, flags.seed, flags.features, flags.workers, settings.attributes_folder)
    except NarcissusError as error:
        print(f"train_inverter: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(
            "\ntrain_inverter: stopped; finished batches are kept, the same command goes on from there", file=sys.stderr
        )
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
