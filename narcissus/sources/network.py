"""A camera in a network: RTSP, or a stream of pictures over HTTP, through FFmpeg.

What such a camera sees is as private as what any camera sees: it is live. Its address may hold a password, and nothing
here says more of it than the host.
"""

import math
import os
import time
from collections.abc import Callable

import cv2

from narcissus.core.errors import SourceError, SourceMissing
from narcissus.core.streams import is_stream, named
from narcissus.core.types import Frame
from narcissus.sources.frames import Leavable, mirrored
from narcissus.sources.lag import Lag

# Read by OpenCV. UDP loses packets, and a picture with a part missing is no viewer.
os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp")

OPENING, READING = 8.0, 1.4  # seconds until FFmpeg gives up; the supervisor waits a little longer for both
ASKED = [
    *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, round(OPENING * 1000)),
    *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, round(READING * 1000)),
    *(cv2.CAP_PROP_N_THREADS, 1),
]
WAITED_FOR = 0.008  # seconds; a picture that comes faster had been lying there, and a newer one lies behind it
WAITED_LONG = 0.2  # seconds; a picture that has waited so long has a newer one behind it
PASSING = 0.5  # seconds at most in which pictures are passed over: a stream that is always fast, or late, is seen too
LATE = 1.5  # seconds that a picture may have waited; then nothing but a new connection brings the newest one
TIMED = ("rtsp", "rtsps")  # their timestamps are the camera's clock; over HTTP they are counted from a guessed rate
REMEDY = "check that it is switched on, its address, its name and password"


class NetworkCamera(Leavable):
    """Frames of a camera in a network as they come, always the newest one.

    Raises SourceMissing where the address is none of a camera, SourceError where nothing answers, where what answers is
    no film, and where it stops. After a SourceError it is to be closed and another made.
    """

    live = True

    def __init__(
        self,
        address: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        capture: Callable = cv2.VideoCapture,
    ) -> None:
        self.name = named(address)
        self._clock = clock
        if any(map(str.isspace, address)):
            raise SourceMissing(f"{self.name}: an address holds no space; write %20 in its place")
        if not is_stream(address):
            raise SourceMissing(f"{self.name}: no address of a camera; it begins with rtsp:// or http://")
        self._stream = capture(address, cv2.CAP_FFMPEG, ASKED)
        if not self._stream.isOpened():
            self._stream.release()
            raise SourceError(f"{self.name}: does not answer with a video stream; {REMEDY}")
        if self._stream.get(cv2.CAP_PROP_FRAME_COUNT) > 0:
            self._stream.release()
            raise SourceError(f"{self.name}: is a recorded file, not a live camera; download it and name the file")
        self._first = True
        self._lag = Lag() if address.partition(":")[0].lower() in TIMED else None

    def read(self) -> Frame:
        """The newest picture, within 1.5 s, at the moment when it was sent.

        Raises SourceError where none comes, and where they come faster than this machine decodes them.
        """
        now, waited = self._newest()
        if waited > LATE:
            raise SourceError(
                f"{self.name}: sends faster than its pictures are decoded; ask it for a smaller stream or a lower rate"
            )
        fine, image = self._stream.retrieve()
        if not fine or image is None or image.ndim != 3:
            raise SourceError(f"{self.name}: sends pictures that cannot be decoded; set it to H.264 or MJPEG")
        first, self._first = self._first, False
        return mirrored(image, now - waited, cut=first)

    def _newest(self) -> tuple[float, float]:
        """Step to the newest picture: when it was there, and how many seconds it had waited."""
        began, waited = self._clock(), math.inf
        while True:
            longer = waited
            before = self._clock()
            if not self._stream.grab():
                raise SourceError(f"{self.name}: sends no more pictures; {REMEDY}")
            now = self._clock()
            waited = 0.0 if self._lag is None else self._lag(self._stream.get(cv2.CAP_PROP_POS_MSEC) / 1000, now)
            # what waits no shorter than the picture before it was late on its way: no newer one lies here
            caught_up = now - before >= WAITED_FOR and (waited < WAITED_LONG or waited >= longer)
            if caught_up or now - began >= PASSING:
                return now, waited

    def close(self) -> None:
        self._stream.release()
