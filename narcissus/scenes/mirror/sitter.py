"""One viewer sitting for a portrait: what stays the same from frame to frame while the same face is followed."""

from collections.abc import Sequence

import numpy as np

from narcissus.core.timeouts import REJOINED
from narcissus.core.types import Face, Frame
from narcissus.features.portrait import COLUMNS, GROUPS, light_on, portray
from narcissus.motion import OneEuro, SoftDeadband, Sphere
from narcissus.scenes.mirror.evidence import Evidence

BROKEN = 0.2  # seconds unseen after which a face is measured anew: it may have turned meanwhile

# Cut-offs in Hz at calm 0.5, slopes in Hz per unit and second. Landmarks are in units of the inter-ocular distance, so
# that a near and a far viewer are equally calm. Found on the viewers' videos and on one still frame under noise.
LANDMARKS = {"cutoff": 0.7, "slope": 8.0, "derivative_cutoff": 2.0}
SURFACE = {"cutoff": 0.3, "slope": 0.0}  # colours and guesses: nobody changes them within a second
# Of the logarithm of a light's gains: a lamp burns on for longer than a head turns, and one that is switched is a leap.
LIGHT = {"cutoff": 0.15, "slope": 0.6}

# A person who is known is composed anew now and then, and the new answer may lie some degrees from the old one: it is
# approached by a spring, never jumped to. In radians per second, and in degrees per second.
HELD_STIFFNESS, HELD_LIMIT = 4.0, 8.0
UNDECIDED = 0.1  # a gender presentation that is told stays told until the gathered guess is so far beyond one half
AGE, FEMALE = COLUMNS.index("age"), COLUMNS.index("female")


