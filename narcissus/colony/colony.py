"""The colony: births, joinings and deletions, each one transaction."""

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import UnionType

import numpy as np

from narcissus.breeding.genome import Genome
from narcissus.breeding.names import named
from narcissus.breeding.population import Being
from narcissus.colony import family
from narcissus.colony.family import Relative
from narcissus.colony.sealing import SALT, hashed, same, sealed, unsealed
from narcissus.colony.tables import connected, truncate
from narcissus.core.errors import ColonyError
from narcissus.core.printable import printable

MEMORY = ":memory:"  # in the place of a path: a file that ends with the process
FOR_EVER = 1e12  # seconds since 1970
TRIES = 40  # to empty the log while another process reads from it, 25 ms apart


@dataclass(frozen=True, slots=True, eq=False)
class Creature(Being):
    """One that hangs on the wall, or did."""

    cell: int  # where on the wall
    born: float = 0.0  # seconds since 1970

    @classmethod
    def of(cls, being: Being, cell: int, born: float = 0.0) -> "Creature":
        return cls(being.name, being.mother, being.father, being.integer, being.genome, cell, born)


@dataclass(frozen=True, slots=True, eq=False)
class Visitor:
    """Somebody who asked to stay."""

    name: str
    latent: np.ndarray  # float32 (L,); whoever holds it wipes it when the visitor is gone
    attributes: dict
    seed: int
    joined: float  # seconds since 1970
    until: float


