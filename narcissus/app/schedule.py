"""Which work hangs when: by the clock, or by who is there. One more hand that turns the setting `scene`."""

import datetime
import math
from collections.abc import Callable, Sequence

from narcissus.app.programme import Entry
from narcissus.app.tuning.slots import Slots
from narcissus.app.watched_sink import WatchedSink
from narcissus.core.timeouts import GONE
from narcissus.core.types import Picture, Sink

PUT_BACK = datetime.timedelta(hours=2)  # a clock that is put back by less, in autumn or by NTP, brings nothing twice


class Schedule:
    """`presented` is told of every picture; what is to hang then lies in `asked`, as a value of the setting `scene`.

    Each entry asks once, when its moment comes: what people choose in between stays until the next one's. Belongs to
    the display's thread.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        wall_clock: Callable[[], datetime.datetime] = datetime.datetime.now,
    ) -> None:
        self.asked = Slots()
        self._by_clock = sorted((one for one in entries if one.at is not None), key=lambda one: one.at or "")
        self._by_presence = [one for one in entries if one.at is None]
        self._wall_clock = wall_clock
        self._asked_for = datetime.datetime.min  # the moment of the clock that asked last
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
        if self._by_clock:
            self._look_at_the_clock(self._wall_clock())
        for place, one in enumerate(self._by_presence):
            waited = one.somebody_for if there else one.nobody_for
            if waited is not None and place not in self._done and shown - self._since >= waited:
                self._done.add(place)
                self.asked.put("scene", one.scene)

    def _look_at_the_clock(self, now: datetime.datetime) -> None:
        moment, one = self._newest(now)
        if moment > self._asked_for or self._asked_for - now > PUT_BACK:
            self._asked_for = moment
            self.asked.put("scene", one.scene)

    def _newest(self, now: datetime.datetime) -> tuple[datetime.datetime, Entry]:
        """The entry of the clock that began last, and when; before the first of the day it is yesterday's last."""
        today = [
            (datetime.datetime.combine(now, datetime.time.fromisoformat(one.at)), one)
            for one in self._by_clock
            if one.at is not None
        ]
        begun = [(moment, one) for moment, one in today if moment <= now]
        if begun:
            return begun[-1]
        moment, one = today[-1]
        return moment - datetime.timedelta(days=1), one


def scheduled(sink: Sink, entries: Sequence[Entry], hears: Callable[[Slots], None]) -> Sink:
    """The sink, watched by a schedule whose wishes `hears` is given; without entries as it is."""
    if not entries:
        return sink
    schedule = Schedule(entries)
    hears(schedule.asked)
    return WatchedSink(sink, schedule.presented, lambda command: None)
