"""The nouns of the house and the roles that rooms play for one another.

Time is `time.monotonic()` seconds everywhere; it arrives with the value and is never fetched inside an organ.
Pictures are uint8 RGB, rows first. Landmarks are the 68 points of the iBUG 300-W mark-up (Sagonas et al. 2013),
in pixels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from narcissus.core.sections import SharedSettings


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
class Panel:
    """One of several pictures that share a wall, and its place there."""

    image: np.ndarray  # uint8 (H, W, 3), RGB, C-contiguous
    place: tuple[float, float, float, float]  # left, top, width and height, of the wall's as people see it
    opacity: float = 1.0
    shared: float = 1.0  # 0: it has the wall for itself; 1: it stands among others, and ends softly at its own edges
    caption: str = ""  # what the wall says of this one


@dataclass(frozen=True, slots=True, eq=False)
class Diagram:
    """What was measured, as a drawing of lines and dots in a unit square, and sentences about it.

    Places are x right and y down, 0 to 1: in the picture that it lies `over`, or in a square of its own.
    """

    dots: np.ndarray  # float32 (n, 2)
    outlines: tuple[np.ndarray, ...] = ()  # thin lines, float32 (k, 2) each
    lines: np.ndarray = field(default_factory=lambda: np.zeros((0, 2, 2), np.float32))  # float32 (m, 2, 2): their ends
    weights: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))  # float32 (m,), 0 to 1
    words: tuple[str, ...] = ()  # sentences
    over: bool = False  # True: over the picture; False: beside it, in a part of the wall that is kept free
    on: int = 0  # over which one of `panels`
    opacity: float = 1.0  # of the drawing; the words stay


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture for the screen, and all that a sink may know of it."""

    image: np.ndarray  # uint8 (H, W, 3), RGB, C-contiguous; the same array again where it shows nothing new
    answers: float | None = None  # when the frame was captured whose viewers it answers; None: nobody is there
    stalled: bool = False  # True: it should move, and has not for some seconds
    captions: tuple[str, ...] = ()  # lines for the wall
    public: np.ndarray | None = None  # without what is meant for who stands here alone; see narcissus.core.permit
    shows_viewer: bool = False  # True: pixels of the source are in `image`; see narcissus.core.permit
    behind: Callable[[int], np.ndarray] | None = None  # draws the frame behind it, so many pixels high: uint8 (h, w, 3)
    panels: tuple[Panel, ...] = ()  # the pictures that `image` is made of, for a sink that knows its wall's shape
    diagram: Diagram | None = None  # what was measured of a viewer; see narcissus.core.permit
    state: object = None  # the scene's own; another scene of its kind may go on from it
    told: Mapping[str, object] = field(default_factory=dict)  # JSON for pages: of the work itself, never of a viewer
    measured: Mapping[str, float | str] = field(default_factory=dict)  # numbers of the viewer: see core/permit


class Source(Protocol):
    """Where frames come from. A context manager: leaving it frees the device or file."""

    live: bool  # True: real time, real people; stillness then means a poster or a frozen camera
    name: str  # for people to read

    def read(self) -> Frame:
        """Wait for the next frame. Raises SourceEnded after the last, SourceError when it cannot be read."""
        ...

    def close(self) -> None: ...


class Scene(Protocol):
    """A work on the wall. `observe` is called by the perception thread, everything else by the display thread.

    What it observes is its own type: nobody else looks into it. `scenes.contract` says what else a work brings.
    """

    def observe(self, frame: Frame) -> object: ...

    def draw(self, seen: object | None, now: float) -> Picture:
        """The picture for `now`. `seen` is the newest observation; None: there is none yet, or no source."""
        ...

    def begin(self, picture: Picture, now: float) -> None:
        """Take over from another scene that has shown `picture`."""
        ...

    def obey(self, command: str) -> None:
        """Do what was asked; what a scene does not know it ignores.

        "freeze": stand still; "thaw": move on; "close": the wall closes, and the work lives on before a dark room;
        "leave": another work is shown from now on. With the last two goes what neither darkness nor its end would take.
        """
        ...

    def tune(self, settings: SharedSettings) -> None:
        """Take up at once what of the live settings is its own; the same settings twice change nothing."""
        ...

    def report(self) -> dict[str, object]:
        """Its own figures, for people: name -> value."""
        ...


class Sink(Protocol):
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

    def tune(self, settings: SharedSettings) -> None:
        """Take up at once what of the live settings is its own; the same settings twice change nothing."""
        ...

    def say(self, message: str, seconds: float = 4.0) -> None:
        """Show people a line for so many seconds, where that is possible."""
        ...

    def close(self) -> None: ...
