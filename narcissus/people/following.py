"""Searching is budgeted, following is cheap, and now and then the detector proves that a face is still there.

A followed face costs one prediction a frame: the landmarks of the last frame say where the detector would put its box,
and the predictor starts from there. It puts points on anything, so the detector looks at a small crop around the face
every third of a second, and at once where the face has changed its looks, its size or its place too suddenly.
"""

from dataclasses import dataclass, field

import numpy as np

from narcissus.core.timeouts import DOUBTED_FOR, REMEMBERED, UNSEEN_FOR
from narcissus.core.types import Box, Face, Frame
from narcissus.people.models import Found, box_of, detect_in, glance, grey, grown, interocular, landmarks_in
from narcissus.people.searching import Search
from narcissus.people.stillness import Stillness

AT_MOST = 10  # faces followed at once

PROVE_EVERY = 0.3  # seconds
PROVE_AT = 95  # pixels: the face is brought to this width in the crop, and the detector costs 2 ms
DOUBT_AT = 130  # the same in a second look: a follower that has grown too large is found out
PROVE_AROUND = 2.0  # crop over face
PROVEN = -0.2  # the detector's score; lower than where nothing is known, for here a face was a moment ago
DOUBTED = -0.7  # a hard pose: believed a little longer than nothing at all
AGREES = 0.4  # overlap of the proof and the followed box
DRIFTED = 0.05  # of the eyes' distance: landmarks that disagree more with the proof's begin anew from there
TRAVELLED = 0.2  # of the face's width, moved or grown since the last proof: time for the next

LOST_AROUND = 2.5  # crop over face in which a lost one is looked for, every frame

LOOKS_ALIKE = 0.75  # correlation of two glances; two frames of one moving face rarely differ more
LEAP = 0.08  # of the face's width: a step this long is predicted a second time from where it led
BREAK = 0.5  # of the width: no face moves as far in one frame
SAME_PLACE = 0.25  # overlap of a newcomer's box with a face that is known


@dataclass(slots=True, eq=False)
class _Followed:
    identity: int
    landmarks: np.ndarray | None = None  # float32 (68, 2)
    box: Box = field(init=False)
    looks: np.ndarray = field(init=False)  # float32 (256,): a glance at the last proof
    proven: float = field(init=False)  # when the detector last saw it
    stillness: Stillness = field(default_factory=Stillness)
    startled: bool = False  # something changed too suddenly: it must be proven at once
    travelled: float = 0.0  # since the last proof, in widths of the face
    doubted: float | None = None  # since when the detector has not seen it
    half_seen: bool = False  # it has failed on what may be a hard pose

    def step(self, picture: np.ndarray) -> None:
        """Carry the landmarks into this frame."""
        landmarks = landmarks_in(picture, self.box)
        box = box_of(landmarks)
        leap = _leap(self.box, box)
        if leap > LEAP:
            landmarks = landmarks_in(picture, box)
            box = box_of(landmarks)
            leap = _leap(self.box, box)
        self.travelled += leap
        self.startled = leap > BREAK or float(glance(picture, box) @ self.looks) < LOOKS_ALIKE
        self.landmarks, self.box = landmarks, box

    def prove(self, picture: np.ndarray, now: float) -> None:
        """Ask the detector; follow it where it disagrees, doubt where it sees nothing."""
        wanted = PROVE_AT if self.doubted is None else DOUBT_AT
        found = detect_in(picture, grown(self.box, PROVE_AROUND), wanted / self.box.width, DOUBTED)
        best = max(found, key=lambda one: one.box.overlap(self.box), default=None)
        agrees = best is not None and best.box.overlap(self.box) > SAME_PLACE
        if not agrees or best.score < PROVEN:
            self.doubted = now if self.doubted is None else self.doubted
            self.half_seen = agrees
            return
        self.hold(picture, best.box, now)

    def hold(self, picture: np.ndarray, box: Box, now: float) -> None:
        """The detector sees it here: believe it for a while, and begin anew from there if the landmarks had drifted."""
        landmarks = landmarks_in(picture, box)
        apart = np.linalg.norm(landmarks - self.landmarks, axis=1).mean() if self.landmarks is not None else np.inf
        if apart > DRIFTED * interocular(landmarks):
            self.landmarks, self.box = landmarks, box_of(landmarks)
            self.stillness.forget()
        self.looks = glance(picture, self.box)
        self.proven, self.travelled, self.doubted, self.startled = now, 0.0, None, False

    def as_face(self, now: float) -> Face:
        if self.doubted is None:  # what is half hidden seems to move
            self.stillness.update(self.landmarks, now)
        return Face(self.landmarks, self.box, self.identity, self.stillness.has_moved)

    def due(self, now: float) -> bool:
        """Whether it must be proven in this frame, however much else there is to do."""
        return self.startled or self.doubted is not None or self.travelled > TRAVELLED

    def gone(self, now: float) -> bool:
        return self.doubted is not None and now - self.doubted > (DOUBTED_FOR if self.half_seen else UNSEEN_FOR)


