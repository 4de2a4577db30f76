"""A journal of changes: a fault is logged once when it begins, and once when it is over."""

import logging

log = logging.getLogger("narcissus")


class Journal:
    """Remembers what is at fault now, by name, and logs only what changes."""

    def __init__(self) -> None:
        self._faults: dict[str, str] = {}
        self._news: dict[str, str] = {}

    def fault(self, name: str, reason: str) -> None:
        """`name` is at fault. Logged when it was not at fault before; a new reason for the same fault is not logged."""
        if name not in self._faults:
            self._faults[name] = reason
            log.warning("%s: %s", name, reason)

    def recovered(self, name: str) -> None:
        """`name` is not at fault, or no longer. Logged when it was at fault before."""
        if self._faults.pop(name, None) is not None:
            log.warning("%s: well again", name)

    def forget(self, name: str) -> None:
        """`name` is no longer at fault, and nothing is logged of it."""
        self._faults.pop(name, None)

    def news(self, name: str, said: str) -> None:
        """Something to be known of `name`, and no fault. Logged when it differs from what was said last."""
        if self._news.get(name) != said:
            self._news[name] = said
            log.info("%s: %s", name, said)

    @property
    def faults(self) -> dict[str, str]:
        """What is at fault now: name -> the reason first given."""
        return dict(self._faults)
