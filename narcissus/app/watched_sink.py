"""A sink that reports every picture it was given to show."""

from collections.abc import Callable

from narcissus.core.sections import SharedSettings
from narcissus.core.types import Picture, Sink


class WatchedSink:
    """A Sink that does whatever `sink` does, and tells `presented` and `obeyed` of it.

    Of every picture that it was given, also of those for which there was no display.
    """

    def __init__(self, sink: Sink, presented: Callable[[Picture, float], None], obeyed: Callable[[str], None]) -> None:
        self._sink, self._presented, self._obeyed = sink, presented, obeyed

    def show(self, picture: Picture) -> float:
        shown = self._sink.show(picture)
        self._presented(picture, shown)
        return shown

    def commands(self) -> list[str]:
        return self._sink.commands()

    def obey(self, command: str) -> None:
        self._obeyed(command)
        self._sink.obey(command)

    def tune(self, settings: SharedSettings) -> None:
        self._sink.tune(settings)

    def say(self, message: str, seconds: float = 4.0) -> None:
        self._sink.say(message, seconds)

    def close(self) -> None:
        self._sink.close()
