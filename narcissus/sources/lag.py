"""How old a picture of a network camera is when it has been decoded, by the stream's own clock."""

DRIFT = 2e-4  # seconds a second: so much may the camera's clock be slower than ours before its pictures seem late


class Lag:
    """Compares the stream's timestamps with the moments at which pictures were there.

    The least delay ever seen counts as none; what comes later has waited, in the network or to be decoded. The clocks
    of two machines drift apart, so what counts as none may grow by DRIFT.
    """

    def __init__(self) -> None:
        self._none: float | None = None  # seconds from a timestamp to its picture where nothing waited
        self._last = 0.0

    def __call__(self, stamp: float, now: float) -> float:
        """Seconds that the picture with this timestamp has waited; 0 for the first."""
        delay = now - stamp
        if self._none is None:
            self._none = delay
        else:
            self._none = min(delay, self._none + DRIFT * max(0.0, now - self._last))
        self._last = now
        return delay - self._none
