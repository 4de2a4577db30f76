"""Who a viewer is, gathered: a mean that grows firm within the first second and then changes only as evidence grows."""

import numpy as np

LONGEST = 20.0  # seconds of clear sight after which what is new counts as much as what is forgotten
FIRM = 0.5  # seconds of clear sight after which somebody is known
GROWTH = 0.03  # of the evidence, after which the reflection is composed anew
LEAST, MOST = 1 / 60, 0.1  # seconds that one frame counts: the first has no frame before it, and a stall is no evidence
GLIMPSE = 0.02  # a frame without confidence, or from the side, still counts so much: better than nothing


class Evidence:
    """The weighted mean of arrays (k,), of which some numbers may be unknown (NaN) at times."""

    def __init__(self) -> None:
        self.seconds = 0.0  # of clear sight so far, at most LONGEST
        self._mean: np.ndarray | None = None  # float64 (k,)
        self._known: np.ndarray | None = None  # float64 (k,): seconds for which each number was known
        self._last: float | None = None
        self._composed = 0.0  # seconds of evidence when `is_due` last said so

    @property
    def mean(self) -> np.ndarray:
        """float32 (k,); NaN for what was never known."""
        return np.where(self._known > 0, self._mean, np.nan).astype(np.float32)

    def add(self, values: np.ndarray, clearness: float, now: float) -> None:
        """Take what one frame shows, (k,); `clearness` is 0 to 1."""
        if self._mean is None:
            self._mean, self._known = np.zeros(len(values)), np.zeros(len(values))
        elapsed = LEAST if self._last is None else min(max(now - self._last, LEAST), MOST)
        self._last = now
        weight = elapsed * max(clearness, GLIMPSE)
        known = np.isfinite(values)
        self._known = np.minimum(self._known + weight * known, LONGEST)
        share = np.where(known, weight / np.maximum(self._known, weight), 0.0)
        self._mean = self._mean + share * (np.where(known, values, 0.0) - self._mean)
        self.seconds = min(self.seconds + weight, LONGEST)

    def is_firm(self) -> bool:
        return self.seconds >= FIRM

    def is_due(self) -> bool:
        """Whether so much is new since it last was that the reflection must be composed anew."""
        due = self._composed == 0 or self.seconds >= LONGEST or self.seconds > self._composed * (1 + GROWTH)
        if due:
            self._composed = self.seconds
        return due
