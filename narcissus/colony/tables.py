"""The colony's tables, and how a connection to them is opened."""

import os
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

from narcissus.core.errors import ColonyError
from narcissus.core.printable import printable

VERSION = 1  # PRAGMA user_version; another one is another house's file
PATIENCE = 2.0  # seconds that one process waits while another writes

TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS creatures (
    name TEXT PRIMARY KEY, mother TEXT NOT NULL, father TEXT NOT NULL, integer INTEGER NOT NULL,
    genome BLOB NOT NULL, cell INTEGER NOT NULL, born REAL NOT NULL, alive INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS one_in_a_cell ON creatures (cell) WHERE alive;
CREATE INDEX IF NOT EXISTS mothers ON creatures (mother);
CREATE INDEX IF NOT EXISTS fathers ON creatures (father);
CREATE TABLE IF NOT EXISTS visitors (
    name TEXT PRIMARY KEY, latent BLOB NOT NULL, attributes TEXT NOT NULL, seed INTEGER NOT NULL,
    code BLOB NOT NULL, joined REAL NOT NULL, until REAL NOT NULL);
"""


class Snapshot(str):
    """The path of a file that is only read: what it holds is copied into memory, and kept there alone."""


def connected(path: Path | str) -> sqlite3.Connection:
    """Whoever writes sees it on the disk when the call returns; deleted rows are overwritten with zeros.

    ":memory:" keeps it all in memory, and so does a `Snapshot`. Raises ColonyError, of a Snapshot also where its file
    could not be written.
    """
    with ExitStack() as undone:
        try:
            place = ":memory:" if isinstance(path, Snapshot) else path
            connection = sqlite3.connect(place, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
            undone.callback(connection.close)
            if isinstance(path, Snapshot):
                _copy(Path(path), connection)
            _prepare(connection, path)
        except (sqlite3.Error, ValueError) as fault:  # ValueError: a name that no file can have
            said = printable(str(fault))
            raise ColonyError(f"{path}: cannot be kept ({said}); name another file, or memory") from fault
        undone.pop_all()
    return connection


def _copy(path: Path, connection: sqlite3.Connection) -> None:
    """Raises ValueError where the file could not be written."""
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise ValueError("may not be written")
    if not path.exists():
        return
    log = Path(f"{path}-wal")  # where none is, nobody has the file open: then nothing needs to be laid beside it
    how = "mode=ro" if log.exists() else "immutable=1"
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", timeout=PATIENCE, uri=True)) as kept:
        kept.backup(connection)


def _prepare(connection: sqlite3.Connection, path: Path | str) -> None:
    """Raises ColonyError for another version's file."""
    for said in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {said}").fetchall()
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found not in (0, VERSION):
        raise ColonyError(f"{path}: is of version {found}, and only {VERSION} can be read; name another file")
    connection.executescript(TABLES)
    if found != VERSION:  # whoever only opens the file writes nothing, and no other process need look into it
        connection.execute(f"PRAGMA user_version = {VERSION}")


def truncate(connection: sqlite3.Connection) -> bool:
    """Empty the write-ahead log into the file; False while another process still reads from it."""
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    connection.execute("PRAGMA shrink_memory")
    return not busy
