"""Convert an official PG-GAN pickle to the .npz and sidecar that the mirror reads.

    python scripts/import_pggan.py karras2018iclr-celebahq-1024x1024.pkl models/pg_gan/celebahq-1024.npz

The pickle is read as data: nothing in it is imported, called or run, and TensorFlow 1 is not needed. Of its three
networks `Gs` is taken, the running average that draws best. A few pictures are drawn before anything is written. Then:

    python train_inverter.py --generator celebahq-1024      teach the mirror to speak to it
    python run_mirror.py --generator celebahq-1024

Exit status: 0 done; 78 the pickle cannot be used, in one line why; 73 the result cannot be written.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from narcissus.core.errors import ModelCorrupt, ModelMismatch, NarcissusError, NotFinite  # noqa: E402
from narcissus.core.files import sha256_of  # noqa: E402
from narcissus.core.printable import brief, printable  # noqa: E402
from narcissus.core.saying import complain, prepare_streams  # noqa: E402

OFFICIAL = "karras2018iclr-"  # how the names of the authors' own files begin
OFFICIAL_LICENCE = "CC BY-NC 4.0 (Karras et al. 2018, pre-trained networks): attribution, no commercial use."
UNKNOWN_LICENCE = "Not stated: ask whoever trained this network, and name it with --licence."
CHECKS = 4  # pictures


def main(words: list[str] | None = None) -> int:
    prepare_streams()
    chosen = arguments(words)
    try:
        convert(chosen)
    except NarcissusError as fault:
        complain(f"import_pggan: {fault}")
        return fault.exit_code
    except OSError as fault:
        complain(f"import_pggan: {fault}")
        return 73  # EX_CANTCREAT
    except KeyboardInterrupt:
        complain("import_pggan: stopped; nothing is written half")
        return 130
    return 0


def arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pickle", type=Path, help="the official .pkl, holding (G, D, Gs)")
    parser.add_argument("target", type=Path, help="the .npz to write; its sidecar .json goes beside it")
    parser.add_argument(
        "--half", action="store_true", help="store float16: half the size, pictures at most one grey level off"
    )
    parser.add_argument("--origin", help="where the network comes from (default: the pickle's name and sha256)")
    parser.add_argument("--licence", help="what may be done with it (default: CC BY-NC 4.0 for the authors' own files)")
    parser.add_argument("--samples", type=Path, metavar="FILE.png", help="also draw 16 uncurated samples")
    chosen = parser.parse_args(words)
    if chosen.target.suffix != ".npz":
        parser.error(f"{chosen.target}: the target's name must end in .npz")
    if chosen.samples and chosen.samples.suffix != ".png":
        parser.error(f"{chosen.samples}: the samples' name must end in .png")
    return chosen


def convert(chosen: argparse.Namespace) -> None:
    from narcissus.networks.pggan import legacy, weights
    from narcissus.store import sidecar_of

    print(f"Reading {chosen.pickle} as data; nothing in it is run", flush=True)
    official = legacy.read(chosen.pickle)
    _describe(official)
    converted = weights.Weights(
        official.arguments,
        _stored(official.variables, chosen),
        chosen.target.stem,
        chosen.origin
        or f"{chosen.pickle.name}, sha256 {sha256_of(chosen.pickle)}; its Gs ({official.name}), converted",
        chosen.licence or (OFFICIAL_LICENCE if chosen.pickle.name.startswith(OFFICIAL) else UNKNOWN_LICENCE),
    )
    generator = _checked(converted, chosen.pickle)
    sha256 = weights.write(chosen.target, converted)
    print(f"Wrote {chosen.target} ({chosen.target.stat().st_size / 1e6:.1f} MB, sha256 {sha256[:12]}…)")
    print(f"Wrote {sidecar_of(chosen.target)}; licence: {converted.licence}")
    if chosen.samples:
        _draw_samples(generator, chosen.samples)


def _describe(official) -> None:
    arguments = official.arguments
    count = sum(array.size for array in official.variables.values())
    print(
        f"Gs: {arguments.resolution}×{arguments.resolution} px, {arguments.num_channels} channels, latent "
        f"{arguments.latent_size}, labels {arguments.label_size}, {count / 1e6:.2f} M weights"
    )
    if official.variables["lod"]:
        print(f"It was still growing when it was stored (lod {float(official.variables['lod']):.2f}) and is drawn so")
    for name, value in official.ignored.items():
        print(f"Left out, it does not change the pictures: {printable(name, 60)}={brief(value)}")


def _stored(variables: dict[str, np.ndarray], chosen: argparse.Namespace) -> dict[str, np.ndarray]:
    """The arrays in the type they are kept in; `lod` is a level, not a weight, and stays exact."""
    kept = np.float16 if chosen.half else np.float32
    with np.errstate(over="ignore"):  # looked for below
        stored = {name: array.astype(np.float32 if name == "lod" else kept) for name, array in variables.items()}
    for name, array in stored.items():
        if not np.isfinite(array).all():
            remedy = "leave out --half" if chosen.half else "such a network cannot be used"
            raise ModelMismatch(f"{chosen.pickle}: {name} is too large for {array.dtype}; {remedy}")
    return stored


def _checked(converted, source: Path):
    """The generator, once it has drawn pictures that are finite."""
    from narcissus.networks.pggan import Generator

    print("Drawing a few pictures as a check", flush=True)
    generator = Generator(converted)
    latents = np.random.default_rng(0).standard_normal((CHECKS, generator.latent_size))
    try:
        pictures = generator.render(latents)
    except NotFinite as fault:
        raise ModelCorrupt(f"{source}: its pictures are not finite; download it again") from fault
    print(f"{CHECKS} pictures: mean {pictures.mean():.0f} of 255, spread {pictures.std():.0f}, all finite")
    return generator


def _draw_samples(generator, path: Path) -> None:
    import cv2

    from narcissus.core.files import write_whole
    from narcissus.networks.pggan.samples import contact_sheet

    sheet = contact_sheet(generator, seed=0, rows=4, columns=4)
    write_whole(path, cv2.imencode(".png", sheet[..., ::-1])[1].tobytes())
    print(f"Wrote {path}: 16 samples, uncurated, latents of numpy.random.default_rng(0)")


if __name__ == "__main__":
    sys.exit(main())
