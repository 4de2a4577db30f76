"""The kinds of vouched file, and what is said when one cannot be used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

from narcissus.core.errors import ModelCorrupt, ModelMismatch, ModelMissing
from narcissus.core.printable import printable

LONGEST = 300  # characters: what a damaged file says of itself must not fill a journal


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What every file of this kind has in common."""

    name: str  # as sidecars say it
    version: int  # of the payload's format; raised with every change after which an older file would not work
    remedy: str  # the commands that bring a good file, the end of every message; {folder} is that of the file
    largest: int  # bytes of payload that are read
    unfolded: int = 0  # bytes that the arrays of an .npz may take; 0 for a payload that is no .npz
    origin: tuple[str, ...] = ()  # what the sidecar's `origin` must name
    facts: Mapping[str, type] = field(default_factory=dict)  # what the sidecar's `facts` must hold
    convertible: bool = False  # whether scripts/convert_models.py can convert a file from before there were kinds

    @property
    def plain(self) -> bool:
        """Whether the payload is an .npz of plain arrays."""
        return self.unfolded > 0

    def missing(self, path: Path, what: object) -> ModelMissing:
        return ModelMissing(self._told(path, what))

    def corrupt(self, path: Path, what: object) -> ModelCorrupt:
        return ModelCorrupt(self._told(path, what))

    def mismatch(self, path: Path, what: object) -> ModelMismatch:
        return ModelMismatch(self._told(path, what))

    def remedy_for(self, path: Path) -> str:
        """The end of what is said of the file at `path`."""
        return self.remedy.replace("{folder}", printable(quote(Path(path).parent.name)))

    def _told(self, path: Path, what: object) -> str:
        return f"{one_line(path, what)}; {self.remedy_for(path)}"


def one_line(path: Path, what: object) -> str:
    """`path: what` without line breaks and whatever else a terminal or a journal would obey."""
    said = f"{path}: {str(what)[:LONGEST]}"
    return "".join(character if character.isprintable() else " " for character in said)


GENERATOR = Kind(
    "generator",
    version=2,
    convertible=True,
    remedy="see what there is and where more are: .venv/bin/python scripts/fetch_models.py --list; make it anew "
    "with scripts/import_pggan.py, or restore the shipped one with: git checkout models/pg_gan",
    largest=(1 << 30) + (1 << 20),
    unfolded=(1 << 30) + (1 << 20),  # 2^28 weights in float32; the official 1024 px network has 23 million
    origin=("source",),
    facts={"arguments": dict},
)
INVERTER = Kind(
    "inverter",
    version=6,
    remedy="train one with: .venv/bin/python train_inverter.py --generator {folder}",
    largest=1 << 30,  # a linear one has 3 MB, a forest some hundred
    origin=("generator", "generator_sha256"),
    facts={"sklearn": str, "columns": list},
)
ATTRIBUTES = Kind(
    "attributes",
    version=2,
    convertible=True,
    remedy="make it anew with: .venv/bin/python scripts/train_attributes.py, or restore it with: "
    "git checkout models/attributes",
    largest=1 << 20,
    unfolded=4 << 20,
)
DREAM = Kind(
    "dream",
    version=1,
    convertible=True,
    remedy="restore it with: git checkout models/dream, or make it anew with scripts/store_dream.py",
    largest=16 << 20,
    unfolded=64 << 20,
    origin=("generator", "generator_sha256"),
)
COLOUR = Kind(
    "colour",
    version=1,
    remedy="train one with: .venv/bin/python scripts/train_colour.py, or restore what ships with: "
    "git checkout models/colour",
    largest=4 << 20,
    unfolded=8 << 20,
    facts={"slices": list, "limits": dict},
)
FILTER = Kind(
    "filter",
    version=1,
    remedy="train one with: .venv/bin/python scripts/train_filter.py, or restore what ships with: "
    "git checkout models/filters",
    largest=700_000,  # bytes; 0.3 million weights in half precision
    unfolded=2 << 20,
    origin=("style", "style_sha256", "command"),
    facts={"channels": int, "blocks": int, "strength": float},
)
ALL = (GENERATOR, INVERTER, ATTRIBUTES, DREAM, COLOUR, FILTER)
