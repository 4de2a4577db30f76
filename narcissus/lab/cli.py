"""Train the inverter: draw faces, see them as the mirror would, learn which latent looks like which numbers.

example:
  python train_inverter.py --generator celebahq-1024 --pairs 20000
  python train_inverter.py --generator celebahq-1024 --portraits portraits.zip
  python train_inverter.py --generator celebahq-1024 --cluster tcp://host:8786

Writes inverter.joblib, inverter.json, report.html, which is the page to look at, and faces.png. Finished batches of
faces are kept in a folder "pairs" beside them: stopped with Ctrl-C at any moment, the same command goes on and comes to
the same result. What it will take of disk and memory is looked at first.
"""

import argparse
import os
import sys
from pathlib import Path

from narcissus.core.flags import natural, seed
from narcissus.core.sections import DEFAULT_GENERATOR

LEAST = 1000  # pairs
ESTIMATORS = ("nystroem", "ridge", "pls", "mlp", "neighbours", "forest")


def cores() -> int:
    """Those that this process may use; a worker takes half a gigabyte, so not more than eight unless asked for."""
    return min(8, len(os.sched_getaffinity(0)))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--generator",
        default=DEFAULT_GENERATOR,
        help="a name in models/pg_gan/ or the path of an .npz (default: %(default)s)",
    )
    parser.add_argument(
        "--pairs", type=natural, default=20_000, help="how many faces to draw; at least 1000 (default: 20000)"
    )
    parser.add_argument("--seed", type=seed, default=0, help="the same seed gives the same inverter (default: 0)")
    parser.add_argument("--out", type=Path, help="the folder to write (default: models/inverter/<generator>)")
    parser.add_argument(
        "--estimator", choices=ESTIMATORS, default="nystroem", help="what maps features to latents (default: nystroem)"
    )
    parser.add_argument(
        "--features", type=natural, default=200, help="the most features that may be selected (default: 200)"
    )
    parser.add_argument(
        "--workers", type=natural, default=cores(), help="processes that look at the drawn faces (default: %(default)s)"
    )
    parser.add_argument(
        "--portraits", type=Path, metavar="DIR_OR_ZIP", help="real faces: the report compares the drawn ones with them"
    )
    parser.add_argument(
        "--cluster", metavar="ADDRESS", help="see the faces on a Dask cluster instead, such as tcp://host:8786"
    )
    parser.add_argument(
        "--contest", action="store_true", help="let every estimator compete, and put the table into the report"
    )
    flags = parser.parse_args()
    if flags.pairs < LEAST:
        parser.error(f"--pairs: fewer than {LEAST} faces teach nothing")
    return flags


def main() -> int:
    flags = arguments()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # the processor's instruction set is no news to an artist
    from narcissus.core.errors import NarcissusError
    from narcissus.core.sections import SharedSettings

    settings = SharedSettings(generator=flags.generator)
    out = flags.out or settings.inverter_folder
    try:
        from narcissus.lab.training import Plan, train
        from narcissus.networks.pggan import Generator

        generator = Generator.load(settings.generator_path)
        plan = Plan(
            pairs=flags.pairs,
            seed=flags.seed,
            features=flags.features,
            workers=flags.workers,
            estimator=flags.estimator,
            contest=flags.contest,
            cluster=flags.cluster,
            portraits=flags.portraits,
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
    print(f"Written: {out}/inverter.joblib and inverter.json. Look at {out}/report.html")
    return 0
