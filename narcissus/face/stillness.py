"""Is this a person or a poster? A poster's landmarks only jitter; somebody who stands at rest still sways and blinks."""

import numpy as np

from narcissus.face.models import interocular

SETTLED = 0.3  # seconds of averaging; jitter between frames, which is independent, shrinks to a few thousandths
MOVED = 0.035  # of the distance between the eyes, about 2 mm: root mean square over the 68 points


class Stillness:
    """Remembers where the landmarks were when a face was found; whoever has once moved has moved for good."""

    def __init__(self) -> None:
        self.has_moved = False
        self._start: float | None = None
        self._last = 0.0
        self._anchor: np.ndarray | None = None  # float32 (68, 2): the mean of the first moments
        self._now: np.ndarray | None = None  # float32 (68, 2): the running mean
        self._count = 0

    def update(self, landmarks: np.ndarray, now: float) -> bool:
        """Take the landmarks (68, 2) of a face at `now`; True once it has moved."""
        if self.has_moved:
            return True
        if self._start is None:
            self._start, self._last = now, now
        if self._anchor is None or now - self._start < SETTLED:
            self._count += 1
            old = landmarks if self._anchor is None else self._anchor
            self._anchor = old + (landmarks - old) / self._count
            self._now = self._anchor
        else:
            weight = 1.0 - np.exp(-max(0.0, now - self._last) / SETTLED)
            self._now = self._now + weight * (landmarks - self._now)
            distance = float(np.sqrt(((self._now - self._anchor) ** 2).sum(axis=1).mean()))
            self.has_moved = distance > MOVED * interocular(landmarks)
        self._last = now
        return self.has_moved
