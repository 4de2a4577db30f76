"""Rows of figures, kept on disk as they are measured: whoever is stopped goes on with the part after the last."""

import json
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

from narcissus.core.files import write_whole


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    value: str
    asked: str = ""


class Kept:
    """The rows of one filter, by the part of the measuring that gave them."""

    def __init__(self, path: Path, about: dict) -> None:
        """`about`: what must be the same for the rows in the file to be gone on with, as JSON has it."""
        self._path, self._about = path, about
        self._parts: dict[str, list[Row]] = _read(path, about)

    def part(self, name: str, measure: Callable[[], Iterable[Row]]) -> list[Row]:
        """The rows of this part: measured now, unless they are there. Raises OSError."""
        if name not in self._parts:
            self._parts[name] = list(measure())
            rows = {part: [astuple(row) for row in rows] for part, rows in self._parts.items()}
            write_whole(self._path, json.dumps({"about": self._about, "parts": rows}, ensure_ascii=False))
        return self._parts[name]

    def forget(self) -> None:
        """They are written elsewhere: the next time all is measured again."""
        self._path.unlink(missing_ok=True)


def _read(path: Path, about: dict) -> dict[str, list[Row]]:
    """{} where nothing was kept, or nothing that can be gone on with."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["about"] != about:
            return {}
        return {part: [Row(*row) for row in rows] for part, rows in found["parts"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
