#!/usr/bin/env python
"""The generators that others have published: what is there, what is missing, and how a file becomes a generator.

    python scripts/fetch_models.py --list
    python scripts/fetch_models.py celebahq-1024 --from ~/Downloads/karras2018iclr-celebahq-1024x1024.pkl
    python scripts/fetch_models.py celebahq-1024 --url https://host.of.a.mirror/karras2018iclr-celebahq-1024x1024.pkl

--from checks a file that you have downloaded, imports it and puts it in its place; your file stays as it is. --url
downloads first, from any mirror; stopped or cut off, the same command goes on where it was. The network is used with
--url alone. The sha256 of a file is compared before anything reads it. The authors publish none, so the first file that
can be imported is trusted and its sha256 written into models/pg_gan/trusted.json; later files must have it.

Exit status: 0 done; 69 the address gives no file; 73 the disk is full or read-only; 78 the file cannot be used; 130
stopped.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(HOME), str(HOME / "scripts")]

from fetching import catalogue, download, trust  # noqa: E402
from fetching.catalogue import NETWORKS, Network  # noqa: E402

from narcissus import store  # noqa: E402
from narcissus.core.errors import ModelCorrupt, ModelError, ModelMismatch, ModelMissing, NarcissusError  # noqa: E402
from narcissus.core.files import sha256_of  # noqa: E402
from narcissus.core.sections import DEFAULT_GENERATOR, NICKNAMES  # noqa: E402
from narcissus.store.kinds import GENERATOR  # noqa: E402

MODELS = HOME / "models"
SHIPPED = {DEFAULT_GENERATOR, *NICKNAMES.values()}


def main(words: list[str] | None = None) -> int:
    chosen = _arguments(words)
    folder = chosen.models / "pg_gan"
    try:
        if chosen.list:
            print("\n".join(listing(chosen.models)))
        else:
            obtain(NETWORKS[chosen.name], folder, chosen)
    except NarcissusError as fault:
        print(f"fetch_models: {fault}", file=sys.stderr)
        return fault.exit_code
    except OSError as fault:
        print(f"fetch_models: {fault.filename or folder}: {fault.strerror}; make room, then repeat", file=sys.stderr)
        return 73  # EX_CANTCREAT
    except KeyboardInterrupt:
        print("\nfetch_models: stopped; the same command goes on from there", file=sys.stderr)
        return 130
    return 0


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", help="the network, as --list names it")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--list", action="store_true", help="a table of what is there and what is missing")
    way.add_argument("--from", dest="file", type=Path, metavar="FILE", help="a file that you have downloaded")
    way.add_argument("--url", help="download it from here (http or https)")
    parser.add_argument("--sha256", type=_sha256, metavar="HEX", help="what the file must have, if you know it")
    parser.add_argument("--half", action="store_true", help="store float16: half the size, see import_pggan.py")
    parser.add_argument("--samples", type=Path, metavar="FILE.png", help="also draw 16 uncurated samples")
    parser.add_argument("--models", type=Path, default=MODELS, metavar="DIR", help="default: %(default)s")
    chosen = parser.parse_args(words)
    if not chosen.list and chosen.name not in NETWORKS:
        near = get_close_matches(chosen.name or "", NETWORKS, n=1)
        hint = f"did you mean {near[0]}?" if near else "see --list; any other pickle: scripts/import_pggan.py"
        parser.error(f"{chosen.name or 'no network'}: not known; {hint}")
    return chosen


def _sha256(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise argparse.ArgumentTypeError("must be 64 hexadecimal digits")
    return text.lower()


def obtain(network: Network, folder: Path, chosen: argparse.Namespace) -> None:
    """Check, import and place the file that was given or is downloaded. Raises NarcissusError, OSError."""
    target = folder / f"{network.name}.npz"
    if state(target) == "there":
        print(f"{target} is there already, and whole. To make it anew, delete it first.")
        return
    known = trust.trusted(folder).get(network.file, {}).get("sha256")  # before anything large is asked for
    file = chosen.file or downloaded(network, folder, chosen.url)
    if not file.is_file():
        raise ModelMissing(f"{file}: no such file; download {network.file} from {catalogue.WHERE}")
    try:
        size, sha256 = verified(file, network, folder, known, chosen.sha256)
        imported(file, sha256, target, network, chosen)
    except ModelError as fault:
        if chosen.file or (chosen.half and isinstance(fault, ModelMismatch)):
            raise  # a person's own file is theirs, wherever it lies; and what is too large for --half may be whole
        file.unlink()  # or it would be taken for the right one for ever
        raise type(fault)(f"{fault}. This download is deleted; the same command fetches it anew") from None
    trust.remember(folder, network.file, sha256, size, date.today())
    if not chosen.file:
        file.unlink()  # it has become the .npz
    print(f"\nIts sha256 is kept in {folder / trust.NAME}. Next:")
    if network.faces:
        print(f"  .venv/bin/python train_inverter.py --generator {network.name}      teach the mirror to speak to it")
    else:
        print(
            f"  .venv/bin/python run_mirror.py --generator {network.name} --scene dream"
            "      it draws no faces, so it can dream"
        )


def downloaded(network: Network, folder: Path, url: str) -> Path:
    """The whole file, kept until it is imported: where the disk is too full for that, it need not come again."""
    file = folder / "downloads" / network.file
    if not file.is_file():
        with Progress(network.file) as progress:
            download.fetch(url, file, catalogue.LARGEST, progress)
    return file


class Progress:
    """A bar that appears with the first bytes."""

    def __init__(self, what: str) -> None:
        self._what, self._bar = what, None

    def __call__(self, have: int, whole: int | None) -> None:
        from tqdm import tqdm

        if self._bar is None:
            self._bar = tqdm(total=whole, initial=have, desc=self._what, unit="B", unit_scale=True, dynamic_ncols=True)
        self._bar.update(have - self._bar.n)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_) -> None:
        if self._bar is not None:
            self._bar.close()


def verified(file: Path, network: Network, folder: Path, known: str | None, told: str | None) -> tuple[int, str]:
    """The file's size and sha256, which is the one told, published or trusted. Raises ModelCorrupt."""
    size = file.stat().st_size
    if size > catalogue.LARGEST:
        raise ModelCorrupt(f"{file}: {size / 1e6:.0f} MB; {network.file} has about {catalogue.ABOUT} MB")
    found = sha256_of(file)
    for wanted, whose in (
        (told, "--sha256"),
        (network.sha256, "the publisher"),
        (known, f"{folder / trust.NAME}, from an earlier import,"),
    ):
        if wanted and wanted != found:
            raise ModelCorrupt(
                f"{file}: its sha256 is {found[:12]}…, but {whose} says {wanted[:12]}…; it is damaged or another file"
            )
    print(f"{file}: {size / 1e6:.1f} MB, sha256 {found}" + ("" if told or known else " (the first of its name)"))
    return size, found


