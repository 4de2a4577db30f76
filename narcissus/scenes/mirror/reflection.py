"""The one latent that always moves: dream, arrival, following, departure, and dream again."""

import math
from dataclasses import dataclass

import numpy as np

from narcissus.core.timeouts import HOLD, STALE
from narcissus.motion import LONGEST, ConstantVelocity, Sphere, Spring, Walk, angle
from narcissus.scenes.mirror.seen import UPRIGHT, Phase, Target

# Speeds are degrees per second; the promise is 4° in 1/30 s while one person is followed and 12° at an arrival.
NINE_TENTHS = 3.89  # stiffness times seconds in which a critically damped spring goes 90 % of its way
ARRIVAL_LIMIT = 10.8 * 30
FOLLOWING_STIFFNESS, FOLLOWING_LIMIT = 40.0, 3.8 * 30  # trails a turning head by 0.13 s, and is calm before a still one
PLACING_STIFFNESS, UPRIGHT_STIFFNESS = 34.0, 3.0
# Prediction: the spring trails by 2/stiffness, and the landmarks' filter by a little more; that much is looked ahead.
LEAD, PLACING_LEAD = 0.04, 0.035  # seconds beyond the moment of display
VELOCITY_CUTOFF, FARTHEST = 5.0, 0.12  # Hz, and seconds: farther ahead a head that stops would be overshot
DREAM_STIFFNESS, DREAM_LIMIT = 6.0, 3.0 * 30
ARRIVED = 5.0  # degrees from the viewer's likeness at which an arrival becomes following
# Whoever moves all the time has arrived too: after so many times what it takes by its setting, and so many seconds.
LATEST, LONGEST_ARRIVAL = 1.25, 1.0
LEAVING_PACE, CALM = 4.0, 0.05  # a departure begins the dream at 4 times its pace, and ends with so much of that


@dataclass(frozen=True, slots=True)
class Transitions:
    """How long each lasts, in seconds."""

    arrival: float = 0.8  # from the dream to 90 % of the way to a newcomer's likeness
    hand_over: float = 0.25  # the same from one viewer's likeness to another's
    departure: float = HOLD  # for which the reflection waits for a lost face
    dream: float = 4.5  # from then on until it moves as calmly as the dream


class Reflection:
    """Where the shown latent is and where it goes. Belongs to the display thread alone."""

    def __init__(self, size: int, seed: int, dream_speed: float) -> None:
        """A latent of `size` numbers that begins in the dream of `seed`, `dream_speed` in degrees per second."""
        self.phase: Phase = "dream"
        self.seed, self.dream_speed = seed, dream_speed
        self._walk, self._walked_at = Walk(size, seed, dream_speed), dream_speed
        self._sphere = Sphere(self._walk.at(0.0))
        self._moment = 0.0  # seconds of the dream so far: it stands still while somebody is there
        self._last: float | None = None  # when it moved last
        self._since = -math.inf  # when this phase began
        self._aim: np.ndarray | None = None  # float32 (L,): the viewer's likeness, as last seen
        self._likeness = ConstantVelocity(VELOCITY_CUTOFF, FARTHEST)
        self._predicted_place, self._place = ConstantVelocity(VELOCITY_CUTOFF, FARTHEST), Spring(UPRIGHT)
        self._seen = -math.inf  # when somebody was last known to be there
        self._held = HOLD  # seconds since then for which the likeness is kept
        self._identity: int | None = None
        self.transitions, self._arriving = Transitions(), Transitions().arrival

    @property
    def latent(self) -> np.ndarray:
        """Where it is: float32 (L,) of length √L."""
        return self._sphere.latent

    @property
    def place(self) -> np.ndarray:
        """How its picture hangs: float64 (4,), as `placing.UPRIGHT`."""
        return self._place.value

    def begin(self, latent: np.ndarray) -> None:
        """Dream on from `latent` (L,), where another scene leaves off; one of another size is not from here."""
        if latent.shape == self.latent.shape:
            self._sphere = Sphere(latent)
            self._walk.begin(latent, self._moment)

    def move(self, viewer: Target | None, now: float, *, lost: bool = False) -> np.ndarray:
        """Go on until `now` towards the viewer's likeness, or dream: float32 (L,) of length √L.

        `lost`: nobody can be seen any more, whoever may be there; then no departure takes longer than a blink.
        """
        self._held = min(self.transitions.departure, HOLD) if lost else self.transitions.departure
        elapsed = 0.0 if self._last is None else min(max(now - self._last, 0.0), LONGEST)
        self._last = now
        self._look(viewer, now)
        self._move_picture(now)
        if self.phase in ("dream", "departure") or now - self._seen > self._held or self._aim is None:
            return self._dream(elapsed, now)
        if self.phase == "following":
            ahead = self._likeness.at(now + LEAD)
            return self._sphere.follow(ahead, now, stiffness=FOLLOWING_STIFFNESS, limit=FOLLOWING_LIMIT)
        stiffness = NINE_TENTHS / self._arriving
        latent = self._sphere.follow(self._aim, now, stiffness=stiffness, limit=ARRIVAL_LIMIT)
        if angle(latent, self._aim) < ARRIVED or now - self._since > max(LONGEST_ARRIVAL, LATEST * self._arriving):
            self._enter("following", now)
        return latent

    def _look(self, viewer: Target | None, now: float) -> None:
        """Take up what was observed: who is there, and the likeness to aim at."""
        if viewer is None or now - viewer.time > STALE:
            return
        alone = self.phase in ("dream", "departure")
        newcomer = viewer.face.identity != self._identity or alone
        self._seen = now
        if newcomer:
            self._forget()
        self._aim, self._identity = viewer.latent, viewer.face.identity
        self._likeness.see(viewer.latent, viewer.time)
        self._predicted_place.see(viewer.place, viewer.time)
        if newcomer:
            self._arriving = self.transitions.arrival if alone else self.transitions.hand_over
            self._enter("arrival", now)

    def _move_picture(self, now: float) -> None:
        """The picture on its way to its place; upright while nobody is there."""
        if self._aim is None or now - self._seen > self._held:
            self._place.follow(UPRIGHT, now, stiffness=UPRIGHT_STIFFNESS)
        else:
            self._place.follow(self._predicted_place.at(now + PLACING_LEAD), now, stiffness=PLACING_STIFFNESS)

    def _dream(self, elapsed: float, now: float) -> np.ndarray:
        if self.phase in ("arrival", "following"):
            self._enter("departure", now)
            self._walk.begin(self.latent, self._moment)
        leaving = CALM ** ((now - self._since) / self.transitions.dream) if self.phase == "departure" else 0.0
        if self.phase == "departure" and leaving < CALM:
            self._enter("dream", now)
            self._forget()
        pace = self.dream_speed / self._walked_at  # another speed is another pace along the same way: no jump
        self._moment += elapsed * pace * (1 + (LEAVING_PACE - 1) * leaving)
        return self._sphere.follow(self._walk.at(self._moment), now, stiffness=DREAM_STIFFNESS, limit=DREAM_LIMIT)

    def _forget(self) -> None:
        """Nothing is kept of whoever has gone."""
        self._aim = None
        self._likeness.forget()
        self._predicted_place.forget()

    def _enter(self, phase: Phase, now: float) -> None:
        self.phase, self._since = phase, now
