"""A scene made in a thread of its own, since that takes seconds and the wall waits for nothing."""

import threading
from collections.abc import Callable

from narcissus.core.collector import collect, set_aside
from narcissus.core.types import Scene


class Making(threading.Thread):
    """Makes one scene; `done` is set when there is a scene or a fault."""

    def __init__(self, name: str, make: Callable[[], Scene]) -> None:
        super().__init__(name=f"making {name}", daemon=True)
        self._make, self.done = make, threading.Event()
        self.scene: Scene | None = None
        self.fault: BaseException | None = None

    def run(self) -> None:
        collect()  # the scene before is a web of references: only so is its graph freed, and memory may be short
        try:
            self.scene = self._make()
        except BaseException as fault:  # nothing is swallowed: the display's thread gets it
            self.fault = fault
        finally:
            set_aside()  # also where nothing was made: the libraries are still there
            self.done.set()
