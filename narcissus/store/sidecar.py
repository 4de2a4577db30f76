"""The sidecar: a small JSON file that says what its payload is, and vouches for its bytes."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from narcissus.core.errors import ModelMismatch
from narcissus.store.guarded import read_guarded
from narcissus.store.kinds import Kind, one_line

LARGEST = 1 << 16  # bytes; a real one has a few thousand
DEEPEST = 16  # braces and brackets within one another
CONVERT = ".venv/bin/python scripts/convert_models.py"
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)  # of JSON, also one that never ends
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Sidecar:
    """Every field is required; `arrays` is empty where the payload is no .npz."""

    kind: str
    version: int  # of the kind's format
    name: str
    sha256: str  # of the payload
    bytes: int  # of the payload
    licence: str
    origin: dict[str, str]  # what it was made from: data, command, generator and its sha256
    facts: dict  # what its kind knows more of it
    arrays: dict[str, str]  # name -> type and shape, such as "float16 (128, 2048)"

    def text(self) -> str:
        """Raises ValueError for NaN or infinity, TypeError for what JSON cannot hold."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def sidecar_of(path: Path | str) -> Path:
    return Path(path).with_suffix(".json")


def read_sidecar(path: Path, kind: Kind) -> Sidecar:
    """The sidecar of the payload at `path`. Raises ModelMissing, ModelCorrupt or ModelMismatch."""
    sidecar = sidecar_of(path)
    try:
        data = read_guarded(sidecar, LARGEST)
    except FileNotFoundError as fault:
        if path.exists():
            raise kind.missing(sidecar, f"{path.name} has no sidecar to vouch for it") from fault
        raise kind.missing(path, "there is no such file") from fault
    except ValueError as fault:
        raise kind.corrupt(sidecar, fault) from fault
    return understood(path, data, kind)


def understood(path: Path, data: bytes, kind: Kind) -> Sidecar:
    """What the sidecar of `path` says, every field of its type. Raises ModelCorrupt or ModelMismatch."""
    sidecar = sidecar_of(path)
    try:
        found = table(data)
    except ValueError as fault:
        raise kind.corrupt(sidecar, fault) from fault
    if is_earlier(found):
        if not kind.convertible:
            raise kind.mismatch(sidecar, "of an earlier version of this program")
        raise ModelMismatch(
            one_line(sidecar, f"of an earlier version of this program; convert it with: {CONVERT} {path}")
        )
    if found.get("kind") != kind.name:
        raise kind.mismatch(sidecar, f"vouches for a file of kind {found.get('kind')!r:.40}, not {kind.name!r}")
    if found.get("version") != kind.version:
        raise kind.mismatch(sidecar, f"version is {found.get('version')!r:.40}, this program reads {kind.version}")
    try:
        return _checked(found, kind)
    except ValueError as fault:
        raise kind.corrupt(sidecar, fault) from fault


def table(data: bytes) -> dict:
    """A JSON object with finite numbers and proper text. Raises ValueError."""
    try:
        text = data.decode()
        if _depth(text) > DEEPEST:
            raise ValueError("nested too deeply")
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()  # NaN, infinity, half a surrogate pair
    except ValueError as fault:
        raise ValueError(f"not readable as JSON ({fault})") from fault
    if not isinstance(found, dict):
        raise ValueError("must hold one JSON object")
    return found


def is_earlier(found: dict) -> bool:
    """Whether these are the facts of a sidecar from before there were kinds."""
    return "kind" not in found and "sha256" in found


def _depth(text: str) -> int:
    """How deep the brackets of a JSON text go, those inside strings left out."""
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", TEXT.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _checked(found: dict, kind: Kind) -> Sidecar:
    """Raises ValueError, naming the field."""
    fields = Sidecar.__annotations__
    for name in sorted(fields.keys() ^ found.keys()):
        raise ValueError(f"{name:.40} is {'missing' if name in fields else 'no field of a sidecar'}")
    _typed(found, {name: getattr(wanted, "__origin__", wanted) for name, wanted in fields.items()})
    _typed(found["facts"], kind.facts)
    _typed(found["origin"], dict.fromkeys((*kind.origin, *found["origin"]), str))
    _typed(found["arrays"], dict.fromkeys(found["arrays"], str))
    if not SHA256.fullmatch(found["sha256"]):
        raise ValueError("sha256 is not 64 hexadecimal digits")
    if not found["name"].isprintable():
        raise ValueError("name holds characters that cannot be printed")
    return Sidecar(**found)


def _typed(found: dict, wanted: dict[str, type]) -> None:
    for name, one in wanted.items():
        if type(found.get(name)) is not one:  # true is no number here
            raise ValueError(f"{name:.40} is missing or not of type {one.__name__}")
