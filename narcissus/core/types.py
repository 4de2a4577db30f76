"""The nouns of the house and the roles that rooms play for one another.

Time is `time.monotonic()` seconds everywhere; it arrives with the value and is never fetched inside an organ.
Pictures are uint8 RGB, rows first. Landmarks are the 68 points of the iBUG 300-W mark-up (Sagonas et al. 2013),
in pixels.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from narcissus.core.config import Settings


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What a source saw at one moment, already mirrored: left on the wall is left in the picture."""

    image: np.ndarray  # uint8 (H, W, 3), RGB, C-contiguous
    time: float  # when it was captured
    cut: bool = False  # True: it does not continue the frame before (a seam, another photo, a reopened camera)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the frame; right and bottom are exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def overlap(self, other: "Box") -> float:
        """Intersection over union, 0 to 1."""
        both = Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )
        if both.width <= 0 or both.height <= 0:
            return 0.0
        return both.area / (self.area + other.area - both.area)


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face in one frame."""

    landmarks: np.ndarray  # float32 (68, 2), x right, y down, pixels of the frame
    box: Box  # the detector's notion of the face, carried along by the landmarks
    identity: int  # the same number for as long as this face is followed without a break
    has_moved: bool = True  # False: it has been as still as a poster ever since it was found


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """One viewer in one frame, and where this viewer's own reflection should go."""

    face: Face
    latent: np.ndarray  # float32 (L,), length √L
    time: float  # of the frame
    seat: int  # the same number for as long as it is the same viewer, also when lost for a moment and found again
    confidence: float = 0.0  # as in Observation
    guesses: dict[str, float] | None = None  # as in Observation
    place: np.ndarray | None = None  # float64 (4,): how the reflection's picture should hang; None: upright


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What a scene makes of one frame; the newest one is what the screen aims at.

    What is said of `viewer` is said of the foremost one; `company` says it of everybody who is mirrored.
    """

    frame: Frame
    faces: tuple[Face, ...] = ()
    viewer: Face | None = None  # the face that is mirrored, one of `faces`; None: nobody is there
    latent: np.ndarray | None = None  # float32 (L,), length √L: where the reflection should go; None: nowhere new
    confidence: float = 0.0  # 0 to 1: how much this face is like those the inverter was trained on
    guesses: dict[str, float] | None = None  # what the machine takes the viewer for: age in years, probabilities
    company: tuple[Likeness, ...] = ()  # all who have a reflection of their own, the viewer first


Phase = Literal["dream", "arrival", "following", "departure"]  # what the reflection is doing; one leads into the next


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture for the screen."""

    image: np.ndarray  # uint8 (H, W, 3), RGB, C-contiguous, in the generator's size; larger where several hang
    latent: np.ndarray  # float32 (L,): the point it shows; of several, the foremost viewer's
    observation: Observation | None = None  # the newest observation that it aims at; None while dreaming unwatched
    phase: Phase = "dream"
    reflection: int = 0  # which of the reflections `latent` is: under another number it is another face, no movement


class Source(Protocol):
    """Where frames come from. A context manager: leaving it frees the device or file."""

    live: bool  # True: real time, real people; stillness then means a poster or a frozen camera
    period: float  # seconds between frames, as far as is known; 0.0 for a still picture
    name: str  # for people to read

    def read(self) -> Frame:
        """Wait for the next frame. Raises SourceEnded after the last, SourceError when it cannot be read."""
        ...

    def close(self) -> None: ...


class Scene(Protocol):
    """What hangs on the wall. `observe` is called by the perception thread, `draw` by the display thread."""

    def observe(self, frame: Frame) -> Observation: ...

    def draw(self, observation: Observation | None, now: float) -> Picture: ...

    def obey(self, command: str) -> None:
        """Do what was asked ("freeze": stand still, "thaw": move on); what a scene does not know it ignores."""
        ...

    def tune(self, settings: Settings) -> None:
        """Take up at once what of the live settings is its own; the same settings twice change nothing.

        Called by the display thread.
        """
        ...


class Screen(Protocol):
    """Where pictures go. A context manager. It owns the clock: `show` returns when the next picture is due."""

    def show(self, picture: Picture) -> float:
        """Present the picture at once, then wait; returns when it was presented."""
        ...

    def commands(self) -> list[str]:
        """What the people at the keyboard asked for since the last call, oldest first: "quit", "more", "preset 1", …"""
        ...

    def obey(self, command: str) -> None:
        """Do what was asked ("record": begin a film, "stop recording": end it); it ignores what it does not know."""
        ...

    def tune(self, settings: Settings) -> None:
        """Take up at once what of the live settings is its own; the same settings twice change nothing."""
        ...

    def close(self) -> None: ...
