"""A work for files: a film in, the film that the wall would have shown out, picture for picture, with its sound."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from narcissus.app.build import Installation
from narcissus.core.errors import ScreenError
from narcissus.core.play import played
from narcissus.core.types import Frame

RATE = 30  # pictures a second of the film


def play_film(
    built: Installation,
    video: Path,
    film: Path,
    progress: Callable[[Iterable], Iterable] = iter,
    rate: int = RATE,
    *,
    as_in_the_film: bool = False,
) -> None:
    """Show `video` to the work and write what it answers to `film`, a WebM that is not there yet.

    `progress` wraps the frames. `as_in_the_film`: left and right are those of `video`, not of a mirror. The same video
    and settings give the same film. Raises NarcissusError.
    """
    from narcissus.sinks.reel import write_reel
    from narcissus.sources.lockstep import every_frame

    if film.exists():
        raise ScreenError(f"{film}: is there already; name another file, nothing is overwritten")
    frames: Iterable[Frame] = progress(every_frame(video))
    try:
        write_reel(film, _moments(built, frames, rate, as_in_the_film), rate, sound=video)
    except OSError as fault:
        raise ScreenError(f"{film}: cannot be written ({fault.strerror}); name another folder") from None


def _moments(built: Installation, frames: Iterable[Frame], rate: int, turned: bool) -> Iterator[tuple[np.ndarray, int]]:
    for number, (_, picture, _moment) in enumerate(played(built.scene(lockstep=True), frames, rate)):
        image = built.permit.outside(picture).image
        yield np.ascontiguousarray(image[:, ::-1]) if turned else image, number
