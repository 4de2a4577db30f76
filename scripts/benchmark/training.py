"""Section "training": how many pairs of latent and row a second, and what that makes for a whole inverter."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmark.generators import SHIPPED
from benchmark.processes import finished
from benchmark.rows import Options, Row
from narcissus.app.settings import Settings
from narcissus.core.files import HOME
from narcissus.networks.pggan import Generator

WORKERS = 2
WHOLE = 20_000  # pairs of an inverter for an official network


def rows(options: Options) -> Iterator[Row]:
    count = 500 if options.quick else 1000
    for size, path in SHIPPED.items():
        yield Row("training", f"{size} px", pace(Generator.load(path, threads=options.threads), count))
    if options.quick:
        yield Row("training", "train_inverter.py", note="skipped by --quick")
        return
    with tempfile.TemporaryDirectory() as folder:
        pairs = 2000
        ran = finished(["train_inverter.py", "--pairs", str(pairs), "--out", folder, "--workers", str(WORKERS)], HOME)
    figures = {"pairs": pairs, "minutes": ran.seconds / 60, "most memory, GB": ran.most_memory / 1e9}
    yield Row("training", "train_inverter.py, all of it", figures)


def pace(generator, count: int) -> dict[str, float]:
    """Pairs a second once the workers are there, and the minutes that a whole set would take."""
    from narcissus.lab.training.pairs import CHUNK, draw_pairs

    attributes = Settings().attributes_folder
    with tempfile.TemporaryDirectory() as folder:
        draw_pairs(generator, WORKERS * CHUNK, 0, Path(folder), WORKERS, attributes)
        start = time.perf_counter()
        pairs = draw_pairs(generator, count, 1, Path(folder), WORKERS, attributes)
        seconds = time.perf_counter() - start
    a_second = pairs.drawn / seconds
    return {"pairs a second": a_second, f"minutes for {WHOLE}": WHOLE / a_second / 60, "workers": WORKERS}
