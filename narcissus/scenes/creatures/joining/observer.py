"""What perception makes of each frame before a wall with a camera: who holds still, how far, and whom it captured."""

from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from narcissus.colony.sealing import wipe
from narcissus.core.timeouts import REJOINED, STALE
from narcissus.core.types import Face, Frame
from narcissus.features.moment import moment
from narcissus.features.portrait import light_on, portray
from narcissus.people.presence import Presence
from narcissus.people.visitors import Visitors
from narcissus.scenes.contract import Stage, unmeasured
from narcissus.scenes.creatures.joining.candidates import Candidates
from narcissus.scenes.creatures.joining.capture import QUICK, Capture, Phase, Sign
from narcissus.scenes.creatures.joining.signs import Signs
from narcissus.scenes.creatures.profile.measures import measured
from narcissus.scenes.mirror.sitter import Sitter

CALM = 0.5
NEAR, FAR = 0.45, 0.08  # width of a face, of the frame's longer side: nearness 1 and 0
PORTRAYED = ("holding", "ring", "captured")  # only of whoever may join is anything more measured


@dataclass(frozen=True, slots=True, eq=False)
class Caught:
    """A visitor for whom the ring has closed: numbers alone, in memory alone."""

    latent: np.ndarray  # float32 (L,): the inverter's answer; wiped once it is kept or forgotten
    measured: dict[str, float]
    guessed: dict[str, float]
    _taken: Lock = field(default_factory=Lock, init=False, repr=False)

    @property
    def taken(self) -> bool:
        return self._taken.locked()

    def take(self) -> bool:
        """True once, in whichever thread asks first: from then on the latent is its own, to be wiped in the end."""
        return self._taken.acquire(blocking=False)


@dataclass(frozen=True, slots=True, eq=False)
class Noticed:
    """What one frame has told. `caught` is told again until it is taken: of a slow display only the newest is seen."""

    time: float
    somebody: bool = False  # a viewer is there, be it from the side
    phase: Phase = "nobody"
    since: float = 0.0
    caught: Caught | None = None


class Observer:
    """Belongs to the perception thread."""

    def __init__(
        self,
        finder,
        inverter,
        attributes,
        *,
        live: bool,
        colour: str = "auto",
        room: np.ndarray | None = None,
        stage: Stage = unmeasured,
    ) -> None:
        """`room` and `colour`: as for the mirror."""
        self.finder, self._presence = finder, Presence()
        self._candidates, self._visitors = Candidates(live), Visitors(live=False)
        self._inverter, self._attributes = inverter, attributes
        self._colour, self._room, self._stage = colour, room, stage
        self._signs, self._capture = Signs(), Capture()
        self._waiting: Caught | None = None  # for the display to take
        self._closed = 0.0  # when the ring had closed
        self._there = 0.0  # when somebody was there last
        self._begin_anew(None)

    def look(self, frame: Frame) -> Noticed:
        if frame.cut:
            for memory in (self._visitors, self._presence, self._signs):
                memory.forget()
        with self._stage("find"):
            faces = self._presence.named(self.finder.find(frame), frame.time)
        people = self._candidates.among(faces, frame.time)
        viewer = self._visitors.choose(people, frame.time, frame.image.shape[1])
        if viewer is not None:
            self._there = frame.time
        elif frame.time - self._there >= REJOINED:  # nothing is kept of whoever has gone
            self._signs.forget()
        sign = None if viewer is None else self._signs.look(frame, viewer)
        phase = self._capture.update(sign, frame.time)
        if phase not in PORTRAYED or self._capture.identity != self._whom:
            self._begin_anew(self._capture.identity)
        if viewer is not None and phase in PORTRAYED and viewer.identity == self._whom:
            with self._stage("portray"):
                self._portray(frame, viewer, sign)
        self._let_go(frame.time)
        if phase == "captured":
            self._waiting, self._closed = self._caught(), frame.time
        return Noticed(frame.time, viewer is not None, phase, self._capture.since, self._waiting)

    def _let_go(self, now: float) -> None:
        """Whoever was taken is told of no more; whoever was not for too long is overwritten, and nobody comes."""
        if self._waiting is None or not (self._waiting.taken or now - self._closed >= STALE):
            return
        if self._waiting.take():
            wipe(self._waiting.latent)
        self._waiting = None

    def _begin_anew(self, whom: int | None) -> None:
        self._whom, self._sitter = whom, Sitter(CALM)
        self._person: np.ndarray | None = None
        self._seen, self._moment, self._speed, self._size = 0, 0.0, 0.0, 0.0

    def _portray(self, frame: Frame, viewer: Face, sign: Sign) -> None:
        """Gather who this is: as the mirror does, and forgotten as soon as the ring is cancelled."""
        outline = self._sitter.landmarks(viewer, frame.time)
        gains = self._sitter.light(light_on(frame.image, outline, self._colour, self._room), frame.time)
        if frame.time - self._sitter.guessed > 0.2:
            self._sitter.guesses = self._attributes.guess(frame.image, outline, gains)
            self._sitter.guessed = frame.time
        row = portray(frame.image, outline, self._sitter.guesses, gains, self._colour)[None]  # (1, P)
        resting, passing = self._inverter.divide(row)
        self._sitter.gather(resting[0], passing[0], float(self._inverter.confidence(row)[0]), frame.time)
        self._person = self._sitter.person(self._inverter, 1.0, frame.time)
        self._seen += 1
        self._moment += (moment(row)[0] - self._moment) / self._seen
        self._speed += (sign.speed - self._speed) / self._seen
        self._size += (sign.size - self._size) / self._seen

    def _caught(self) -> Caught | None:
        if self._person is None:
            return None
        told = measured(self._moment, 1 - self._speed / QUICK, (self._size - FAR) / (NEAR - FAR))
        guesses = self._sitter.guesses
        guessed = {"age": guesses.age, "age_spread": guesses.age_spread, **guesses.expression}
        latent = np.array(self._person, np.float32)
        wipe(self._person)  # whoever takes the other wipes it; the sitter is let go with the next frame
        self._person = None
        return Caught(latent, told, guessed)
