"""What the mirror makes of one frame: who is there, and where each one's reflection should go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from narcissus.core.errors import DrawingError
from narcissus.core.types import Face, Frame

UPRIGHT = np.zeros(4)  # a place: tilt in radians, right and down in picture widths, logarithm of the size
Phase = Literal["dream", "arrival", "following", "departure"]  # what a reflection is doing; one leads into the next


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """One viewer in one frame, and where this viewer's own reflection should go."""

    face: Face
    latent: np.ndarray  # float32 (L,), length √L
    time: float  # of the frame
    confidence: float = 0.0  # 0 to 1: how much this face is like those the inverter was trained on
    guesses: dict[str, float] | None = None  # what the machine takes the viewer for: age in years, probabilities
    place: np.ndarray = field(default_factory=UPRIGHT.copy)  # float64 (4,): how the reflection's picture should hang
    outline: np.ndarray | None = None  # float32 (68, 2): the landmarks, calmed, in pixels of the frame

    @property
    def person(self) -> int:
        """The same number for as long as it is the same viewer, also when lost for a moment and found again."""
        return self.face.identity


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What is said of `viewer` is said of the foremost one; `company` says it of everybody who is mirrored."""

    frame: Frame
    faces: tuple[Face, ...] = ()
    viewer: Face | None = None  # the face that is mirrored, one of `faces`; None: nobody is there
    latent: np.ndarray | None = None  # float32 (L,), length √L: where the reflection should go; None: nowhere new
    confidence: float = 0.0  # as in Target
    guesses: dict[str, float] | None = None  # as in Target
    company: tuple[Target, ...] = ()  # all who have a reflection of their own, the viewer first
    measured: Mapping[str, float | str] = field(default_factory=dict)  # of the viewer, by name: see `measured`
    fault: DrawingError | None = None  # why nothing more could be seen: something had to be drawn for it


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The point that a picture shows: what another scene of latents goes on from, and what is measured of it."""

    latent: np.ndarray  # float32 (L,): of several reflections, the foremost viewer's
    phase: Phase = "dream"
    reflection: int = 0  # which of the reflections `latent` is: under another number it is another face, no movement
