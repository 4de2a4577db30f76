"""When the mirror ends: somebody asked it to (SIGTERM, Ctrl-C, a closed terminal), or its time is over."""

import os
import signal
import time

HURRY = 1.0  # seconds after the signal in which what is left to do must be done; 3 are promised


class Ending:
    """Listens for SIGTERM, SIGINT and SIGHUP, from the main thread, before anything is loaded.

    While the mirror is being loaded there is nothing to put in order, and a library may swallow what is raised inside
    it: a signal ends the process at once. From `begin` on it only sets `asked`, and the loop ends by itself.
    """

    def __init__(self) -> None:
        self.asked: float | None = None  # when a signal came
        self._begun = False
        self._last: float | None = None
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup(1) means it
                signal.signal(number, self._signalled)

    def begin(self, now: float, seconds: float | None) -> None:
        """The mirror runs from `now` on, for `seconds`; None: until it is asked to end."""
        self._begun = True
        self._last = None if seconds is None else now + seconds

    def __call__(self, now: float) -> bool:
        """Whether it is time to end."""
        return self.asked is not None or (self._last is not None and now >= self._last)

    def hurried(self, now: float) -> bool:
        """Whether somebody asked for the end and does not want to wait any longer."""
        return self.asked is not None and now - self.asked > HURRY

    def _signalled(self, *_: object) -> None:
        self.asked = self.asked or time.monotonic()
        if not self._begun:
            os._exit(0)
        _speak_to_nobody_where_nobody_listens()


def _speak_to_nobody_where_nobody_listens() -> None:
    """What is said in the end must not fail because the terminal it was said to has been closed."""
    for number in (1, 2):
        try:
            os.write(number, b"")
        except OSError:  # EIO: it hung up
            nobody = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nobody, number)
            os.close(nobody)
