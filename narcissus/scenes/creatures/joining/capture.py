"""When somebody is captured: a state machine that is told what each frame shows, and when.

A face that is near, frontal, sharp and quiet for HELD seconds, and alive, begins a ring of three seconds. Turning
away, walking on or leaving cancels it. Whoever was captured is left in peace for a while.
"""

from dataclasses import dataclass
from typing import Literal

HELD = 0.8  # seconds that a face must hold still before the ring begins
RING = 3.0  # seconds: three, two, one
LAPSE = 0.25  # seconds that something may be amiss: a frame without a face, a start, a glance aside
LIVING = 2.0  # seconds after which a face must have shown again that it lives
REST = 20.0  # seconds after a capture in which the same person begins no ring

TURNED, AWAY = 22.0, 30.0  # degrees that a face may be turned or nodded before the ring begins, and while it runs
QUICK, HURRIED = 1.0, 1.6  # eye distances a second that a face may move, the same
BLURRED = 0.22  # sharpness below which no ring begins: faces in focus have 0.3 to 0.7, smeared ones 0.1
FAR = 0.075  # width of the face in longer sides of the frame: 1.5 m away with a 70° lens

Phase = Literal["nobody", "holding", "ring", "captured", "resting"]


@dataclass(frozen=True, slots=True)
class Sign:
    """What one frame shows of the foremost face."""

    identity: int
    turned: float  # degrees, the larger of yaw and pitch
    speed: float  # distances between the outer eye corners a second, over the last quarter of a second
    sharpness: float
    size: float  # width of the face, of the frame's longer side
    lived: float | None  # when it last showed that it lives; None: never

    def is_still(self) -> bool:
        """Whether this is somebody who wants to be seen."""
        return self.turned <= TURNED and self.speed <= QUICK and self.sharpness >= BLURRED and self.size >= FAR

    def stays(self, now: float) -> bool:
        """Whether it may be the same wish still: a ring that has begun forgives more."""
        return self.turned <= AWAY and self.speed <= HURRIED and self.size >= 0.8 * FAR and self.lives(now)

    def lives(self, now: float) -> bool:
        return self.lived is not None and now - self.lived <= LIVING


class Capture:
    """`phase` and `since` say what goes on."""

    def __init__(self) -> None:
        self.phase: Phase = "nobody"
        self.since = 0.0
        self.identity: int | None = None
        self._amiss: float | None = None  # since when what is asked for is not there

    def update(self, sign: Sign | None, now: float) -> Phase:
        """Go on to `now`. `sign` None: no face is there. "captured" is answered once for each capture."""
        step = {"nobody": self._begin, "holding": self._hold, "ring": self._run, "captured": self._rest}
        step.get(self.phase, self._wait)(sign, now)
        return self.phase

    def _begin(self, sign: Sign | None, now: float) -> None:
        if sign is not None and sign.is_still():
            self._turn("holding", now, sign.identity)

    def _hold(self, sign: Sign | None, now: float) -> None:
        if self._lapsed(sign is not None and sign.identity == self.identity and sign.is_still(), now):
            self._turn("nobody", now, None)
        elif self._amiss is None and now - self.since >= HELD and sign.lives(now):
            self._turn("ring", now, self.identity)

    def _run(self, sign: Sign | None, now: float) -> None:
        if self._lapsed(sign is not None and sign.identity == self.identity and sign.stays(now), now):
            self._turn("nobody", now, None)
        elif self._amiss is None and now - self.since >= RING:
            self._turn("captured", now, self.identity)

    def _rest(self, sign: Sign | None, now: float) -> None:
        self._turn("resting", self.since, self.identity)
        self._wait(sign, now)

    def _wait(self, sign: Sign | None, now: float) -> None:
        """The same person may stand there as long as they like; somebody else may begin at once."""
        if now - self.since >= REST or (sign is not None and sign.identity != self.identity):
            self._turn("nobody", now, None)

    def _lapsed(self, fine: bool, now: float) -> bool:
        """Whether it has been amiss for longer than may be."""
        if fine:
            self._amiss = None
        elif self._amiss is None:
            self._amiss = now
        return self._amiss is not None and now - self._amiss > LAPSE

    def _turn(self, phase: Phase, now: float, identity: int | None) -> None:
        self.phase, self.since, self.identity, self._amiss = phase, now, identity, None
