"""A film painted frame by frame, with its sound, frame rate and length; stopped in the middle it goes on from there."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

import numpy as np

from narcissus.core.files import sha256_of

PART = 48  # frames: no more is lost when it is stopped

Paint = Callable[[np.ndarray], np.ndarray]  # uint8 (H, W, 3) RGB -> the same shape
Progress = Callable[[int, int], None]  # of frames: how many are done, and of how many; 0 where that is not known
Moment = tuple[np.ndarray, float]  # a picture and its time in seconds


def paint_film(video: Path, target: Path, paint: Paint, asked: str, progress: Progress = lambda *_: None) -> None:
    """Write `video`, each frame painted, to `target`, a WebM.

    `asked` says in words what `paint` does: only parts that were made of the same film in the same way are gone on
    with, and the result is the same to the byte as if nothing had stopped it. Raises SourceError, OSError.
    """
    from narcissus.sinks.parts import Parts
    from narcissus.sources.lockstep import every_frame, length_of

    rate, count = length_of(video)
    parts = Parts(workplace(video, target, asked), rate)
    done = parts.done * PART
    frames = calmed(every_frame(video))
    for _ in islice(frames, done):  # how calm the next frame is depends on all before it
        pass
    progress(done, count)

    def painted(several: Iterable[Moment]) -> Iterator[Moment]:
        nonlocal done
        for image, moment in several:
            yield paint(image), moment
            done += 1
            progress(done, count)

    while (first := next(frames, None)) is not None:
        parts.write(painted(chain([first], islice(frames, PART - 1))))
    parts.join(target, sound=video)
    parts.forget()


def workplace(video: Path, target: Path, asked: str) -> Path:
    """The folder beside the target in which parts of it wait for the rest."""
    name = hashlib.sha256(f"{sha256_of(video)} {asked}".encode()).hexdigest()[:12]
    return target.with_name(f".{target.name}.{name}")


def calmed(frames: Iterable) -> Iterator[Moment]:
    """Each frame as the film has it, left on the left, without the noise that strokes would boil of."""
    from narcissus.sources.steady import Steady

    steady = Steady()
    for frame in frames:
        if frame.cut:
            steady.forget()
        yield steady.calm(np.ascontiguousarray(frame.image[:, ::-1])), frame.time
