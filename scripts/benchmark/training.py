"""Section "training": how many pairs of latent and row a second, and what that makes for a whole inverter."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmark.footage import fitted
from benchmark.generators import MIDDLING, SHIPPED, random_weights
from benchmark.processes import finished
from benchmark.rows import Options, Row
from narcissus.app.settings import Settings
from narcissus.core.files import HOME
from narcissus.networks.pggan import Generator

WORKERS = 2
WHOLE = 20_000  # pairs of an inverter for an official network


class Enlarged:
    """Costs what a 128 px network costs, and draws faces: random weights are run, and their noise thrown away."""

    def __init__(self, generator: Generator, threads: int | None) -> None:
        weights = random_weights(128, latent_size=generator.latent_size, **MIDDLING)
        self._cost, self._faces = Generator(weights, threads=threads), generator
        self.name, self.sha256, self.precision = "enlarged-128", "0" * 64, generator.precision
        self.latent_size = generator.latent_size

    def render(self, latents: np.ndarray) -> np.ndarray:
        self._cost.render(latents)
        return np.stack([fitted(face, (128, 128)) for face in self._faces.render(latents)])


def rows(options: Options) -> Iterator[Row]:
    generator = Generator.load(SHIPPED, threads=options.threads)
    count = 500 if options.quick else 1000
    yield Row("training", "64 px, as it ships", pace(generator, count))
    yield Row(
        "training",
        "128 px",
        pace(Enlarged(generator, options.threads), count),
        "random weights, shipped faces enlarged",
    )
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
