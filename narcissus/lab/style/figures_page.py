"""The page of figures, Markdown: a section for each filter; those of other filters stay as they are."""

import re
from collections.abc import Iterable

from narcissus.lab.style.rows import Row

HEAD = """# Filters, measured

Written by `scripts/evaluate_filter.py`, a section for each filter that it is told to measure. What is asked stands in
the last column. How a filter is trained, and what each row means: [filters.md](filters.md).

"""


def section(name: str, said: str, rows: Iterable[Row]) -> str:
    """`said` stands between the filter's name and its table."""
    lines = [f"## {name}", said, "", "| | reached | asked |", "|---|---:|---:|"]
    return "\n".join([*lines, *(f"| {row.what} | {row.value} | {row.asked} |" for row in rows), ""])


def with_section(page: str, new: str) -> str:
    """The page, or the first one where it is empty, with this section in place of the one of the same name."""
    head, *others = re.split(r"(?m)^(?=## )", page or HEAD)
    title = new.partition("\n")[0]
    sections = {one.partition("\n")[0]: one.strip() for one in others} | {title: new.strip()}
    return head.strip() + "\n\n" + "\n\n".join(sections.values()) + "\n"
