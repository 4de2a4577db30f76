"""The machine of joining over a film: when a ring began, and when it captured."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from narcissus.core.types import Frame
from narcissus.people import FaceFinder
from narcissus.people.presence import Presence
from narcissus.people.visitors import Visitors
from narcissus.scenes.creatures.joining.candidates import Candidates
from narcissus.scenes.creatures.joining.capture import Capture
from narcissus.scenes.creatures.joining.signs import Signs


@dataclass(frozen=True, slots=True)
class Outcome:
    rings: int
    captured: float | None  # seconds from the first frame with a face; None: it never came to it
    seen: float  # share of the frames in which somebody was there: a film without a face proves nothing


def played(frames: Iterable[Frame], live: bool = True) -> Outcome:
    """What a wall that has just been switched on makes of these frames, until it captures."""
    finder, presence, candidates, visitors = FaceFinder(), Presence(), Candidates(live), Visitors(live=False)
    signs, capture = Signs(), Capture()
    first, rings, before, seen, count = None, 0, "nobody", 0, 0
    for count, frame in enumerate(frames, 1):
        faces = presence.named(finder.find(frame), frame.time)
        if faces and first is None:
            first = frame.time
        viewer = visitors.choose(candidates.among(faces, frame.time), frame.time, frame.image.shape[1])
        seen += viewer is not None
        phase = capture.update(None if viewer is None else signs.look(frame, viewer), frame.time)
        rings += phase == "ring" and before != "ring"
        before = phase
        if phase == "captured":
            return Outcome(rings, frame.time - first, seen / count)
    return Outcome(rings, None, seen / max(1, count))


def from_here(frames: list[Frame], start: int, seconds: float) -> Iterator[Frame]:
    """The film from one of its frames on, there and back again, so that it lasts so long."""
    there = list(range(start, len(frames))) + list(range(len(frames) - 2, 0, -1)) + list(range(len(frames)))
    period = (frames[-1].time - frames[0].time) / (len(frames) - 1)
    for number, index in enumerate(there[: round(seconds / period)]):
        yield replace(frames[index], time=number * period, cut=number == 0)
