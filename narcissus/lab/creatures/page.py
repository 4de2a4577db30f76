"""The figures as one table of a page: asked, reached, how."""

import re
from pathlib import Path

from narcissus.core.files import write_whole
from narcissus.lab.creatures.crashes import Crashes
from narcissus.lab.creatures.heredity import Heredity
from narcissus.lab.creatures.pace import Paced

BEGIN, END = "<!-- figures: scripts/evaluate_creatures.py -->", "<!-- end of figures -->"
Row = tuple[str, str, str]  # promised, asked, reached
HEAD = "| promised | asked | reached |\n|---|---:|---:|\n"


def of_heredity(found: Heredity) -> list[Row]:
    walls = ", ".join(f"{wall / found.fresh_spread:.2f}" for wall in found.walls)
    spread = f"spread of dlib's descriptors, over fresh faces' ({found.births:,} births; walls: {walls})"
    both = f"of all pairs of the wall, the parents explain the child best ({found.children} children)"
    return [
        (spread, "≥ 0.9", f"{found.spread / found.fresh_spread:.2f}"),
        (both, "≥ 50 %", f"{found.both_found:.0%}"),
        ("the likest of the wall is a parent", "", f"{found.one_found:.0%}"),
        (f"humanity: a face is found ({found.looked_at} creatures)", "40–60 %", f"{found.humanity:.0%}"),
        ("the same of fresh faces", "", f"{found.fresh_humanity:.0%}"),
        ("founders of a creature, on average", "", f"{found.founders:.1f}"),
    ]


def of_names(difference: float, count: int) -> list[Row]:
    return [(f"same name, same picture: largest difference over {count}, other kernels", "1e-3", f"{difference:.0e}")]


def of_pace(found: Paced) -> list[Row]:
    least, middle, most = found.period_ms
    return [
        (f"from birth to birth over {found.seconds:.0f} s, in ms", "1000 ± 50", f"{least:.0f} – {most:.0f}"),
        ("the same, median", "", f"{middle:.1f}"),
        (f"drift after {found.births} births, in ms", "0", f"{found.drift_ms:.1f}"),
        (f"longest gap between two of {found.pictures:,} pictures, in pictures", "≤ 2", f"{found.longest_gap:.1f}"),
        ("gaps of more than two pictures", "0", f"{found.gaps}"),
        ("pictures a second that could be composed", "≥ 50", f"{found.composed:.0f}"),
        ("processor time of the slowest picture after the first, in ms", "≤ 33", f"{found.drawn_ms:.1f}"),
        ("longest walk of Python's collector, which stops every thread, in ms", "≤ 33", f"{found.walked_ms:.1f}"),
    ]


def of_crashes(found: Crashes) -> list[Row]:
    return [
        (
            f"the wall is whole after kill -9 ({found.births:,} births in between)",
            "1000 of 1000",
            f"{found.whole} of {found.kills}",
        ),
        ("births that had been told of and were lost", "0", str(found.lost)),
    ]


def table(rows: list[Row]) -> str:
    return HEAD + "".join(f"| {what} | {asked} | {reached} |\n" for what, asked, reached in rows)


def put(path: Path, rows: list[Row], machine: str) -> None:
    """Put these in their places between the two marks of the page, where others stay as they were measured.

    Raises ValueError where the marks are not there.
    """
    text = path.read_text()
    if BEGIN not in text or END not in text:
        raise ValueError(f"{path}: holds no place for figures")
    before = text[text.index(BEGIN) : text.index(END)].split(HEAD)[-1].splitlines()
    stood = [row for line in before if (row := _row(line)) is not None]
    new = {_promise(row): row for row in rows}
    kept = [row for row in stood if _promise(row) not in new]
    whole = [new.pop(_promise(row), row) for row in stood] + list(new.values())
    earlier = " Some rows are of another day." if kept else ""
    inside = f"{BEGIN}\n{machine}{earlier}\n\n{table(whole)}{END}"
    write_whole(path, re.sub(re.escape(BEGIN) + ".*" + re.escape(END), lambda _: inside, text, flags=re.DOTALL))


def _row(line: str) -> Row | None:
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    return (cells[0], cells[1], cells[2]) if line.startswith("|") and len(cells) == 3 else None


def _promise(row: Row) -> str:
    """What is measured, without how often."""
    return re.split(r"[\d(]", row[0])[0]
