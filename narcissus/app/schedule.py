"""Which work hangs when: by the clock, or by who is there. One more hand that turns the setting `scene`."""

import datetime
import math
from collections.abc import Callable, Sequence

from narcissus.app.programme import Entry
from narcissus.app.tuning.slots import Slots
from narcissus.app.watched_sink import WatchedSink
from narcissus.core.timeouts import GONE
from narcissus.core.types import Picture, Sink


class Schedule:
    """`presented` is told of every picture; what is to hang then lies in `asked`, as a value of the setting `scene`.

    Each entry asks once, when its moment comes: what people choose in between stays until the next one's. Belongs to
    the display's thread.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        wall_clock: Callable[[], datetime.time] = lambda: datetime.datetime.now().time(),
    ) -> None:
        self.asked = Slots()
        self._by_clock = sorted((one for one in entries if one.at is not None), key=lambda one: one.at or "")
        self._by_presence = [one for one in entries if one.at is None]
        self._wall_clock = wall_clock
        self._hour: Entry | None = None  # the one of the clock that holds now
        self._seen = -math.inf  # when the newest frame with somebody was taken
        self._there: bool | None = None
        self._since = 0.0  # since when it has been so
        self._done: set[int] = set()  # places of those that have asked since then

    def presented(self, picture: Picture, shown: float) -> None:
        """`shown`: when, in the time of the frames."""
        if picture.answers is not None:
            self._seen = max(self._seen, picture.answers)
        there = shown - self._seen < GONE
        if there != self._there:
            self._there, self._since = there, shown
            self._done.clear()
        if self._by_clock and (hour := self._now()) is not self._hour:
            self._hour = hour
            self.asked.put("scene", hour.scene)
        for place, one in enumerate(self._by_presence):
            waited = one.somebody_for if there else one.nobody_for
            if waited is not None and place not in self._done and shown - self._since >= waited:
                self._done.add(place)
                self.asked.put("scene", one.scene)

    def _now(self) -> Entry:
        """The newest entry of the clock; before the first of the day it is still yesterday's last."""
        moment = self._wall_clock().strftime("%H:%M")
        begun = [one for one in self._by_clock if one.at is not None and one.at <= moment]
        return (begun or self._by_clock)[-1]


def scheduled(sink: Sink, entries: Sequence[Entry], hears: Callable[[Slots], None]) -> Sink:
    """The sink, watched by a schedule whose wishes `hears` is given; without entries as it is."""
    if not entries:
        return sink
    schedule = Schedule(entries)
    hears(schedule.asked)
    return WatchedSink(sink, schedule.presented, lambda command: None)
