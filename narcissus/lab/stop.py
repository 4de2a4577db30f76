"""A training that somebody stops ends after a step, not within one."""

import signal


class Stop:
    """SIGTERM and Ctrl-C, remembered until the step is done."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, *_) -> None:
        self.asked = True
