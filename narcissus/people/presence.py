"""One identity for a person: the number that everything else goes by, also when a face was lost for some seconds.

Whoever was lost standing there may come back to the same place; whoever was lost walking has gone, and the next one
comes in by the same side.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from narcissus.core.timeouts import REJOINED
from narcissus.core.types import Box, Face

NEAR = 0.3  # overlap with the place where a person was last seen
WALKING = 1.0  # widths of a face a second: nobody is so quick who stands there, and sways or turns
PACE = 0.15  # seconds over which it is measured


@dataclass(slots=True)
class _Person:
    number: int
    followed: int  # the identity of the face, as long as it is followed without a break
    box: Box
    seen: float
    speed: float = 0.0  # widths of the face a second

    def see(self, face: Face, now: float) -> None:
        elapsed = now - self.seen
        if face.identity == self.followed and elapsed > 0:
            away = math.dist(face.box.centre, self.box.centre) / max(1.0, face.box.width)
            self.speed += (away / elapsed - self.speed) * min(1.0, elapsed / PACE)
        else:
            self.speed = 0.0
        self.followed, self.box, self.seen = face.identity, face.box, now


class Presence:
    """Remembers who was there lately, by place alone; nothing of anybody's looks is kept."""

    def __init__(self) -> None:
        self._people: list[_Person] = []
        self._numbers = 0

    def forget(self) -> None:
        """After a cut: whoever comes now is somebody else."""
        self._people = []

    def named(self, faces: Sequence[Face], now: float) -> tuple[Face, ...]:
        """The faces of one frame with the numbers of their people as `identity`."""
        self._people = [one for one in self._people if 0.0 <= now - one.seen < REJOINED]
        there = {face.identity: one for face in faces if (one := self._followed(face))}
        for face in faces:
            if face.identity not in there:
                there[face.identity] = self._returned(face, list(there.values())) or self._new(face)
            there[face.identity].see(face, now)
        return tuple(replace(face, identity=there[face.identity].number) for face in faces)

    def _followed(self, face: Face) -> _Person | None:
        return next((one for one in self._people if one.followed == face.identity), None)

    def _returned(self, face: Face, there: list[_Person]) -> _Person | None:
        """Whoever is missed, and was last seen standing where this face is."""
        missed = [one for one in self._people if one.speed < WALKING and not any(one is other for other in there)]
        nearest = max(missed, key=lambda one: one.box.overlap(face.box), default=None)
        return nearest if nearest is not None and nearest.box.overlap(face.box) > NEAR else None

    def _new(self, face: Face) -> _Person:
        self._numbers += 1
        self._people.append(_Person(self._numbers, face.identity, face.box, -math.inf))
        return self._people[-1]
