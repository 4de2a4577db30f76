"""Reflections and their moments -> a film on the disk."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np

from narcissus.core.files import writing_whole
from narcissus.sinks.bare import bare, size_of
from narcissus.sinks.sound import Sound

# libvpx: constant quality, as fast as for a video call, and one thread: the cores belong to the mirror.
VP9 = {"deadline": "realtime", "cpu-used": "8", "crf": "24", "b": "0", "threads": "1"}


def write_reel(
    path: Path,
    reflections: Iterator[tuple[np.ndarray, int]],
    rate: int,
    full: Callable[[int], bool] = lambda moment: False,
    sound: Path | None = None,
) -> bool:
    """Write a VP9 WebM of bare reflections, whole; it ends with them, or where the disk is `full(moment)`.

    Each is uint8 (H, W, 3) RGB with its moment in 1/rate seconds; it stands until the next one's. The first decides
    the size. `sound`: a film whose sound is taken over. Returns whether there were any pictures; without them no file
    is written. Raises OSError.
    """
    first = next(reflections, None)
    if first is None:
        return False
    try:
        with writing_whole(path) as file, ExitStack() as parts:
            film = parts.enter_context(av.open(file, "w", format="webm"))
            size = size_of(first[0])
            track = film.add_stream("libvpx-vp9", rate=rate, options=VP9)
            track.width, track.height, track.pix_fmt = *size, "yuv420p"
            track.codec_context.time_base = Fraction(1, rate)
            heard = parts.enter_context(Sound(sound, film)) if sound else None
            for image, moment in chain([first], reflections):
                frame = av.VideoFrame.from_ndarray(bare(image, size), "rgb24")
                frame.pts, frame.time_base = moment, Fraction(1, rate)
                film.mux(track.encode(frame))
                if heard is not None:
                    heard.until(moment / rate)
                if full(moment):
                    break
            film.mux(track.encode())
    except av.FFmpegError as fault:
        raise OSError(fault.errno, fault.strerror or str(fault)) from fault
    return True
