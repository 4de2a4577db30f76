#!/usr/bin/env python
"""How many pictures a second does this machine learn from? The training step of a generator, on random pictures.

    python scripts/measure_learning.py --size 128
        after half a minute or two: pictures a second, and how many cores were busy

Steps are those of scripts/train_generator.py at its full size, with R1 at every 16th; building them is not counted.
"""

import argparse
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from narcissus.core.flags import natural  # noqa: E402
from narcissus.core.saying import tell  # noqa: E402


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, choices=[2**log2 for log2 in range(3, 11)], default=128)
    parser.add_argument("--maps", type=natural, help="most feature maps (default: as train_generator.py has it)")
    parser.add_argument("--seconds", type=float, default=30, help="of measuring (default: %(default)s)")
    parser.add_argument("--threads", type=natural, default=min(8, len(os.sched_getaffinity(0))))
    options = parser.parse_args(words)
    from train_generator import prepare

    prepare(options.threads)
    tell(line(options.size, *measure(options.size, options.maps, options.seconds)))
    return 0


def measure(size: int, maps: int | None, least: float) -> tuple[int, float, float]:
    """Pictures, seconds, and seconds of processor time; whole rounds of 16 steps, in `least` seconds or more."""
    import numpy as np

    from narcissus.core.quiet import quiet

    with quiet():  # TensorFlow greets on the standard error whatever its log level
        from narcissus.lab.generator.adversaries import LAZILY, Adversaries, Moment, arguments_for
        from narcissus.lab.generator.plan import batch

        own = Adversaries(arguments_for(size, maps), 0)
    top = own.arguments.log2
    real = np.random.default_rng(0).integers(0, 256, (batch(top), size, size, 3), dtype=np.uint8)
    learn = lambda step: own.learn(real, Moment(step, 0, top, None))
    for step in range(LAZILY - 1, LAZILY + 1):  # one of each kind, to build them
        learn(step)
    step, begun, busy = LAZILY, time.perf_counter(), time.process_time()
    while time.perf_counter() - begun < least or step % LAZILY:
        step += 1
        learn(step)
    pictures = (step - LAZILY) * len(real)
    return pictures, time.perf_counter() - begun, time.process_time() - busy


def line(size: int, pictures: int, seconds: float, busy: float) -> str:
    return (
        f"{size} px: {pictures / seconds:.1f} pictures a second, {busy / seconds:.2f} cores busy; "
        f"{pictures / busy:.1f} for each second of a core ({pictures} pictures)"
    )


if __name__ == "__main__":
    sys.exit(main())
