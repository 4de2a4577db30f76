"""SIGTERM and Ctrl-C, remembered until the step that is being done is done."""

import signal


class Stop:
    """Listens from the moment it is made, in the main thread."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, *_) -> None:
        self.asked = True
