"""Which filter paints at a moment: the one that is asked for, or the schedule's, each leading into the next."""

from collections.abc import Sequence

import numpy as np

from narcissus.scenes.rotoscope import RotoscopeSettings, Turn
from narcissus.scenes.rotoscope.shelf import Painter, Shelf

AUTO = "auto"


def names_in(settings: RotoscopeSettings) -> list[str]:
    """Every filter that the settings name."""
    asked = [] if settings.filter == AUTO else [settings.filter]
    return [*asked, *(turn.filter for turn in settings.schedule)]


def turn_at(schedule: Sequence[Turn], seconds: float) -> str:
    """The filter whose turn it is after so many seconds; the collection begins again when it is through."""
    lengths = np.array([60 * turn.minutes for turn in schedule])
    place = seconds % lengths.sum()
    return schedule[int(np.searchsorted(lengths.cumsum(), place, side="right"))].filter


class Start:
    """When the first painting of a wall was made: all its programmes count their schedule from there."""

    def __init__(self) -> None:
        self._at: float | None = None

    def elapsed(self, now: float) -> float:
        """Seconds since then, none for whoever asks first."""
        self._at = now if self._at is None else self._at
        return max(0.0, now - self._at)


class Programme:
    """Remembers which filter is shown and which one fades. It belongs to one thread; others may share its start."""

    def __init__(self, shelf: Shelf, start: Start) -> None:
        self._shelf, self._start = shelf, start
        self._current, self._previous = "", ""  # names
        self._since = 0.0  # when the change began
        self._asked: float | None = None  # when `at` was asked last

    def at(self, settings: RotoscopeSettings, now: float) -> list[tuple[Painter, float]]:
        """The filters that paint at `now` and their shares, which sum to 1: two while one leads into the next.

        Where nothing was painted for longer than a change takes, there is nothing to lead from.
        """
        seen = self._asked is not None and now - self._asked <= settings.fade
        self._asked = now
        through = self._through(settings.fade, now)
        wanted = self._wanted(settings, self._start.elapsed(now))
        if wanted != self._current and through == 1 and self._shelf.get(wanted) is not None:
            self._previous, self._current, self._since = self._current if seen else "", wanted, now
            through = 1.0 if not self._previous else self._through(settings.fade, now)
        shares = [(self._current, through), (self._previous, 1 - through)]
        return [(self._shelf.get(name), share) for name, share in shares if share > 0]

    def _wanted(self, settings: RotoscopeSettings, elapsed: float) -> str:
        asked = self._shelf.first
        if settings.filter != AUTO:
            asked = settings.filter
        elif settings.schedule:
            asked = turn_at(settings.schedule, elapsed)
        return asked if self._current or self._shelf.get(asked) is not None else self._shelf.first

    def _through(self, fade: float, now: float) -> float:
        """How far the change has come, 0 to 1."""
        if not self._previous:
            return 1.0
        return 1.0 if fade == 0 else min(1.0, max(0.0, (now - self._since) / fade))
