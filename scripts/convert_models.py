#!/usr/bin/env python
"""Convert model files of earlier versions to the one vouched format that this version reads.

    python scripts/convert_models.py                                     everything under models/
    python scripts/convert_models.py models/pg_gan/celebahq-1024.npz     one file
    python scripts/convert_models.py /somewhere/models                   whatever lies in a folder

Generators, the guesses' arrays and stored dreams are known by their sidecars. A payload must have the sha256 that its
old sidecar names before anything reads it, and keeps its bytes. What is of this version already stays as it is, and so
does whatever cannot be converted: an inverter is a program, and must be trained again.

Exit status: 0 done; 78 a file cannot be converted, in one line why; 73 the result cannot be written.
"""

import argparse
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from narcissus import store  # noqa: E402
from narcissus.core.errors import NarcissusError  # noqa: E402
from narcissus.store import Kind, sidecar_of  # noqa: E402
from narcissus.store.guarded import read_guarded  # noqa: E402
from narcissus.store.kinds import ALL, ATTRIBUTES, DREAM, GENERATOR, INVERTER  # noqa: E402
from narcissus.store.sidecar import LARGEST, is_earlier, table  # noqa: E402

FORMATS = {GENERATOR: 1, ATTRIBUTES: 1, DREAM: None}  # what the old sidecars call the last old format


def main(words: list[str] | None = None) -> int:
    status = 0
    try:
        for path in payloads(_arguments(words).paths):
            try:
                print(f"{path}: {convert(path)}", flush=True)
            except NarcissusError as fault:
                print(f"convert_models: {fault}", file=sys.stderr)
                status = fault.exit_code
    except OSError as fault:
        print(f"convert_models: {fault}", file=sys.stderr)
        return 73  # EX_CANTCREAT
    except KeyboardInterrupt:
        print("convert_models: stopped; nothing is written half, the same command goes on", file=sys.stderr)
        return 130
    return status


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", default=[HOME / "models"], help="default: models/"
    )
    return parser.parse_args(words)


def payloads(paths: list[Path]) -> Iterator[Path]:
    """The .npz and .joblib files that are meant by files, their sidecars or folders."""
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix in (".npz", ".joblib"))
        elif path.suffix == ".json":
            yield path.with_suffix(".joblib" if path.with_suffix(".joblib").exists() else ".npz")
        else:
            yield path


def convert(path: Path) -> str:
    """What was done. Raises NarcissusError where it cannot be done, OSError where it cannot be written."""
    kind, found = _old(path)
    if kind is None:
        return "is of this version already"
    if not kind.convertible:
        raise kind.mismatch(path, "of an earlier version of this program")
    if found.get("format") != FORMATS[kind]:
        raise kind.mismatch(path, f"format is {found.get('format')!r:.40}, only {FORMATS[kind]} can be converted")
    data = _payload(path, kind, found)
    try:
        WRITERS[kind](path, data, found)
    except (KeyError, TypeError, AttributeError) as fault:
        raise kind.corrupt(sidecar_of(path), f"does not say what such a file needs ({fault})") from fault
    return f"converted to kind {kind.name!r}, version {kind.version}"


def _old(path: Path) -> tuple[Kind | None, dict]:
    """Of which kind an old sidecar is, and its facts; None where it is not old, and then the file is sound."""
    likely = INVERTER if path.suffix == ".joblib" else GENERATOR
    try:
        found = table(read_guarded(sidecar_of(path), LARGEST))
    except FileNotFoundError as fault:
        raise likely.missing(path, "there is no such file, or no sidecar to vouch for it") from fault
    except ValueError as fault:
        raise likely.corrupt(sidecar_of(path), fault) from fault
    kind = _kind(path, found)
    if not is_earlier(found):
        store.read(path, kind)
        return None, found
    return kind, found


def _kind(path: Path, found: dict) -> Kind:
    if "kind" in found:
        return next((kind for kind in ALL if kind.name == found["kind"]), GENERATOR)
    if path.suffix == ".joblib":
        return INVERTER
    if "arguments" in found:
        return GENERATOR
    return DREAM if "generator_sha256" in found else ATTRIBUTES


def _payload(path: Path, kind: Kind, found: dict) -> bytes:
    try:
        data = read_guarded(path, kind.largest)
    except FileNotFoundError as fault:
        raise kind.missing(path, "there is no such file") from fault
    except ValueError as fault:
        raise kind.corrupt(path, fault) from fault
    if hashlib.sha256(data).hexdigest() != found["sha256"]:
        raise kind.corrupt(path, f"its bytes are not those that {sidecar_of(path).name} names")
    return data


def _generator(path: Path, data: bytes, found: dict) -> None:
    store.write(
        path,
        GENERATOR,
        data,
        name=found["name"],
        licence=found["licence"],
        origin={"source": found["origin"]},
        facts={"arguments": found["arguments"]},
    )


def _attributes(path: Path, data: bytes, found: dict) -> None:
    store.write(
        path,
        ATTRIBUTES,
        data,
        name=found["name"],
        licence=found["licence"],
        origin={"command": "python " + found["origin"]},
        facts={"figures": found["figures"]},
    )


def _dream(path: Path, data: bytes, found: dict) -> None:
    from narcissus.lab import dreaming

    facts = {name: fact for name, fact in found.items() if name not in ("sha256", "generator", "generator_sha256")}
    dreaming.write(path, data, found["generator"], found["generator_sha256"], facts)


WRITERS = {GENERATOR: _generator, ATTRIBUTES: _attributes, DREAM: _dream}


if __name__ == "__main__":
    sys.exit(main())
