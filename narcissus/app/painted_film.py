"""A film painted frame by frame, with its sound, frame rate and length; stopped in the middle it goes on from there."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from narcissus.core.errors import SourceError
from narcissus.core.files import sha256_of, writing_whole
from narcissus.store import npz

if TYPE_CHECKING:  # brings OpenCV
    from narcissus.sources.carried import Carried

PART = 48  # frames: no more is lost when it is stopped
MANNER = 3  # counted up whenever the same filter paints otherwise than before: parts of two manners are not joined

Paint = Callable[[np.ndarray], np.ndarray]  # uint8 (H, W, 3) RGB -> the same shape
Progress = Callable[[int, int], None]  # of frames: how many are done, and of how many; 0 where that is not known
Moment = tuple[np.ndarray, float]  # a picture and its time in seconds
Frame = tuple[np.ndarray, np.ndarray, float, bool]  # as it is, and lit; and whether it does not continue the last


def paint_film(
    video: Path, target: Path, paint: Paint, asked: str, progress: Progress = lambda *_: None, *, light: float = 0.0
) -> None:
    """Write `video`, each frame painted, to `target`, a WebM.

    `light`: how far frames are lit as filters know it before they are painted, 0 to 1.
    `asked` says in words what `paint` does: only parts that were made of the same film in the same way are gone on
    with, and the result is the same to the byte as if nothing had stopped it. Raises SourceError, OSError.
    """
    from narcissus.sinks.parts import Parts
    from narcissus.sources.lockstep import every_frame, length_of

    rate, count = length_of(video)
    place = workplace(video, target, asked)
    parts = Parts(place, rate)
    carried, done = carried_to(place, parts.done), parts.done * PART
    frames = calmed(every_frame(video), light)
    for _ in islice(frames, done):  # how calm the next frame is depends on all before it
        pass
    progress(done, count)

    def painted(several: Iterable[Frame]) -> Iterator[Moment]:
        nonlocal done
        for image, lit, moment, cut in several:
            if cut:
                carried.forget()
            yield carried.carry(image, paint(lit), moment), moment
            done += 1
            progress(done, count)
        keep(carried, place, parts.done + 1)  # before the part is whole: no part is without what the next begins with

    while (first := next(frames, None)) is not None:
        parts.write(painted(chain([first], islice(frames, PART - 1))))
    parts.join(target, sound=video)
    parts.forget()


def workplace(video: Path, target: Path, asked: str) -> Path:
    """The folder beside the target in which parts of it wait for the rest."""
    name = hashlib.sha256(f"{sha256_of(video)} {MANNER} {asked}".encode()).hexdigest()[:12]
    return target.with_name(f".{target.name}.{name}")


def carried_to(place: Path, part: int) -> "Carried":
    """What was kept for the beginning of this part. Raises SourceError where it cannot be read."""
    from narcissus.sources.carried import Carried

    carried = Carried()
    if part:
        path = kept_for(place, part)
        try:
            carried.go_on(npz.loaded(path))
        except (FileNotFoundError, ValueError) as fault:
            raise SourceError(f"{path}: cannot be read ({fault}); remove its folder to begin the film anew") from fault
    return carried


def keep(carried: "Carried", place: Path, part: int) -> None:
    """What this part begins with; of the parts before the last it is needed no more. Raises OSError."""
    with writing_whole(kept_for(place, part)) as file:
        np.savez(file, **carried.state)
    if part > 1:
        kept_for(place, part - 2).unlink(missing_ok=True)


def kept_for(place: Path, part: int) -> Path:
    return place / f"{part:06d}.npz"


def calmed(frames: Iterable, share: float) -> Iterator[Frame]:
    """Each frame as the film has it, left on the left, without the noise that strokes would boil of."""
    from narcissus.networks.style.light import SlowLight
    from narcissus.sources.denoising import TemporalDenoiser

    denoiser, light = TemporalDenoiser(), SlowLight()
    for frame in frames:
        if frame.cut:
            denoiser.forget()
            light.forget()
        calm = denoiser.denoise(np.ascontiguousarray(frame.image[:, ::-1]))
        yield calm, light.follow(calm, frame.time).lit(calm, share), frame.time, frame.cut