def imported(file: Path, sha256: str, target: Path, network: Network, chosen: argparse.Namespace) -> None:
    import import_pggan

    origin = f"{network.file}, sha256 {sha256}; its Gs, converted. {catalogue.WHERE}"
    words = [str(file), str(target), "--origin", origin, "--licence", import_pggan.OFFICIAL_LICENCE]
    words += ["--half"] if chosen.half else []
    words += ["--samples", str(chosen.samples)] if chosen.samples else []
    import_pggan.convert(import_pggan.arguments(words))
    drawn = store.read(target, GENERATOR).sidecar.facts["arguments"]["resolution"]
    if drawn != network.pixels:
        print(
            f"Note: it draws {drawn} px, and the published {network.name} {network.pixels}: is it the file you meant?"
        )


def state(path: Path) -> str:
    """Either "missing", "there", or what is wrong with the generator at `path`; its weights are hashed, not read."""
    try:
        store.read(path, GENERATOR)
    except ModelMissing:
        return "without its sidecar" if path.exists() else "missing"
    except ModelMismatch:
        return "of another version"
    except ModelCorrupt:
        return "damaged"
    return "there"


def listing(models: Path) -> Iterator[str]:
    """A table of every network that is known here or lies here."""
    folder = models / "pg_gan"
    yield f"{'name':<22} {'draws':<22} {'pixels':>6}  {'file':>7}  {'state':<24} inverter"
    own = sorted(path.stem for path in folder.glob("*.npz") if path.stem not in NETWORKS)
    for name in own:
        path = folder / f"{name}.npz"
        yield _line(
            name,
            "UTKFace, ships" if name in SHIPPED else "yours",
            pixels_of(path),
            size_of(path),
            state(path),
            _inverter(models, name),
        )
    for name, network in NETWORKS.items():
        said = state(folder / f"{name}.npz")
        part = folder / "downloads" / f"{network.file}.part"
        if said == "missing" and part.is_file():
            said = f"{part.stat().st_size / 1e6:.0f} MB downloaded"
        inverter = _inverter(models, name) if network.faces else "dreams only"
        size = size_of(folder / f"{name}.npz") or f"{catalogue.ABOUT} MB"
        yield _line(name, network.draws, str(network.pixels), size, said, inverter)
    yield ""
    yield f"Licence of the published networks: {catalogue.LICENCE} (attribution, no commercial use)"
    yield f"Where a person gets them: {catalogue.WHERE}"
    yield "Then: .venv/bin/python scripts/fetch_models.py NAME --from FILE    or, from a mirror: --url URL"
    yield "No sha256 is published: the first that imports is trusted. Sizes are about right."
    yield "Lower resolutions of CelebA-HQ were not published. The landmark model comes with the Python packages."


def pixels_of(path: Path) -> str:
    """What the generator at `path` draws, by its sidecar; nothing where that cannot be said."""
    try:
        return str(store.read(path, GENERATOR).sidecar.facts["arguments"]["resolution"])
    except (ModelError, KeyError):
        return ""


def size_of(path: Path) -> str:
    """Of the file, where there is one."""
    return f"{path.stat().st_size / 1e6:.1f} MB" if path.is_file() else ""


def _line(name: str, draws: str, pixels: str, size: str, said: str, inverter: str) -> str:
    return f"{name:<22} {draws:<22} {pixels:>6}  {size:>7}  {said:<24} {inverter}".rstrip()


def _inverter(models: Path, name: str) -> str:
    return "trained" if (models / "inverter" / name / "inverter.json").is_file() else "not trained"


if __name__ == "__main__":
    sys.exit(main())
