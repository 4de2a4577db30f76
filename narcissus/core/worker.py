"""A thread that does one step over and over; what goes wrong in it is raised where it is looked after."""

import threading
from collections.abc import Callable


class Worker:
    """Runs `step` until stopped. A context manager: entering starts it, leaving stops it.

    A step that waits must come back by itself now and then. One that does not, as a read from a hung camera, is given
    up after `patience` seconds: its thread stays behind as a daemon and is `alive`.
    """

    def __init__(self, name: str, step: Callable[[], None], patience: float = 1.0) -> None:
        self._step, self._patience = step, patience
        self._stopping = threading.Event()
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> "Worker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._thread.join(self._patience)

    def stop(self) -> None:
        """Ask it to stop after this step."""
        self._stopping.set()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def check(self) -> None:
        """Raise what the thread died of, if it did."""
        if self._fault is not None:
            raise self._fault

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._step()
        except BaseException as fault:  # nothing is swallowed: whoever looks after this thread gets it from `check`
            self._fault = fault
