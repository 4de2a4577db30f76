"""The settings file, watched: read anew once it has been saved, in a thread that the wall never waits for."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from narcissus.app.settings import Settings
from narcissus.core.errors import ConfigError
from narcissus.core.journal import Journal
from narcissus.core.newest import Newest

log = logging.getLogger("narcissus")

LOOK = 0.25  # seconds between two looks at the file
GONE = 8  # looks after which a file that is gone or empty is no longer being saved

Signature = tuple[int, int, int]  # inode, size and time of change: another one is another version


class SettingsFile:
    """Puts every new version of the file into `versions`, once two looks in a row have found it the same.

    An editor that writes anew, or puts another file in its place, leaves it empty, half written or gone for a moment;
    what is not whole is waited for. A version that is refused is said in one line, and nothing is put.
    """

    def __init__(self, path: Path, read: Callable[[], Settings], journal: Journal) -> None:
        """`read` gives the settings that the file now holds, with the flags over them, or raises ConfigError."""
        self.versions: Newest[Settings] = Newest()
        self._path, self._read, self._journal = path, read, journal
        self._taken: Signature | None = None  # the first is read too: it may have been saved while the mirror loaded
        self._seen: Signature | None = None
        self._missed = 0  # looks in a row

    def step(self) -> None:
        """One look, and the pause after it: for a thread of its own."""
        self.look()
        time.sleep(LOOK)

    def look(self) -> None:
        found = self._signature()
        if found is None:
            self._miss()
        elif found != self._seen:
            self._seen, self._missed = found, 0
        elif found != self._taken:
            self._take(found)

    def _signature(self) -> Signature | None:
        """None: there is nothing to be read."""
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return (stat.st_ino, stat.st_size, stat.st_mtime_ns) if stat.st_size else None

    def _miss(self) -> None:
        self._seen, self._missed = None, self._missed + 1
        if self._missed == GONE:
            self._taken = None  # what comes back is read, be it the same
            self._journal.fault("settings", f"{self._path}: is gone or empty; the mirror goes on with what it had")

    def _take(self, found: Signature) -> None:
        try:
            settings, refused = self._read(), None
        except ConfigError as fault:
            settings, refused = None, fault
        if self._signature() != found:  # it was saved again meanwhile: that version is read when it is whole
            return
        self._taken = found
        if refused is not None:
            self._journal.forget("settings")  # each version that is refused is said
            self._journal.fault("settings", f"{refused}; the mirror goes on with what it had")
            return
        self._journal.recovered("settings")
        self.versions.put(settings)
