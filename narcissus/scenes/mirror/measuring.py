"""What was measured of the viewer, as a drawing: 68 points, and the distances that the inverter was given of them.

It is the drawing of the training report, alive. No pixel of a camera is in it, but it is the viewer's own shape: see
`narcissus.core.permit`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from narcissus.core.timeouts import STALE
from narcissus.core.types import Diagram
from narcissus.features.spatial import MEAN_SHAPE, ends_of, normalise, pose
from narcissus.motion import Spring
from narcissus.people.sketch import LINES
from narcissus.scenes.mirror.placing import points_placed
from narcissus.scenes.mirror.seen import Target

DRAWN = 40  # of the chosen distances, those that say most: as many as the report draws
STIFFNESS, COMING = 40.0, 5.0  # of the points' movement and of their coming and going, radians per second
SIZE, MIDDLE = 0.62, np.array([0.5, 0.47])  # of a face beside the reflection: its eyes' distance, and where it stands
OUTLINES = tuple([*line, line[0]] if closed else list(line) for line, closed in LINES)


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """The distances that the inverter was given, between which landmarks."""

    pairs: np.ndarray  # int (m, 2)
    weights: np.ndarray  # float32 (m,), 0 to 1: how much of a face each explains, as the report draws it

    @classmethod
    def of(cls, names: Sequence[str], gains: np.ndarray) -> "Chosen":
        """From the selected features and what each gained; only those between two landmarks can be drawn."""
        found: dict[tuple[int, int], float] = {}
        for name, gain in zip(names, gains, strict=True):
            ends = ends_of(name)
            if ends is not None and len(found) < DRAWN:
                found[ends] = max(found.get(ends, 0.0), float(gain))
        weights = np.sqrt(np.array(list(found.values()), np.float32))
        return cls(np.array(list(found), int).reshape(-1, 2), weights / max(weights.max(initial=0.0), 1e-9))


@dataclass(frozen=True, slots=True)
class Usual:
    """Where a drawn face usually stands in its picture, in picture widths."""

    eyes: float = 0.36  # the distance of its outer eye corners
    middle: tuple[float, float] = (0.5, 0.5)  # where the mean shape's origin lies

    @classmethod
    def of(cls, landmarks: np.ndarray) -> "Usual":
        """From the landmarks (n, 68, 2) of drawn faces, in picture widths."""
        points = np.median(landmarks, axis=0)  # (68, 2)
        shape = MEAN_SHAPE - MEAN_SHAPE.mean(axis=0)
        eyes = float((shape * (points - points.mean(axis=0))).sum() / np.square(shape).sum())
        x, y = points.mean(axis=0) - eyes * MEAN_SHAPE.mean(axis=0)
        return cls(eyes, (float(x), float(y)))


class Measuring:
    """Belongs to the display thread, but for `locate`."""

    def __init__(self, chosen: Chosen, locate: Callable[[], Usual]) -> None:
        """`locate` finds where a drawn face usually stands: it may take seconds, and is asked once."""
        self._chosen, self._locate = chosen, locate
        self._usual: Usual | None = None
        self._points: Spring | None = None  # (68, 2) of a normalised shape, with its roll
        self._opacity = Spring(np.zeros(()))

    def locate(self) -> None:
        """Make ready for `over`, which draws nobody before; for a thread that may be kept waiting."""
        if self._usual is None:
            self._usual = self._locate()

    def forget(self) -> None:
        """Nothing is drawn any more; nothing is kept of whoever was."""
        self._points, self._opacity = None, Spring(np.zeros(()))

    def beside(self, target: Target | None, now: float, words: tuple[str, ...]) -> Diagram:
        """In a square of its own, leaning as the head does."""
        self._follow(target, now, leaning=True)
        return self._drawn(lambda points: SIZE * points + MIDDLE, words, over=False, on=0)

    def over(self, target: Target | None, place: np.ndarray, now: float, words: tuple[str, ...], on: int) -> Diagram:
        """Where the reflection's own face usually is, in a picture that hangs at `place` (4,)."""
        usual = self._usual
        if usual is None:
            return self._nobody(words, over=True, on=on)
        self._follow(target, now, leaning=False)
        laid = lambda points: points_placed(usual.eyes * points + usual.middle, place)
        return self._drawn(laid, words, over=True, on=on)

    def _follow(self, target: Target | None, now: float, leaning: bool) -> None:
        here = target is not None and target.outline is not None and now - target.time < STALE
        self._opacity.follow(np.array(float(here)), now, stiffness=COMING)
        if not here:
            return
        points = normalise(target.outline)
        if leaning:
            roll = np.radians(pose(target.outline)[2])
            points = points @ np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
        if self._points is None:
            self._points = Spring(points)
        self._points.follow(points, now, stiffness=STIFFNESS)

    def _drawn(self, laid, words: tuple[str, ...], over: bool, on: int) -> Diagram:
        opacity = float(self._opacity.value)
        if self._points is None or opacity < 0.01:
            return self._nobody(words, over, on)
        dots = laid(self._points.value).astype(np.float32)
        outlines = tuple(dots[line] for line in OUTLINES)
        lines, weights = dots[self._chosen.pairs], self._chosen.weights
        return Diagram(dots, outlines, lines, weights, words=words, over=over, on=on, opacity=opacity)

    def _nobody(self, words: tuple[str, ...], over: bool, on: int) -> Diagram:
        self._points = None  # nothing is kept of whoever has gone
        return Diagram(np.zeros((0, 2), np.float32), words=words, over=over, opacity=0.0, on=on)
