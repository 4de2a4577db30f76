"""What a measurement is, and what stands in its place where it could not be made."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

Figure = float | int | str | None


class Absent(Exception):
    """Something that a measurement needs is not here; the message says what, in words for the table."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. The names of the figures carry their units."""

    section: str
    name: str
    figures: dict[str, Figure] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """What every section is told."""

    quick: bool
    threads: int | None  # for the generator; None: as the mirror ships, all cores but one
    shared: Path | None  # where the viewers' videos lie, if they do


Section = Callable[[Options], Iterator[Row]]


def measured(name: str, section: Section, options: Options) -> Iterator[Row]:
    """The section's rows as they are finished; what is missing ends it with a row that says so."""
    from narcissus.core.errors import NarcissusError

    try:
        yield from section(options)
    except (Absent, NarcissusError) as missing:
        yield Row(name, "not measured", note=str(missing))
    except ImportError as missing:
        yield Row(name, "not measured", note=f"{missing.name or missing} is not installed here")


def columns(rows: Iterable[Row]) -> list[str]:
    """The figures' names in the order in which they first appear."""
    return list(dict.fromkeys(name for row in rows for name in row.figures))
