"""Which resolution is learned when: progressive growing by the clock (Karras et al. 2018, section 2).

Each resolution gets twice the time of the one before, so the last has half of all, and fades in over its first third.
"""

from dataclasses import dataclass

FADING = 1 / 3  # of a resolution's time
FIRST = 2  # log2 of the pixels it begins with
BATCHES = {64: 32, 128: 32, 256: 16, 512: 8, 1024: 4}  # pictures a step; 64 where they are smaller


@dataclass(frozen=True, slots=True)
class Plan:
    top: int  # log2 of the last resolution
    seconds: float  # of training, until the last resolution has had its half

    def at(self, seconds: float) -> tuple[int, float | None]:
        """log2 of the pixels at this moment of the training, and how much of the resolution before still shows.

        None once the last resolution has faded in for good.
        """
        unit = self.seconds / (2 ** (self.top - FIRST + 1) - 1)
        for log2 in range(FIRST, self.top + 1):
            lasts = unit * 2 ** (log2 - FIRST)
            if seconds < lasts or log2 == self.top:
                return log2, self._fade(log2, seconds / max(lasts, 1e-9))
            seconds -= lasts
        raise AssertionError("the last resolution has no end")

    def _fade(self, log2: int, share: float) -> float | None:
        if log2 == self.top and (share >= FADING or log2 == FIRST):
            return None
        return 0.0 if log2 == FIRST else max(0.0, 1 - share / FADING)


def batch(log2: int) -> int:
    """Pictures a step."""
    return BATCHES.get(2**log2, 64)
