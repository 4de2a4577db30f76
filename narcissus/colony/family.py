"""Who descends from whom, and what becomes of the descendants of somebody who is deleted."""

import sqlite3
from dataclasses import dataclass

from narcissus.breeding.crossing import bereft
from narcissus.breeding.genome import Genome

COLUMNS = "name, mother, father, integer, genome, cell, born"
REMEMBERED = 6  # generations of the dead above whoever is alive

STRANGERS = """
DELETE FROM creatures WHERE name NOT IN (
    WITH RECURSIVE line(name, generation) AS (
        SELECT name, 0 FROM creatures WHERE alive
        UNION SELECT mother, generation + 1 FROM line JOIN creatures USING (name) WHERE generation < :most
        UNION SELECT father, generation + 1 FROM line JOIN creatures USING (name) WHERE generation < :most)
    SELECT name FROM line)
"""


@dataclass(frozen=True, slots=True)
class Relative:
    """A creature of a family tree."""

    name: str
    integer: int
    born: float  # seconds since 1970
    alive: bool
    parents: tuple["Relative", ...] = ()  # none: an immigrant, or forgotten
    children: tuple[str, ...] = ()


def tree(rows: sqlite3.Connection, name: str, depth: int) -> Relative | None:
    row = rows.execute("SELECT mother, father, integer, born, alive FROM creatures WHERE name = ?", (name,)).fetchone()
    if row is None:
        return None
    mother, father, integer, born, alive = row
    above = [tree(rows, parent, depth - 1) for parent in (mother, father) if parent and depth > 0]
    below = rows.execute("SELECT name FROM creatures WHERE ? IN (mother, father) ORDER BY born", (name,)).fetchall()
    parents = tuple(parent for parent in above if parent is not None)
    return Relative(name, integer, born, bool(alive), parents, tuple(child for (child,) in below))


def prune(rows: sqlite3.Connection) -> int:
    return rows.execute(STRANGERS, {"most": REMEMBERED}).rowcount


def forget(rows: sqlite3.Connection, visitor: str) -> int:
    """Delete a visitor's row, its own creature and its name wherever it stands; returns how many rows there were.

    A descendant keeps its cells and loses what stood in them: an immigrant takes the visitor's place among its
    founders. A creature whose genome cannot be read goes too: nobody can say what it has inherited.
    """
    for name, data in rows.execute("SELECT name, genome FROM creatures").fetchall():
        genome = _read(data)
        if genome is None:
            rows.execute("DELETE FROM creatures WHERE name = ?", (name,))
        elif visitor in genome.founders:
            rows.execute(
                "UPDATE creatures SET genome = ? WHERE name = ?", (bereft(genome, visitor, name).to_bytes(), name)
            )
    rows.execute("UPDATE creatures SET mother = '' WHERE mother = ?", (visitor,))
    rows.execute("UPDATE creatures SET father = '' WHERE father = ?", (visitor,))
    rows.execute("DELETE FROM creatures WHERE name = ?", (visitor,))
    return rows.execute("DELETE FROM visitors WHERE name = ?", (visitor,)).rowcount


def gone_founders(rows: sqlite3.Connection) -> list[str]:
    """Names of visitors who are in a genome and no longer among the visitors."""
    visitors = {name for (name,) in rows.execute("SELECT name FROM visitors")}
    genomes = [_read(data) for (data,) in rows.execute("SELECT genome FROM creatures")]
    founders = {founder for genome in genomes if genome is not None for founder in genome.founders}
    return sorted(founder for founder in founders - visitors if not founder.startswith("#"))


def _read(data: object) -> Genome | None:
    """None where the bytes are damaged, or none."""
    try:
        return Genome.from_bytes(data) if isinstance(data, bytes) else None
    except ValueError:
        return None
