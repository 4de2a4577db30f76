"""The sound of a film, taken over into another: decoded, and coded as Opus, which WebM wants."""

import logging
from collections.abc import Iterator
from pathlib import Path

import av

log = logging.getLogger("narcissus")

CODEC, RATE, LAYOUT = "libopus", 48_000, "stereo"  # Opus knows this rate best (RFC 6716)


class Sound:
    """The first sound of the file at `path`, written beside pictures into `film`. A context manager."""

    def __init__(self, path: Path, film: av.container.OutputContainer) -> None:
        """A sound that cannot be decoded to its end is as long as it can be heard."""
        self._file, self._film = av.open(str(path), metadata_errors="replace"), film
        heard = self._file.streams.audio
        track = film.add_stream(CODEC, rate=RATE, layout=LAYOUT) if heard else None
        self._packets = monotonic(self._coded(track)) if track else iter(())
        self._waiting: av.Packet | None = None

    def __enter__(self) -> "Sound":
        return self

    def __exit__(self, *_) -> None:
        self._file.close()

    def until(self, seconds: float) -> None:
        """Write what is heard until then."""
        while True:
            packet = self._waiting or next(self._packets, None)
            self._waiting = packet
            if packet is None or float(packet.pts * packet.time_base) > seconds:
                return
            self._film.mux(packet)
            self._waiting = None

    def _coded(self, track: av.audio.stream.AudioStream) -> Iterator[av.Packet]:
        resampler = av.AudioResampler("fltp", LAYOUT, RATE)
        try:
            for frame in self._file.decode(audio=0):
                for part in resampler.resample(frame):
                    yield from track.encode(part)
        except (av.FFmpegError, ValueError) as fault:  # ValueError: it is of another kind from here on
            log.warning("the sound of %s is cut short: it cannot be decoded (%s)", self._file.name, fault)
        for part in resampler.resample(None):
            yield from track.encode(part)
        yield from track.encode(None)


def monotonic(packets: Iterator[av.Packet]) -> Iterator[av.Packet]:
    """Those whose decoding time grows: a damaged sound may jump back, which no film takes."""
    last = None
    for packet in packets:
        if last is None or packet.dts > last:
            last = packet.dts
            yield packet
