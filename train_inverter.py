"""Train the inverter: draw faces, see them as the mirror would, learn which latent looks like which numbers.

example:
  python train_inverter.py --generator celebahq-1024 --pairs 20000
  python train_inverter.py --generator celebahq-1024 --cluster tcp://host:8786

Writes inverter.joblib, inverter.json and report.md with its pictures. Finished batches of faces are kept in a folder
"pairs" beside them: stopped with Ctrl-C, the same command goes on where it was, and comes to the same result.
"""

import argparse
import os
import sys
from pathlib import Path

ESTIMATORS = ("nystroem", "ridge", "pls", "mlp", "neighbours", "forest")


def count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--generator", default="utk-64", help="a name in models/pg_gan/ or the path of an .npz (default: utk-64)"
    )
    parser.add_argument(
        "--pairs", type=count, default=20_000, help="how many faces to draw; at least 1000 (default: 20000)"
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same inverter (default: 0)")
    parser.add_argument("--out", type=Path, help="the folder to write (default: models/inverter/<generator>)")
    parser.add_argument(
        "--estimator", choices=ESTIMATORS, default="nystroem", help="what maps features to latents (default: nystroem)"
    )
    parser.add_argument(
        "--features", type=count, default=200, help="the most features that may be selected (default: 200)"
    )
    parser.add_argument("--workers", type=count, default=2, help="processes that look at the drawn faces (default: 2)")
    parser.add_argument(
        "--cluster", metavar="ADDRESS", help="see the faces on a Dask cluster instead, such as tcp://host:8786"
    )
    parser.add_argument(
        "--contest", action="store_true", help="let every estimator compete, and put the table into the report"
    )
    flags = parser.parse_args()
    if flags.pairs < 1000:
        parser.error("--pairs: fewer than 1000 faces teach nothing")
    return flags


def main() -> int:
    flags = arguments()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # the processor's instruction set is no news to an artist
    from narcissus.config import Settings
    from narcissus.errors import NarcissusError

    settings = Settings(generator=flags.generator)
    out = flags.out or settings.inverter_folder
    try:
        from narcissus.pggan import Generator
        from narcissus.training import Plan, train

        generator = Generator.load(settings.generator_path)
        plan = Plan(
            flags.pairs, flags.seed, flags.features, flags.workers, flags.estimator, flags.contest, flags.cluster
        )
        train(generator, settings.attributes_folder, out, plan)
    except NarcissusError as error:
        print(f"train_inverter: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"train_inverter: {error.filename or out}: {error.strerror}", file=sys.stderr)
        return 74  # EX_IOERR
    except KeyboardInterrupt:
        print(
            "\ntrain_inverter: stopped; finished batches are kept, the same command goes on from there", file=sys.stderr
        )
        return 130
    print(f"Written: {out}/inverter.joblib, inverter.json, report.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
