"""A mailbox with one slot for each name: the newest value of each, in the order of their last change."""

import threading
from typing import Any


class Slots:
    """Hands named values from one thread to another. Neither `put` nor `take` ever waits for the other's work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, Any] = {}

    def put(self, name: str, value: Any) -> None:
        with self._lock:
            self._values.pop(name, None)
            self._values[name] = value

    def take(self) -> dict[str, Any]:
        """What was put since the last time."""
        if not self._values:  # a look without the lock: what comes just now is taken the next time
            return {}
        with self._lock:
            taken, self._values = self._values, {}
        return taken
