"""Chroma that does not flicker: registered to each face, averaged over time, forgotten at a hand-over.

A network asked anew for every frame answers a little differently each time. So it is asked a few times a second, what
it says of a face is kept in the face's own frame, and the picture shows the average of the last second.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from narcissus.core.types import Face
from narcissus.networks.colour.colourist import Colourist, fitting
from narcissus.networks.colour.faces import LOOSE, TIGHT, Alignment, alignment_of, cropped, laid_in
from narcissus.networks.colour.network import FOLD
from narcissus.networks.colour.palette import Likely, likeliest, shares
from narcissus.networks.colour.picture import world_side
from narcissus.networks.colour.regions import REGIONS, masks

FACE_EVERY, WORLD_EVERY = 0.12, 0.5  # seconds between two questions
AVERAGED = 0.8  # seconds: time constant of what is shown
STEP = 32  # pixels: the room is not seen at another size each time that the viewer comes nearer
FORGOTTEN = 1.0  # seconds after which a face that is not seen is a new one


@dataclass(slots=True, eq=False)
class Memory:
    """What the network said of one thing, followed slowly: its colours, and how likely each bin is by region."""

    ab: np.ndarray | None = None  # float32 (h, w, 2), of a face (2, h, w, 2), loose and tight: what is shown
    shares: dict[str, np.ndarray] = field(default_factory=dict)  # region -> (Q,)
    said: np.ndarray | None = None  # like `ab`: the newest answer
    asked: float = -math.inf
    seen: float = -math.inf

    def take(self, ab: np.ndarray, found: dict[str, np.ndarray], now: float) -> None:
        weight = 1 - math.exp(-(now - self.asked) / AVERAGED)
        for region, new in found.items():
            before = self.shares.get(region, new)
            self.shares[region] = before + weight * (new - before)
        if self.ab is None or self.ab.shape != ab.shape:
            self.ab = ab
        self.said, self.asked = ab, now

    def go_on(self, now: float) -> None:
        """Follow the newest answer by the time since the last frame: no answer is a jump."""
        if self.said is not None and now > self.seen:
            self.ab = self.ab + np.float32(1 - math.exp(-(now - self.seen) / AVERAGED)) * (self.said - self.ab)
        self.seen = now


class TemporalChroma:
    """Asks the network about the room and about each face, and remembers. One for a source."""

    def __init__(self, colourist: Colourist) -> None:
        self._colourist = colourist
        self.forget()

    def forget(self) -> None:
        """Another picture, another viewer, another slice: nothing of before is true."""
        self._world, self._faces = Memory(), {}

    def chroma(
        self, lightness: np.ndarray, faces: Sequence[Face], now: float, pile: str, temperature: float | None
    ) -> np.ndarray:
        """Assumed ab, float32 (H, W, 2), of L* float32 (H, W); the faces' landmarks are in its pixels."""
        self._recall(faces, now)
        if now - self._world.asked >= WORLD_EVERY:
            self._ask_world(lightness, faces, now, pile, temperature)
        else:
            self._ask_one(lightness, faces, now, pile, temperature)
        ab = cv2.resize(self._world.ab, lightness.shape[::-1], interpolation=cv2.INTER_LINEAR)
        known = [face for face in faces if self._faces[face.identity].ab is not None]
        for face in sorted(known, key=lambda face: face.box.area):  # the nearest on top
            for layer, alignment in zip(self._faces[face.identity].ab, _alignments(face), strict=True):
                ab = laid_in(ab, layer, alignment)
        return ab

    def palette(self, identity: int) -> dict[str, list[Likely]]:
        """The likeliest colours by region of the face with this identity; what is outside of its frame, the room's."""
        face = self._faces.get(identity)
        found = {} if face is None else self._world.shares | face.shares
        return {region: likeliest(found[region], self._colourist.centres) for region in REGIONS if region in found}

    def _recall(self, faces: Sequence[Face], now: float) -> None:
        for face in faces:
            self._faces.setdefault(face.identity, Memory()).go_on(now)
        self._world.go_on(now)
        self._faces = {name: memory for name, memory in self._faces.items() if now - memory.seen <= FORGOTTEN}

    def _ask_world(self, lightness, faces: Sequence[Face], now: float, pile: str, temperature: float | None) -> None:
        side = world_side(max(lightness.shape), [alignment_of(face.landmarks) for face in faces])
        rows, columns = fitting(*lightness.shape, side // STEP * STEP)
        small = cv2.resize(lightness, (columns, rows), interpolation=cv2.INTER_AREA)
        said = self._colourist.assume(small, pile, temperature)
        scale = np.array([columns, rows]) / FOLD / lightness.shape[::-1]
        found = {}
        if faces:
            foremost = max(faces, key=lambda face: face.box.area)
            found = _shares(said.logits[0], (foremost.landmarks + 0.5) * scale - 0.5, ("hair", "cloth"))
        self._world.take(said.ab[0], found, now)

    def _ask_one(self, lightness, faces: Sequence[Face], now: float, pile: str, temperature: float | None) -> None:
        """One face a frame, whoever has waited longest: many make no frame late."""
        waiting = [face for face in faces if now - self._faces[face.identity].asked >= FACE_EVERY]
        if not waiting:
            return
        face = min(waiting, key=lambda face: self._faces[face.identity].asked)
        loose, tight = _alignments(face)
        crops = np.stack([cropped(lightness, alignment) for alignment in (loose, tight)])
        said = self._colourist.assume(crops, pile, temperature)
        found = _shares(said.logits[0], _within(face.landmarks, loose), ("hair",))
        found |= _shares(said.logits[1], _within(face.landmarks, tight), ("cheek", "lip"))
        self._faces[face.identity].take(said.ab, found, now)


def _alignments(face: Face) -> tuple[Alignment, Alignment]:
    return alignment_of(face.landmarks, LOOSE), alignment_of(face.landmarks, TIGHT)


def _within(landmarks: np.ndarray, alignment: Alignment) -> np.ndarray:
    """Landmarks (68, 2) of the picture, in pixels of the crop's chroma."""
    matrix = alignment.matrix(1 / FOLD)
    return landmarks @ matrix[:, :2].T + matrix[:, 2]


def _shares(logits: np.ndarray, landmarks: np.ndarray, regions: Sequence[str]) -> dict[str, np.ndarray]:
    found = masks(landmarks, *logits.shape[:2])
    return {region: shares(logits, found[region]) for region in regions if found[region].sum() >= 2}
