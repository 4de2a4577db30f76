"""Heat: it rises while somebody stays, and falls when they have gone."""

import math

RISE, FALL = 20.0, 8.0  # seconds: time constants


class Heat:
    """`level` is 0 (nobody has been here lately) to 1 (somebody has stayed)."""

    def __init__(self) -> None:
        self.level = 0.0
        self._last: float | None = None

    def feel(self, somebody: bool, now: float) -> float:
        """The level at `now`, to be asked for every frame."""
        elapsed = 0.0 if self._last is None else max(0.0, now - self._last)
        self._last = now
        goal, pace = (1.0, RISE) if somebody else (0.0, FALL)
        self.level += (goal - self.level) * (1 - math.exp(-elapsed / pace))
        return self.level


def heated(strength: float, heat: float, level: float) -> float:
    """How strong the filter is: at `heat` 0 always `strength`, at 1 nothing of it for whoever has just come."""
    return strength * (1 - heat * (1 - level))
