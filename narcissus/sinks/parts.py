"""A film written in parts, each whole: what was stopped goes on with the next part, and in the end all are joined.

Every part is a WebM of its own that begins with a whole picture; its moments are those of the film, so that joining
copies and changes nothing. The same pictures give the same bytes.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from narcissus.core.files import writing_whole
from narcissus.sinks.sound import Sound

# libvpx: constant quality, as fast as for a video call.
VP9 = {"deadline": "realtime", "cpu-used": "7", "crf": "22", "b": "0", "threads": "2", "row-mt": "1", "g": "9999"}
EXACT = {"fflags": "+bitexact"}  # no random number, no date
TICK = Fraction(1, 1000)  # seconds: what WebM counts in
FINEST = 1001  # frame rates are such as 30000/1001


class Parts:
    """The parts in `folder`, of a film of so many frames a second."""

    def __init__(self, folder: Path, rate: float) -> None:
        self._folder, self._rate = folder, Fraction(rate).limit_denominator(FINEST)

    @property
    def done(self) -> int:
        """How many parts there are, without a gap."""
        count = 0
        while self._path(count).exists():
            count += 1
        return count

    def write(self, pictures: Iterable[tuple[np.ndarray, float]]) -> None:
        """The next part: pictures uint8 (H, W, 3) RGB, each with its moment in seconds. Raises OSError."""
        track = None
        with faults_as_os_errors(), writing_whole(self._path(self.done)) as file, _film(file) as film:
            for image, moment in pictures:
                image = _even(image)
                track = track or self._track(film, image)
                frame = av.VideoFrame.from_ndarray(image, "rgb24")
                frame.pts, frame.time_base = round(moment / TICK), TICK
                film.mux(track.encode(frame))
            film.mux(track.encode())

    def join(self, target: Path, sound: Path) -> None:
        """All parts as one film, with the sound of the file `sound`, if it has any. Raises OSError."""
        with faults_as_os_errors(), writing_whole(target) as file, _film(file) as film, ExitStack() as files:
            parts = [
                files.enter_context(av.open(str(self._path(number)), metadata_errors="replace"))
                for number in range(self.done)
            ]
            track = film.add_stream_from_template(parts[0].streams.video[0])
            heard = files.enter_context(Sound(sound, film))
            for part in parts:
                for packet in part.demux(video=0):
                    if packet.pts is None:  # the end of the part
                        continue
                    packet.stream = track
                    heard.until(float(packet.pts * packet.time_base))
                    film.mux(packet)
            heard.until(float("inf"))

    def forget(self) -> None:
        """The parts have been joined."""
        for path in self._folder.iterdir():
            path.unlink()
        self._folder.rmdir()

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06d}.webm"

    def _track(self, film: av.container.OutputContainer, image: np.ndarray) -> av.video.stream.VideoStream:
        track = film.add_stream("libvpx-vp9", rate=self._rate, options=VP9)
        track.width, track.height, track.pix_fmt = image.shape[1], image.shape[0], "yuv420p"
        track.codec_context.time_base = TICK
        return track


@contextmanager
def faults_as_os_errors() -> Iterator[None]:
    """FFmpeg's own errors as OSError."""
    try:
        yield
    except av.FFmpegError as fault:
        raise OSError(fault.errno, fault.strerror or str(fault)) from fault


def _film(file) -> av.container.OutputContainer:
    return av.open(file, "w", format="webm", options=EXACT)


def _even(image: np.ndarray) -> np.ndarray:
    """With a last row and column once more where sides are odd: 4:2:0 wants even ones."""
    return np.pad(image, [(0, image.shape[0] % 2), (0, image.shape[1] % 2), (0, 0)], mode="edge")
