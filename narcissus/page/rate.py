"""How often something may be tried: so many a minute by each address, and so many by all together."""

from collections import deque

MINUTE = 60.0  # seconds


class Rate:
    """`allowed` counts a try at `now` seconds and says whether it may be made. Refused tries count for nothing."""

    def __init__(self, each: int, together: int) -> None:
        self._each, self._together = each, together
        self._tries: deque[tuple[float, str]] = deque()  # of the last minute: never more than `together`

    def allowed(self, who: str, now: float) -> bool:
        while self._tries and now - self._tries[0][0] >= MINUTE:
            self._tries.popleft()
        if len(self._tries) >= self._together or sum(one == who for _, one in self._tries) >= self._each:
            return False
        self._tries.append((now, who))
        return True
