"""The choice of the viewer among all faces: the largest and most central, who then stays it; or everybody.

A viewer is not changed lightly: a challenger must be clearly more prominent, and for a while. Before a live camera a
face that has never moved is a poster, and nobody's mirror.
"""

from collections.abc import Sequence

from narcissus.core.timeouts import CHALLENGED_FOR, GRACE, PROVEN_FOR
from narcissus.core.types import Face

CLEARLY = 1.35  # times as prominent as the viewer: a challenger
MOST = 9  # people who have a mirror at once
AT_THE_EDGE = 0.5  # prominence of a face at the frame's edge, against 1 in the middle


class Visitors:
    """Remembers who the viewer is. `live`: the frames show real people in real time."""

    def __init__(self, live: bool) -> None:
        self._live = live
        self.forget()

    def forget(self) -> None:
        """After a cut: whoever was the viewer is not waited for."""
        self._viewer: int | None = None  # identity
        self._seen = 0.0  # when the viewer was last there
        self._challenger: int | None = None
        self._since = 0.0  # since when that one has been more prominent
        self._there: dict[int, tuple[float, float]] = {}  # identity -> since when somebody is there, and last was
        self._guests: set[int] = set()  # identities of those who have a mirror

    def choose(self, faces: Sequence[Face], now: float, width: float | None = None) -> Face | None:
        """The viewer among the faces of one frame; None while nobody is there, or the viewer is waited for.

        Arrival, departure and hand-over show in the identity. `width`: the frame's, in pixels; without it size decides.
        """
        people = {face.identity: face for face in faces if face.has_moved or not self._live}
        viewer = people.get(self._viewer)
        if viewer is None:
            return self._take(people, now, width)
        self._seen = now
        challenger = self._challenged(viewer, people, now, width)
        return viewer if challenger is None else self._mirror(challenger, now)

    def gather(self, faces: Sequence[Face], viewer: Face | None, now: float, width: float | None = None) -> list[Face]:
        """All who get a mirror of their own, at most MOST: the viewer first, guests before newcomers, by prominence.

        To be asked for every frame, with what `choose` said of it. A newcomer must have been there for a while.
        """
        people = [face for face in faces if face.has_moved or not self._live]
        self._there = {name: times for name, times in self._there.items() if 0.0 <= now - times[1] < GRACE}
        self._there |= {face.identity: (self._there.get(face.identity, (now,))[0], now) for face in people}
        self._guests &= self._there.keys()

        def rank(face: Face) -> tuple[bool, bool, float]:
            return face is viewer, face.identity in self._guests, prominence(face, width)

        proven = [face for face in people if any(rank(face)[:2]) or now - self._there[face.identity][0] >= PROVEN_FOR]
        chosen = sorted(proven, key=rank, reverse=True)[:MOST]
        missing = self._guests - {face.identity for face in people}
        self._guests = missing | {face.identity for face in chosen}
        return chosen

    def _take(self, people: dict[int, Face], now: float, width: float | None) -> Face | None:
        """Nobody's mirror yet, or no longer: the most prominent, once the viewer has been waited for."""
        if self._viewer is not None and 0.0 <= now - self._seen < GRACE:
            return None
        self._viewer = None
        return self._mirror(_most_prominent(people, width), now) if people else None

    def _challenged(self, viewer: Face, people: dict[int, Face], now: float, width: float | None) -> Face | None:
        best = _most_prominent(people, width)
        if prominence(best, width) < CLEARLY * prominence(viewer, width):
            self._challenger = None
            return None
        if self._challenger != best.identity:
            self._challenger, self._since = best.identity, now
        return best if now - self._since >= CHALLENGED_FOR else None

    def _mirror(self, face: Face, now: float) -> Face:
        self._viewer, self._seen, self._challenger = face.identity, now, None
        return face


def prominence(face: Face, width: float | None = None) -> float:
    """Pixels of the face, worth half at the edge of the frame."""
    if not width:
        return face.box.area
    aside = min(1.0, abs(face.box.centre[0] - width / 2) / (width / 2))
    return face.box.area * (1.0 - (1.0 - AT_THE_EDGE) * aside)


def _most_prominent(people: dict[int, Face], width: float | None) -> Face:
    return max(people.values(), key=lambda face: prominence(face, width))
