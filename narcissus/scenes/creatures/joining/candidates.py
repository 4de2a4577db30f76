"""Which faces may be somebody: each is given a while to move, since whoever wants to join holds still on purpose."""

from collections.abc import Sequence

from narcissus.core.types import Face

BENEFIT = 6.0  # seconds of doubt: longer than it takes to be captured


class Candidates:
    def __init__(self, live: bool) -> None:
        """`live`: real people stand before the source; of a film everybody is somebody."""
        self._live = live
        self._since: dict[int, float] = {}  # identity -> when it was first seen

    def among(self, faces: Sequence[Face], now: float) -> list[Face]:
        self._since = {face.identity: self._since.get(face.identity, now) for face in faces}
        new = {identity for identity, since in self._since.items() if now - since < BENEFIT}
        return [face for face in faces if not self._live or face.has_moved or face.identity in new]
