"""A mailbox with one slot: whoever looks finds the newest value, and nothing ever queues."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    """Hands values from one thread to another, forgetting all but the newest.

    `put` never waits. `get` takes what was put since the last `get`; `peek` looks at the newest without taking it.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._value: T | None = None
        self._fresh = False
        self._closed = False

    def put(self, value: T) -> None:
        with self._changed:
            self._value, self._fresh = value, True
            self._changed.notify_all()

    def get(self, timeout: float | None = None) -> T | None:
        """Wait for a value nobody has taken yet. None after `timeout` seconds, or once closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._fresh or self._closed, timeout)
            if not self._fresh:
                return None
            self._fresh = False
            return self._value

    def peek(self) -> T | None:
        with self._changed:
            return self._value

    def forget(self) -> None:
        """Empty the slot: what was in it must not be seen again."""
        with self._changed:
            self._value, self._fresh = None, False

    def close(self) -> None:
        """Wake everyone who waits; from now on `get` returns what is left and then None."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        return self._closed
