"""Section "perception": what following a face costs, beside detecting in every frame, and how far the two are apart."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from benchmark.footage import RATE, SIZES, beside, clips, emptied
from benchmark.rows import Options, Row
from narcissus.core.types import Box, Face, Frame
from narcissus.people import FaceFinder
from narcissus.people.models import detect, grey, interocular, landmarks_in

SAME = 0.3  # overlap of boxes that are of one face
FOLLOWED = 15  # frames that somebody has been followed before the face is hidden
HIDDEN = 8  # frames for which it is hidden


@dataclass(slots=True)
class Look:
    """One clip: milliseconds of each frame in which somebody was followed, and the landmarks' distances."""

    ours: list[float] = field(default_factory=list)
    naive: list[float] = field(default_factory=list)
    apart: list[float] = field(default_factory=list)
    frames: int = 0


def rows(options: Options) -> Iterator[Row]:
    FaceFinder().find(Frame(np.zeros((480, 640, 3), np.uint8), 0.0))
    landmarks_in(np.zeros((480, 640), np.uint8), Box(200, 120, 400, 320))  # dlib loads its models when first asked
    count = 60 if options.quick else 120
    for name, size in SIZES.items():
        filmed = dict(clips(options.shared, size, count))
        looks = []
        for clip, frames in filmed.items():
            looks.append(followed(frames))
            yield Row("perception", f"{clip}, {name}", told(looks[-1:]))
        yield Row("perception", f"all of them, {name}", told(looks))
        if size == SIZES["640×480"]:
            yield Row("perception", "found again after having been hidden", worst(_found_again, filmed, options))
            yield Row("perception", "somebody new is found", worst(_newly_found, filmed, options))
        yield Row("perception", f"two viewers, {name}", two_viewers(list(filmed.values())))


def followed(frames: list[Frame]) -> Look:
    """Ours over the clip, then the naive way: neither clears the other's caches, as neither is there in the mirror.

    A frame counts once somebody was followed in the one before.
    """
    finder, look = FaceFinder(), Look(frames=len(frames))
    ours = [timed(lambda frame=frame: finder.find(frame)) for frame in frames]
    naive = [timed(lambda frame=frame: every_time(frame)) for frame in frames]
    for (before, _), (faces, taken), (reference, longer) in zip(ours, ours[1:], naive[1:], strict=False):
        if before:
            look.ours.append(taken)
            look.naive.append(longer)
            look.apart += [distance(faces, *one) for one in reference[:1] if known(faces, one[0])]
    return look


def told(looks: list[Look]) -> dict[str, float]:
    """Over all frames of these clips."""
    ours, naive, apart = (
        np.concatenate([getattr(look, name) for look in looks]) for name in ("ours", "naive", "apart")
    )
    frames = sum(look.frames for look in looks)
    if not len(ours):
        return {"frames": frames, "followed %": 0.0}
    return {
        "ms": float(ours.mean()),
        "95 %": float(np.percentile(ours, 95)),
        "HOG on every frame, ms": float(naive.mean()),
        "times less": float(naive.mean() / ours.mean()),
        "apart %": 100 * float(apart.mean()) if len(apart) else None,
        "apart %, 95 %": 100 * float(np.percentile(apart, 95)) if len(apart) else None,
        "frames": frames,
        "followed %": 100 * len(ours) / frames,
    }


def timed(function: Callable) -> tuple[object, float]:
    """What it returns and the milliseconds of one core it took: what other processes do does not count."""
    start = time.thread_time()
    result = function()
    return result, (time.thread_time() - start) * 1000


def every_time(frame: Frame) -> list[tuple[Box, np.ndarray]]:
    """The naive way: detect in the whole frame, then place the landmarks; largest first."""
    picture = grey(frame.image)
    found = sorted(detect(picture), key=lambda one: -one.box.area)
    return [(one.box, landmarks_in(picture, one.box)) for one in found]


def known(faces: list[Face], box: Box) -> bool:
    return any(face.box.overlap(box) > SAME for face in faces)


def distance(faces: list[Face], box: Box, landmarks: np.ndarray) -> float:
    """Mean distance of the landmarks, in inter-ocular distances."""
    face = max(faces, key=lambda face: face.box.overlap(box))
    return float(np.linalg.norm(face.landmarks - landmarks, axis=1).mean()) / interocular(landmarks)


def worst(found_after: Callable, filmed: dict[str, list[Frame]], options: Options) -> dict[str, float]:
    """Milliseconds from the first frame that shows a face to its being found, over clips and beginnings."""
    starts = (0,) if options.quick else (0, 37, 74, 111)
    waits = [found_after(frames[start:]) for frames in filmed.values() for start in starts if len(frames) > start + 45]
    return {"ms": float(np.mean(waits)), "worst ms": float(np.max(waits)), "tries": len(waits)}


def _found_again(frames: list[Frame]) -> float:
    finder = FaceFinder()
    for frame in frames[:FOLLOWED]:
        finder.find(frame)
    for frame in emptied(frames[FOLLOWED : FOLLOWED + HIDDEN]):
        finder.find(frame)
    return _waited(finder, frames[FOLLOWED + HIDDEN :])


def _newly_found(frames: list[Frame]) -> float:
    finder = FaceFinder()
    for number, frame in enumerate(emptied(frames[:1] * int(RATE))):
        finder.find(Frame(frame.image, frames[0].time - 1 + number / RATE, cut=number == 0))
    return _waited(finder, [Frame(frame.image, frame.time) for frame in frames])


def _waited(finder: FaceFinder, frames: list[Frame]) -> float:
    """Until a face is found, the time of looking included; infinite when none is."""
    for frame in frames:
        faces, taken = timed(lambda frame=frame: finder.find(frame))
        if faces:
            return (frame.time - frames[0].time) * 1000 + taken
    return float("inf")


def two_viewers(filmed: list[list[Frame]]) -> dict[str, float]:
    """Two people side by side against the same two, each alone beside an empty half."""
    pairs = list(pairwise(filmed)) or [(filmed[0], filmed[0])]
    both, alone, seen = [], [], []
    for left, right in pairs:
        cost, faces = _cost(beside(left, right))
        both.append(cost)
        seen.append(faces)
        alone += [_cost(beside(left, emptied(right)))[0], _cost(beside(emptied(left), right))[0]]
    return {
        "ms": float(np.mean(both)),
        "× one viewer": float(np.mean(both) / np.mean(alone)),
        "faces": float(np.mean(seen)),
    }


def _cost(frames: list[Frame]) -> tuple[float, float]:
    """Milliseconds of one core a frame while anybody is followed, and how many faces are, on average."""
    finder = FaceFinder()
    answers = [timed(lambda frame=frame: finder.find(frame)) for frame in frames]
    return float(np.mean([taken for faces, taken in answers if faces])), float(
        np.mean([len(faces) for faces, _ in answers])
    )