class FaceFinder:
    """Finds and follows the faces before one source. `reach`: how far away, in metres, for a 70° lens."""

    def __init__(self, reach: float = 2.0) -> None:
        self._search = Search(reach)
        self._followed: list[_Followed] = []
        self._lost: list[tuple[float, _Followed]] = []
        self._identities = 0

    @property
    def reach(self) -> float:
        return self._search.reach

    @reach.setter
    def reach(self, metres: float) -> None:
        """May be set by any thread: the next frame is searched accordingly."""
        self._search.reach = metres

    def find(self, frame: Frame) -> list[Face]:
        """The faces of this frame, largest first; empty where there are none. Frames must come in order."""
        picture, now = grey(frame.image), frame.time
        if frame.cut:
            self._followed, self._lost = [], []
            self._search.forget()
        self._follow(picture, now)
        self._look_for_the_lost(picture, now)
        for found in self._search.look(picture, now, following=bool(self._followed)):
            self._meet(picture, found, now)
        self._followed.sort(key=lambda one: -one.box.area)
        del self._followed[AT_MOST:]
        return [one.as_face(now) for one in self._followed]

    def _follow(self, picture: np.ndarray, now: float) -> None:
        for one in self._followed:
            one.step(picture)
        routine = [one for one in self._followed if not one.due(now) and now - one.proven >= PROVE_EVERY]
        oldest = sorted(routine, key=lambda one: one.proven)[:1]  # one a frame: many people make no frame late
        for one in [one for one in self._followed if one.due(now)] + oldest:
            one.prove(picture, now)
        gone = [one for one in self._followed if one.gone(now)]
        self._lost += [(now, one) for one in gone]
        self._followed = _apart([one for one in self._followed if one not in gone])

    def _look_for_the_lost(self, picture: np.ndarray, now: float) -> None:
        self._lost = [(since, one) for since, one in self._lost if 0.0 <= now - since <= REMEMBERED]
        for _, one in list(self._lost):
            for found in detect_in(picture, grown(one.box, LOST_AROUND), PROVE_AT / one.box.width):
                self._meet(picture, found, now)

    def _meet(self, picture: np.ndarray, found: Found, now: float) -> None:
        """Follow a face the detector has found, unless it is followed already."""
        if any(found.box.overlap(one.box) > SAME_PLACE for one in self._followed):
            return
        one = self._recognise(found.box)
        one.landmarks = None
        one.hold(picture, found.box, now)
        self._followed.append(one)

    def _recognise(self, box: Box) -> _Followed:
        """Somebody who was lost here a moment ago, or else somebody new."""
        for entry in self._lost:
            if entry[1].box.overlap(box) > SAME_PLACE:
                self._lost.remove(entry)
                return entry[1]
        self._identities += 1
        return _Followed(self._identities)


def _apart(followed: list[_Followed]) -> list[_Followed]:
    """One follower for each face: where two have met, the longer known stays."""
    kept: list[_Followed] = []
    for one in sorted(followed, key=lambda one: one.identity):
        if all(one.box.overlap(other.box) < AGREES for other in kept):
            kept.append(one)
    return kept


def _leap(before: Box, after: Box) -> float:
    """How far a face has moved or grown, in widths of the face."""
    (x, y), (u, v) = before.centre, after.centre
    return (float(np.hypot(x - u, y - v)) + abs(after.width - before.width)) / before.width