class Colony:
    """One file; several processes may have it open, and any thread may call. A context manager."""

    def __init__(self, path: Path | str = MEMORY, now=time.time) -> None:
        """Raises ColonyError where the file cannot be opened, is damaged or of another version."""
        self.path, self._now = path, now
        self._lock, self._deletions = threading.RLock(), 0
        self._connection = connected(path)
        try:
            self._salt = self._kept_salt()
        except ColonyError:
            self._connection.close()
            raise

    def __enter__(self) -> "Colony":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def born(self, creature: Creature) -> None:
        """It hangs in its cell from now on; whoever hung there is an ancestor."""
        self.settle([creature])

    def settle(self, creatures: list[Creature]) -> None:
        """Several births at once, all or none: how a wall begins."""
        with self._writing() as rows:
            for one in creatures:
                rows.execute("UPDATE creatures SET alive = 0 WHERE cell = ? AND alive", (one.cell,))
                rows.execute("INSERT OR REPLACE INTO creatures VALUES (?, ?, ?, ?, ?, ?, ?, 1)", _row(one))

    def shrink(self, cells: int) -> None:
        """The wall has so many cells from now on; whoever hung beyond them is an ancestor."""
        with self._writing() as rows:
            rows.execute("UPDATE creatures SET alive = 0 WHERE cell >= ? AND alive", (cells,))

    def alive(self) -> list[Creature]:
        """Who hangs on the wall, by cell. Raises ColonyError where a genome is damaged."""
        with self._reading() as rows:
            found = rows.execute(f"SELECT {family.COLUMNS} FROM creatures WHERE alive ORDER BY cell")
            return [self._creature(row) for row in found]

    def creature(self, name: str) -> Creature | None:
        """Alive or an ancestor of somebody alive; None: nobody of this name is known."""
        with self._reading() as rows:
            row = rows.execute(f"SELECT {family.COLUMNS} FROM creatures WHERE name = ?", (name,)).fetchone()
        return None if row is None else self._creature(row)

    def tree(self, name: str, depth: int = 4) -> Relative | None:
        """The creature of this name with its forebears, `depth` generations of them, and its children's names."""
        with self._reading() as rows:
            return family.tree(rows, name, depth)

    def prune(self) -> int:
        """Forget the dead from whom nobody alive descends within some generations; returns how many."""
        with self._writing() as rows:
            return family.prune(rows)

    def join(
        self, latent: np.ndarray, attributes: dict, seed: int, code: str, until: float = FOR_EVER, name: str = ""
    ) -> str:
        """Keep a visitor: latent float32 (L,), attributes as JSON holds them. Returns the name that it has from now on.

        `until`: when `expire` deletes it, in seconds since 1970. Of the code only a slow hash is kept. `name`: one that
        `visitor_name` gave it before.
        """
        name = name or visitor_name(seed)
        row = (name, sealed(latent), json.dumps(attributes), seed, hashed(code, self._salt), self._now(), until)
        with self._writing() as rows:
            rows.execute("INSERT INTO visitors VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        return name

    def visitors(self) -> list[Visitor]:
        """All whose time is not over, the longest here first. Raises ColonyError where one is damaged."""
        with self._reading() as rows:
            found = rows.execute(
                "SELECT name, latent, attributes, seed, joined, until FROM visitors WHERE until > ?"
                " ORDER BY joined, name",
                (self._now(),),
            ).fetchall()
        return [self._visitor(row) for row in found]

    def visitor_names(self) -> set[str]:
        """Of all whose time is not over; no latent is unsealed for it."""
        with self._reading() as rows:
            return {name for (name,) in rows.execute("SELECT name FROM visitors WHERE until > ?", (self._now(),))}

    def profile(self, name: str) -> tuple[dict, float] | None:
        """The attributes of the visitor of this name, and until when it stays; no latent is unsealed for it.

        None: nobody whose time is not over. Raises ColonyError where they are damaged.
        """
        with self._reading() as rows:
            asked = "SELECT attributes, until FROM visitors WHERE name = ? AND until > ?"
            row = rows.execute(asked, (name, self._now())).fetchone()
        if row is None:
            return None
        attributes, until = row
        try:
            _typed((until,), int | float)
            return _attributes(attributes), until
        except (ValueError, RecursionError) as fault:
            raise self._damaged(name, fault) from None

    def delete(self, code: str) -> bool:
        """Delete whoever joined with this code, for ever. False: nobody did.

        Also whatever the visitor's descendants have inherited, whose cells go to an immigrant; see docs/creatures.md.
        """
        name = self.whose(code)
        return name is not None and self._forget([name])

    def whose(self, code: str) -> str | None:
        """The name of whoever joined with this code; None: nobody did."""
        found = hashed(code, self._salt)
        with self._reading() as rows:
            codes = rows.execute("SELECT name, code FROM visitors").fetchall()
        return next((name for name, kept in codes if isinstance(kept, bytes) and same(kept, found)), None)

    def remove(self, name: str) -> bool:
        """Delete the visitor of this name, as `delete` does, without a code; True: there was one.

        Also what creatures still have from somebody who is deleted already.
        """
        return self._forget([name])

    def expire(self, now: float | None = None) -> bool:
        """Delete all visitors whose time is over at `now`; None: all. True: there were some."""
        moment = FOR_EVER if now is None else now
        with self._reading() as rows:
            names = rows.execute("SELECT name FROM visitors WHERE until <= ?", (moment,)).fetchall()
        return bool(names) and self._forget([name for (name,) in names])

    def heal(self) -> None:
        """Delete what creatures have from visitors who are gone: a wall may end between such a birth and its look."""
        with self._reading() as rows:
            gone = family.gone_founders(rows)
        if gone:
            self._forget(gone)

    def sound(self) -> bool:
        """Whether SQLite finds nothing amiss in the whole file."""
        with self._reading() as rows:
            return rows.execute("PRAGMA integrity_check").fetchone()[0] == "ok"

    def version(self) -> tuple[int, int]:
        """Another one whenever another process has changed the file, or a visitor was deleted here."""
        with self._reading() as rows:
            return rows.execute("PRAGMA data_version").fetchone()[0], self._deletions

    def fact(self, name: str, value: str | None = None) -> str | None:
        """What is written about the whole colony under this name, after writing `value` where one is given."""
        if value is not None:
            with self._writing() as rows:
                rows.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))
        with self._reading() as rows:
            row = rows.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def _kept_salt(self) -> bytes:
        with self._writing() as rows:
            rows.execute("INSERT OR IGNORE INTO facts VALUES ('salt', ?)", (secrets.token_bytes(SALT),))
        kept = self.fact("salt")
        if not isinstance(kept, bytes):
            raise self._damaged("its salt", "no bytes")
        return kept

    def _forget(self, names: list[str]) -> bool:
        """One transaction, and then the log is emptied: what was overwritten in the file is in no copy either.

        Emptied even where there was no visitor: a child may have had something from one who was deleted before.
        """
        with self._writing() as rows:
            gone = sum(family.forget(rows, name) for name in names)
        self._deletions += gone
        self._empty_log()
        return gone > 0

    def _empty_log(self) -> None:
        for _ in range(TRIES):
            with self._lock:
                if truncate(self._connection):
                    return
            time.sleep(0.025)
        raise ColonyError(f"{self.path}: deleted, but its log is still read by another process; end that one")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. Raises ColonyError where the disk is full or the file is damaged."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.Error as fault:
                self._roll_back()
                said = printable(str(fault))
                raise ColonyError(
                    f"{self.path}: cannot be written ({said}); free the disk, or name another file"
                ) from fault
            except BaseException:
                self._roll_back()
                raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Raises ColonyError where the file is damaged, or the disk cannot be read."""
        with self._lock:
            try:
                yield self._connection
            except (sqlite3.Error, UnicodeDecodeError) as fault:
                said = printable(str(fault))
                raise ColonyError(f"{self.path}: cannot be read ({said}); delete the file to begin anew") from fault

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _creature(self, row: tuple) -> Creature:
        name, mother, father, integer, genome, cell, born = row
        try:
            _typed((name, mother, father), str)
            _typed((integer, cell), int)
            _typed((born,), int | float)
            _typed((genome,), bytes)
            return Creature(name, mother, father, integer, Genome.from_bytes(genome), cell, born)
        except ValueError as fault:
            raise self._damaged(name, fault) from None

    def _visitor(self, row: tuple) -> Visitor:
        name, latent, told, seed, joined, until = row
        try:
            _typed((name,), str)
            _typed((joined, until), int | float)
            _typed((seed,), int)
            _typed((latent,), bytes)
            attributes = _attributes(told)
            return Visitor(name, unsealed(latent), attributes, seed, joined, until)
        except (ValueError, RecursionError) as fault:
            raise self._damaged(name, fault) from None

    def _damaged(self, what: object, fault: object) -> ColonyError:
        said = f"{what!s:.60} is damaged ({fault})"
        return ColonyError(f"{self.path}: {printable(said)}; delete the file to begin anew")


def visitor_name(seed: int) -> str:
    """Another one each time."""
    return named("visitor", secrets.token_hex(8), seed)


def _typed(values: tuple, wanted: type | UnionType) -> None:
    """Raises ValueError: SQLite keeps in a column whatever it is given."""
    for value in values:
        if not isinstance(value, wanted):
            raise ValueError(f"{value!r:.40} stands where it cannot")


def _attributes(told: object) -> dict:
    """Raises ValueError where they are no JSON of names and values, or RecursionError."""
    _typed((told,), str)
    attributes = json.loads(told)
    _typed((attributes,), dict)
    return attributes


def _row(one: Creature) -> tuple:
    return one.name, one.mother, one.father, one.integer, one.genome.to_bytes(), one.cell, one.born
