"""A sink that is opened again: awaited when there is no display yet, made anew when one is lost."""

import time
from collections.abc import Callable

from narcissus.core.errors import ScreenError
from narcissus.core.journal import Journal
from narcissus.core.sections import SharedSettings
from narcissus.core.types import Picture, Sink

BACK_OFF = (1.0, 2.0, 4.0, 8.0, 10.0)  # seconds between attempts, the last for ever
LOOK = 0.1  # seconds; while there is no display the loop comes round so often, to hear a signal
MOST_LOSSES = 3  # since the start: a display that is lost more often needs a new process


class ReopeningSink:
    """A Sink made by `open_sink`, which raises ScreenError while there is none.

    `presented(picture, shown)` is told of every picture that reached a display. Raises ScreenError at the fourth loss.
    """

    def __init__(
        self,
        open_sink: Callable[[], Sink],
        journal: Journal,
        presented: Callable[[Picture, float], None],
        *,
        remade: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._open, self._journal, self._presented, self._remade = open_sink, journal, presented, remade
        self._clock, self._sleep = clock, sleep
        self._sink: Sink | None = None
        self._settings: SharedSettings | None = None  # as they were tuned last: a display made later takes them up
        self._losses = self._tries = 0
        self._next_try = clock()

    def __enter__(self) -> "ReopeningSink":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        screen, self._sink = self._sink, None
        if screen is not None:
            screen.close()

    def commands(self) -> list[str]:
        return [] if self._sink is None else self._sink.commands()

    def obey(self, command: str) -> None:
        if self._sink is not None:
            self._sink.obey(command)

    def tune(self, settings: SharedSettings) -> None:
        self._settings = settings
        if self._sink is not None:
            self._sink.tune(settings)

    def say(self, message: str, seconds: float = 4.0) -> None:
        if self._sink is not None:
            self._sink.say(message, seconds)

    def show(self, picture: Picture) -> float:
        if self._sink is None and not self._reopened():
            self._sleep(LOOK)
            return self._clock()
        try:
            shown = self._sink.show(picture)
        except ScreenError as lost:
            self._lose(lost)
            return self._clock()
        self._presented(picture, shown)
        return shown

    def _reopened(self) -> bool:
        now = self._clock()
        if now < self._next_try:
            return False
        try:
            self._sink = self._open()
        except ScreenError as missing:
            self._journal.fault("display", f"{missing}; it is awaited")
            self._next_try = now + BACK_OFF[min(self._tries, len(BACK_OFF) - 1)]
            self._tries += 1
            return False
        if self._settings is not None:
            self._sink.tune(self._settings)
        self._tries = 0
        self._journal.recovered("display")
        if self._losses:
            self._remade()
        return True

    def _lose(self, lost: ScreenError) -> None:
        self._losses += 1
        self._journal.fault("display", f"{lost}; it is made anew")
        self.close()
        self._next_try = self._clock()
        if self._losses > MOST_LOSSES:
            raise lost
