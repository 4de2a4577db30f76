"""Section "generator": milliseconds a picture, beside the plain network and the ceiling, all in the same rounds."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from benchmark import arithmetic, ceiling
from benchmark.plain import plain
from benchmark.rows import Options, Row
from benchmark.timing import Times, interleaved, ratio
from narcissus.core.files import HOME
from narcissus.networks.pggan import Generator, backend
from narcissus.networks.pggan import weights as files
from narcissus.networks.pggan.arguments import Arguments
from narcissus.networks.pggan.generator import MOST_PIXELS
from narcissus.networks.pggan.weights import Weights

MODELS = HOME / "models" / "pg_gan"
SHIPPED = {64: MODELS / "utk-64.npz", 128: MODELS / "narcissus-128.npz"}
MIDDLING = {"fmap_base": 4096, "fmap_max": 256}
OFFICIAL = {"fmap_base": 8192, "fmap_max": 512}  # Karras et al. 2018: celebahq-1024x1024
IMAGINED = {256: MIDDLING, 1024: OFFICIAL}
BATCHES = (1, 16)


def rows(options: Options) -> Iterator[Row]:
    networks = {size: partial(files.read, path) for size, path in SHIPPED.items()}
    networks |= {size: partial(random_weights, size, **shape) for size, shape in IMAGINED.items()}
    for resolution, read in networks.items():
        weights = read()
        for precision in ceiling.precisions():
            generator = Generator(weights, precision=precision, threads=options.threads)
            for batch in BATCHES:
                name = f"{resolution} px, batch {batch}, {precision}"
                if options.quick and resolution**2 * batch > 512**2:
                    yield Row("generator", name, note="skipped by --quick")
                elif resolution**2 * batch > MOST_PIXELS and not backend.on_gpu():
                    yield Row("generator", name, note="only where a GPU draws: a processor gains nothing by a batch")
                else:
                    yield Row("generator", name, figures(generator, weights, batch, options))


def random_weights(resolution: int, **shape: int) -> Weights:
    """A network of this shape that has learned nothing; it takes as long as one that has."""
    arguments = Arguments(resolution=resolution, num_channels=3, fused_scale=False, **shape)
    rng = np.random.default_rng(0)
    variables = {name: rng.standard_normal(size).astype(np.float32) for name, size in arguments.shapes().items()}
    variables["lod"] = np.zeros((), np.float32)
    return Weights(arguments, variables, f"random-{resolution}", "made for measuring", "none")


def figures(generator: Generator, weights: Weights, batch: int, options: Options) -> dict[str, float]:
    """Ours, plain in the same precision, plain in float32, and the generator's own convolutions bare, taking turns."""
    latents = np.random.default_rng(0).standard_normal((batch, generator.latent_size)).astype(np.float32)
    once = max(1, min(batch, MOST_PIXELS // generator.resolution**2))  # the plain one needs memory too
    functions = {"ours": partial(generator.render, latents)}
    for precision in {generator.precision, "float32"}:
        functions[precision] = partial(_in_parts, plain(weights.arguments, weights.variables, precision), latents, once)
    layers = {layer for layer in arithmetic.convolutions(weights.arguments, fused=True) if layer.kernel == 3}
    for layer in layers:
        functions[layer] = ceiling.bare(layer, once, generator.precision)
    functions["product"] = ceiling.product(generator.precision)
    times = interleaved(functions, seconds=3 if options.quick else 6, least=3)
    work = arithmetic.operations(weights.arguments) * batch
    ours, best = times["ours"], _best(layers, times)
    clock = "processor" if generator.threads == 1 and not backend.on_gpu() else "wall"
    return {
        **ours.figures(),
        "ms a picture": ours.ms / batch,
        "× plain": ratio(times[generator.precision], ours, clock=clock),
        "× plain float32": ratio(times["float32"], ours, clock=clock),
        "GFLOP": work / 1e9,
        "% of convolution": 100 * share(work, ours, best.operations * once, times[best], clock),
        "% of product": 100 * share(work, ours, 2 * ceiling.SIDE**3, times["product"], clock),
        "threads": generator.threads,
    }


def _best(layers, times: dict[object, Times]) -> arithmetic.Convolution:
    """The generator's own convolution that does most in a second when it is alone: nothing in it could be faster."""
    return max(layers, key=lambda layer: layer.operations / min(times[layer].processor))


def share(work: int, times: Times, most: int, best: Times, clock: str) -> float:
    """`work` done in `times` over what could have been done at the rate of `most` in `best`."""
    return work / most * ratio(best, times, clock=clock)


def _in_parts(function, latents: np.ndarray, size: int) -> None:
    for start in range(0, len(latents), size):
        function(latents[start : start + size])
