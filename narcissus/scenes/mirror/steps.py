"""How far the latent goes in 1/30 s, and whether it stands still although what it aims at moves."""

from collections import deque

import numpy as np

from narcissus.core.figures import Latest
from narcissus.motion import angle
from narcissus.scenes.mirror.seen import Shown

WINDOW = 1 / 30  # seconds; steps of the latent are given per such a time


class Steps:
    """Measures the angle between each picture's latent and that of the first one drawn 1/30 s later."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, Shown, int | None]] = deque()  # of the last 1/30 s
        self._all = Latest()  # degrees
        self._max: float | None = None
        self._max_following: float | None = None

    def add(self, shown: Shown, viewer: int | None, now: float) -> None:
        """`viewer`: the identity of the face that is aimed at; None: nobody's."""
        identity = viewer if shown.phase == "following" else None
        while self._waiting and now - self._waiting[0][0] >= WINDOW - 1e-3:  # a millisecond of a clock's trembling
            self._measure(*self._waiting.popleft(), shown, identity, now)
        self._waiting.append((now, shown, identity))

    def _measure(self, before: float, start: Shown, whom: int | None, shown: Shown, identity, now: float) -> None:
        if start.reflection != shown.reflection:  # of several another is foremost now: nothing has moved
            return
        degrees = float(angle(start.latent, shown.latent)) * WINDOW / max(now - before, WINDOW)
        self._all.append(degrees)
        self._max = max(degrees, self._max or 0.0)
        if identity is not None and whom == identity:
            self._max_following = max(degrees, self._max_following or 0.0)

    def report(self) -> dict[str, float | None]:
        """Median of the newest, and the largest ever: of all, and while one person was followed."""
        rounded = lambda value: None if value is None else round(value, 2)
        return {
            "median": rounded(float(np.median(self._all.values())) if len(self._all) else None),
            "max": rounded(self._max),
            "max_while_following": rounded(self._max_following),
        }


class Stall:
    """Tells a picture that stands still although what it aims at moves.

    A viewer who stands still, or one whom the mirror eases towards the mean, asks for no movement; only a target that
    travels while the picture does not is a fault.
    """

    TRAVEL = 5.0  # degrees the target must have gone
    STILL = 0.05  # degrees that count as no movement
    LASTING = 5.0  # seconds; ten times the longest pause that following allows

    def __init__(self) -> None:
        self.stalled = False
        self._since: float | None = None
        self._image: np.ndarray | None = None  # uint8 (h, w, 3), thinned: what was shown then
        self._latent: np.ndarray | None = None  # float32 (L,)
        self._target: np.ndarray | None = None  # float32 (L,)

    def look(self, image: np.ndarray, latent: np.ndarray, target: np.ndarray | None, now: float) -> bool:
        """True when the picture has stood still for LASTING seconds while its target (None: it has none) travelled."""
        thinned = image[::8, ::8]
        if self._since is None or target is None or self._target is None or self._moved(latent, thinned):
            self.forget()
            self._since, self._target = now, target
            self._latent, self._image = latent, thinned.copy()
        elif now - self._since >= self.LASTING and angle(target, self._target) > self.TRAVEL:
            self.stalled = True
        return self.stalled

    def forget(self) -> None:
        """What stood still until now did so on purpose."""
        self.stalled, self._since = False, None

    def _moved(self, latent: np.ndarray, thinned: np.ndarray) -> bool:
        return angle(latent, self._latent) > self.STILL and not np.array_equal(thinned, self._image)
