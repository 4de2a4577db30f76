"""Write and read a payload with the sidecar that vouches for it."""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from narcissus.core.files import writing_whole
from narcissus.store import npz
from narcissus.store.guarded import read_guarded
from narcissus.store.kinds import Kind
from narcissus.store.sidecar import Sidecar, read_sidecar, sidecar_of, understood


@dataclass(frozen=True, slots=True, eq=False)
class Vouched:
    """A payload whose bytes are those that its sidecar names."""

    path: Path
    kind: Kind
    sidecar: Sidecar
    data: bytes

    def arrays(self) -> npz.Arrays:
        """The arrays of an .npz, read-only. Raises ModelCorrupt where they are not those the sidecar names."""
        try:
            allowed = min(npz.largest_of(self.sidecar.arrays), self.kind.unfolded)
            arrays = npz.unpacked(self.data, allowed)
        except ValueError as fault:
            raise self.corrupt(fault) from fault
        if npz.described(arrays) != self.sidecar.arrays:
            raise self.corrupt(f"holds other arrays than {sidecar_of(self.path).name} names")
        return arrays

    def corrupt(self, what: object) -> Exception:
        return self.kind.corrupt(self.path, what)

    def mismatch(self, what: object) -> Exception:
        return self.kind.mismatch(self.path, what)


def read(path: Path | str, kind: Kind, accept: Callable[[Sidecar], None] | None = None) -> Vouched:
    """The payload at `path`, of this kind and its version, its bytes proved but not parsed.

    `accept` may refuse a sidecar by a ValueError, before the payload is read. Raises ModelMissing, ModelCorrupt or
    ModelMismatch, each in one line with its remedy; OSError only where the system is short of files or memory.
    """
    path = Path(path)
    sidecar = read_sidecar(path, kind)
    try:
        if accept is not None:
            accept(sidecar)
    except ValueError as fault:
        raise kind.mismatch(path, fault) from fault
    data = _payload(path, kind, sidecar)
    found = hashlib.sha256(data).hexdigest()
    if found != sidecar.sha256:
        vouches = f"{sidecar_of(path).name} vouches for {sidecar.sha256[:12]}…"
        raise kind.corrupt(path, f"its sha256 is {found[:12]}…, but {vouches}")
    return Vouched(path, kind, sidecar, data)


def write(
    path: Path | str,
    kind: Kind,
    data: bytes,
    *,
    name: str,
    licence: str,
    origin: Mapping[str, str],
    facts: Mapping[str, object],
) -> Sidecar:
    """Write the payload and then, as its seal, the sidecar, each whole.

    A power cut between the two leaves a payload that `read` refuses. Both are on the disk before either takes its
    place, so a full disk leaves what was there. Raises OSError; ModelError where the file could not be read again.
    """
    path, arrays = Path(path), {}
    if len(data) > kind.largest:
        raise kind.corrupt(path, f"larger than {kind.largest} bytes")
    if kind.plain:
        arrays = npz.described(_plain(path, kind, data))
    sha256 = hashlib.sha256(data).hexdigest()
    sidecar = Sidecar(
        kind.name, kind.version, name, sha256, len(data), licence, dict(origin), dict(facts), arrays=arrays
    )
    text = sidecar.text().encode()
    understood(path, text, kind)
    with writing_whole(sidecar_of(path)) as seal, writing_whole(path) as file:
        file.write(data)
        seal.write(text)
        seal.flush()
        os.fsync(seal.fileno())
    return sidecar


def _payload(path: Path, kind: Kind, sidecar: Sidecar) -> bytes:
    if sidecar.bytes > kind.largest:
        raise kind.corrupt(path, f"{sidecar.bytes} bytes are too large for a file of kind {kind.name!r}")
    try:
        data = read_guarded(path, sidecar.bytes)
    except FileNotFoundError as fault:
        raise kind.missing(path, "there is no such file") from fault
    except ValueError as fault:
        raise kind.corrupt(path, fault) from fault
    if len(data) != sidecar.bytes:
        raise kind.corrupt(path, f"has {len(data)} bytes, but {sidecar_of(path).name} vouches for {sidecar.bytes}")
    return data


def _plain(path: Path, kind: Kind, data: bytes) -> npz.Arrays:
    try:
        return npz.unpacked(data, kind.unfolded)
    except ValueError as fault:
        raise kind.corrupt(path, fault) from fault