class Sitter:
    """Smooths what is measured of one viewer, and keeps the part of the reflection that features cannot say."""

    def __init__(self, calm: float) -> None:
        self.guesses, self.guessed = None, -np.inf  # what the machine takes this viewer for, and since when
        self.gains, self.colours, self.looked = None, None, -np.inf  # of this viewer's light and face, and since when
        self._outline, self._surface, self._light = OneEuro(**LANDMARKS), OneEuro(**SURFACE), OneEuro(**LIGHT)
        self._moment, self._pace = SoftDeadband(0.0), 1.0
        self.be_calm(calm)
        self._evidence = Evidence()
        self._fill: np.ndarray | None = None  # float32 (1, L), unit
        self._offers = 0
        self._person: np.ndarray | None = None  # float32 (L,), and the exaggeration it was composed with
        self._exaggeration: float | None = None
        self._held: Sphere | None = None  # on its way to `_person`; None: not yet known well enough to be held
        self._woman: bool | None = None  # as what this viewer is told of; None: not yet told
        self._seen = -np.inf

    def be_calm(self, calm: float) -> None:
        """`calm` from 0 to 1 scales every cut-off between 4 times and a quarter of the middle's."""
        pace = 4 ** (1 - 2 * calm)
        for calmed, middle in ((self._outline, LANDMARKS), (self._surface, SURFACE)):
            calmed.cutoff, calmed.slope = middle["cutoff"] * pace, middle["slope"] * pace
        self._pace = pace

    def has_left(self, now: float) -> bool:
        """Whether it is too late to come back: what was measured of this viewer is then to be forgotten."""
        return now - self._seen >= REJOINED

    def landmarks(self, face: Face, now: float) -> np.ndarray:
        """The face's landmarks, calmed: float32 (68, 2), pixels of the frame.

        Only their arrangement is filtered: where the head is says nothing to the mirror, and its walking past must not
        disturb the mouth.
        """
        if now - self._seen > BROKEN:
            self._outline.forget()
        self._seen = now
        centre = face.landmarks.mean(axis=0)  # (2,)
        eyes = face.landmarks[36:42].mean(axis=0) - face.landmarks[42:48].mean(axis=0)  # (2,)
        unit = max(1.0, float(np.linalg.norm(eyes)))  # pixels
        return (self._outline((face.landmarks - centre) / unit, now) * unit + centre).astype(np.float32)

    def look(self, frame: Frame, landmarks: np.ndarray, colour: str, room: np.ndarray | None) -> None:
        """Take up the light's gains and the face's colours under it; `colour` and `room` as `portrait.light_on`."""
        self.gains = self.light(light_on(frame.image, landmarks, colour, room), frame.time)
        self.colours = portray(frame.image, landmarks, gains=self.gains, colour=colour)[GROUPS["colour"]]
        self.looked = frame.time

    def surface(self, values: np.ndarray, now: float) -> np.ndarray:
        """Colours and guesses (n,), calmed; NaN where one was never seen."""
        return self._surface(values[:, None], now)[:, 0]

    def moment(self, numbers: np.ndarray, tremor: np.ndarray, now: float) -> np.ndarray:
        """The numbers (m,) of turn, mouth and lids in one frame, without the `tremor` (m,) of a still face."""
        self._moment.width = tremor / self._pace
        return self._moment(numbers, now)

    def light(self, gains: np.ndarray, now: float) -> np.ndarray:
        """The light's gains float32 (3,) of one frame, as they were over the last seconds."""
        return np.exp(self._light(np.log(gains), now))

    def told(self) -> dict[str, float]:
        """Age in years and the probability of a woman, as gathered so far; this one stays on its side of one half
        until it is clearly on the other."""
        age, female = (round(value, 3) for value in self._evidence.mean[[AGE, FEMALE]].tolist())
        if self._woman is None or abs(female - 0.5) > UNDECIDED:
            self._woman = female >= 0.5
        return {"age": age, "female": max(female, 0.5) if self._woman else min(female, 0.499)}

    def gather(self, resting: np.ndarray, moment: np.ndarray, confidence: float, now: float) -> None:
        """Learn from one frame who this is: the row at rest (P,), and the expression (m,) for what is habit in it."""
        turned = float(np.exp(-np.square(moment[:2]).sum() / 2))  # from the side less is seen
        self._evidence.add(np.concatenate([resting, moment]), confidence * turned, now)
        self._columns = len(resting)

    def person(self, inverter, exaggeration: float, now: float) -> np.ndarray:
        """The latent (L,) of the person, as far as is known; held until there is more evidence."""
        turned_up = exaggeration != self._exaggeration
        if self._evidence.is_due() or turned_up:
            self._person = self._composed(inverter, exaggeration)
            self._exaggeration = exaggeration
        if not self._evidence.is_firm() or turned_up:
            self._held = None
            return self._person
        if self._held is None:
            self._held = Sphere(self._person)
        return self._held.follow(self._person, now, stiffness=HELD_STIFFNESS, limit=HELD_LIMIT)

    def _composed(self, inverter, exaggeration: float) -> np.ndarray:
        resting, habit = np.split(self._evidence.mean[None], [self._columns], axis=1)
        row = inverter.person(resting, habit)
        if self._fill is None or not self._evidence.is_firm():
            self._settle(inverter.fill(row))
        return inverter.compose(inverter.explain(row)[0], self._fill, exaggeration)[0]

    def _settle(self, offered: np.ndarray) -> None:
        """Take `offered` (1, L) into the sitter's own fill, the mean direction of what was offered so far."""
        self._offers += 1
        mean = offered if self._fill is None else self._fill + (offered - self._fill) / self._offers
        length = np.linalg.norm(mean)
        if length > 0.1:  # two opposite fills have no mean
            self._fill = mean / length


class Sitters:
    """Whoever sits before the mirror now. Nothing is kept of whoever has gone."""

    def __init__(self, calm: float) -> None:
        self.calm = calm
        self._sitting: dict[int, Sitter] = {}  # by the person's number

    def __len__(self) -> int:
        return len(self._sitting)

    def forget(self) -> None:
        self._sitting = {}

    def seat(self, faces: Sequence[Face], now: float, *, waited_for: bool) -> list[Sitter]:
        """The sitter of each face, new ones for newcomers.

        Whoever is missed may come back for a while; while others sit there only if they are `waited_for`.
        """
        seated = {face.identity: self._sitting.get(face.identity) or Sitter(self.calm) for face in faces}
        for sitter in seated.values():
            sitter.be_calm(self.calm)
        missed = {number: one for number, one in self._sitting.items() if number not in seated}
        awaited = {number: one for number, one in missed.items() if not one.has_left(now) and (waited_for or not faces)}
        self._sitting = seated | awaited
        return [seated[face.identity] for face in faces]
