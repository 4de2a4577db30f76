"""One viewer sitting for a portrait: what stays the same from frame to frame while the same face is followed."""

from collections.abc import Callable, Sequence

import numpy as np

from narcissus.core.types import Face
from narcissus.motion import OneEuro

SETTLED = 12  # frames after which the viewer's own fill no longer changes
CLEAR = 0.5  # confidence from which a frame counts in full for the fill
RETURN_TIME, RETURN_OVERLAP = 2.0, 0.3  # a face found again so soon and so near is the face that was lost

# Cut-offs in Hz at calm 0.5, slopes in Hz per unit and second. Landmarks are in units of the inter-ocular distance, so
# that a near and a far viewer are equally calm. Found on the viewers' videos and on one still frame under noise.
LANDMARKS = {"cutoff": 0.6, "slope": 4.0, "derivative_cutoff": 2.0}
SURFACE = {"cutoff": 0.3, "slope": 0.0}  # colours and guesses: nobody changes them within a second


class Sitter:
    """Smooths what is measured of one viewer, and keeps the part of the reflection that features cannot say."""

    def __init__(self, face: Face, calm: float, seat: int = 0) -> None:
        """`seat` numbers the sitters of one mirror."""
        self.seat = seat
        self.guesses, self.guessed = None, -np.inf  # what the machine takes this viewer for, and since when
        self._outline, self._surface = OneEuro(**LANDMARKS), OneEuro(**SURFACE)
        self.be_calm(calm)
        self._fill: np.ndarray | None = None  # float32 (L,), unit
        self._settled = 0.0
        self.identity, self._box, self._seen = face.identity, face.box, -np.inf

    def be_calm(self, calm: float) -> None:
        """`calm` from 0 to 1 scales every cut-off between 4 times and a quarter of the middle's."""
        pace = 4 ** (1 - 2 * calm)
        for calmed, middle in ((self._outline, LANDMARKS), (self._surface, SURFACE)):
            calmed.cutoff, calmed.slope = middle["cutoff"] * pace, middle["slope"] * pace

    def is_still(self, face: Face, now: float) -> bool:
        """Whether `face` is the one that sits here: followed without a break, or found again in its place."""
        if face.identity == self.identity:
            return True
        return now - self._seen < RETURN_TIME and face.box.overlap(self._box) > RETURN_OVERLAP

    def has_left(self, now: float) -> bool:
        """Whether it is too late to come back: what was measured of this viewer is then to be forgotten."""
        return now - self._seen >= RETURN_TIME

    def landmarks(self, face: Face, now: float) -> np.ndarray:
        """The face's landmarks, calmed: float32 (68, 2), pixels of the frame.

        Only their arrangement is filtered: where the head is says nothing to the mirror, and its walking past must not
        disturb the mouth.
        """
        if face.identity != self.identity:
            self._outline.forget()
        self.identity, self._box, self._seen = face.identity, face.box, now
        centre = face.landmarks.mean(axis=0)  # (2,)
        eyes = face.landmarks[36:42].mean(axis=0) - face.landmarks[42:48].mean(axis=0)  # (2,)
        unit = max(1.0, float(np.linalg.norm(eyes)))  # pixels
        return (self._outline((face.landmarks - centre) / unit, now) * unit + centre).astype(np.float32)

    def surface(self, values: np.ndarray, now: float) -> np.ndarray:
        """Colours and guesses (n,), calmed; NaN where one was never seen."""
        return self._surface(values[:, None], now)[:, 0]

    def fill(self, offer: Callable[[], np.ndarray], confidence: float) -> np.ndarray:
        """The sitter's own fill (L,), unit: the mean of what is offered in the first clear frames, then that."""
        if self._fill is not None and self._settled >= SETTLED:
            return self._fill
        offered = offer()  # (L,), unit
        if self._fill is None:
            self._fill = offered
        weight = min(1.0, confidence / CLEAR)
        self._settled += weight
        mean = self._fill + (offered - self._fill) * (weight / max(1.0, self._settled))
        length = np.linalg.norm(mean)
        if length > 0.1:  # two opposite fills have no mean
            self._fill = (mean / length).astype(np.float32)
        return self._fill


class Sitters:
    """Whoever sits before the mirror now. Nothing is kept of whoever has gone."""

    def __init__(self, calm: float) -> None:
        self.calm = calm
        self._sitting: list[Sitter] = []
        self._seats = 0  # taken so far; each new sitter gets the next

    def __len__(self) -> int:
        return len(self._sitting)

    def forget(self) -> None:
        self._sitting = []

    def seat(self, faces: Sequence[Face], now: float, *, waited_for: bool) -> list[Sitter]:
        """The sitter of each face, new ones for newcomers.

        Whoever is missed may come back for a while; while others sit there only if they are `waited_for`.
        """
        missed, seated = list(self._sitting), {}
        for same in (lambda one, face: one.identity == face.identity, lambda one, face: one.is_still(face, now)):
            for face in faces:
                sitter = next((one for one in missed if face.identity not in seated and same(one, face)), None)
                if sitter is not None:
                    seated[face.identity] = sitter
                    missed.remove(sitter)
        for face in faces:
            if face.identity not in seated:
                self._seats += 1
                seated[face.identity] = Sitter(face, self.calm, self._seats)
        for one in seated.values():
            one.be_calm(self.calm)
        awaited = [one for one in missed if not one.has_left(now) and (waited_for or not faces)]
        self._sitting = [*seated.values(), *awaited]
        return [seated[face.identity] for face in faces]
