"""The pictures, films and streams among the kinds of file that the house reads."""

import http.server
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from file_kinds import Make, kind, picture


def photos(side: int) -> Make:
    def make(folder: Path) -> list[Path]:
        deep = picture(side).astype(np.uint16) * 257
        for suffix in ("jpg", "png", "webp", "tif", "bmp", "gif"):
            cv2.imwrite(str(folder / f"plain.{suffix}"), picture(side))
        cv2.imwrite(str(folder / "deep.png"), deep)
        cv2.imwrite(str(folder / "deep.tif"), deep)
        return sorted(folder.iterdir())

    return make


@kind("photo", photos(48))
def _(path: Path) -> None:
    from narcissus.sources import open_source

    with open_source(str(path), once=True) as source:
        source.read()


@kind("photograph", photos(48))
def _(path: Path) -> None:
    from narcissus.stills.files import read
    from narcissus.stills.photograph import read_photograph

    read_photograph(read(path), path.name)


@kind("style picture", photos(96))
def _(path: Path) -> None:
    from narcissus.lab.style import style_picture

    style_picture.read(path, 192)


def films(folder: Path) -> list[Path]:
    import av

    for name, codec in (("film.avi", "MJPG"), ("film.mp4", "mp4v")):
        film = cv2.VideoWriter(str(folder / name), cv2.VideoWriter_fourcc(*codec), 25, (72, 48))
        for seed in range(12):
            film.write(picture(48, seed))
        film.release()
    with av.open(str(folder / "film.webm"), "w", options={"fflags": "+bitexact"}) as film:  # no identifiers of chance
        seen, heard = film.add_stream("libvpx-vp9", 25, width=72, height=48), film.add_stream("libopus", 48_000)
        for seed in range(12):
            film.mux(seen.encode(av.VideoFrame.from_ndarray(picture(48, seed))))
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 24_000 * 2), np.int16), "s16", "stereo")
        silence.sample_rate = 48_000
        film.mux(heard.encode(silence))
        film.mux([*seen.encode(None), *heard.encode(None)])
    return sorted(folder.iterdir())


@kind("film", films)
def _(path: Path) -> None:
    """As a viewer before the mirror, whose clock need not wait."""
    from narcissus.core.errors import SourceEnded
    from narcissus.sources import open_source

    with open_source(str(path), once=True) as source:
        source._sleep = lambda seconds: None
        try:
            for _ in range(15):
                source.read()
        except SourceEnded:
            return


@kind("film with its sound", films)
def _(path: Path) -> None:
    """As a film to be painted: every frame, and its sound into another film."""
    import av

    from narcissus.sinks.sound import Sound
    from narcissus.sources.lockstep import every_frame, length_of

    length_of(path)
    for _ in islice(every_frame(path), 15):
        pass
    with av.open(io.BytesIO(), "w", format="webm") as film:
        film.add_stream("libvpx-vp9", 25, width=72, height=48)
        with Sound(path, film) as sound:
            sound.until(9.0)


def stream_file(folder: Path) -> list[Path]:
    """What a camera sends: pictures one after the other, each with its head."""
    parts = []
    for seed in range(8):
        data = cv2.imencode(".jpg", picture(48, seed))[1].tobytes()
        head = b"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
        parts.append(head % len(data) + data + b"\r\n")
    path = folder / "stream"
    path.write_bytes(b"".join(parts))
    return [path]


@contextmanager
def sent(data: bytes) -> Iterator[str]:
    """The address of a camera that sends these bytes and ends."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            """Nothing is logged."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.handle_error = True, lambda *_: None  # whoever hangs up is no fault
    threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/video"
    finally:
        server.shutdown()
        server.server_close()


@kind("stream", stream_file)
def _(path: Path) -> None:
    from narcissus.core.errors import SourceError
    from narcissus.sources import open_source

    with sent(path.read_bytes()) as address, open_source(address) as camera:
        try:
            for _ in range(12):
                camera.read()
        except SourceError as fault:
            if "sends no more pictures" not in str(fault):  # as every stream does in the end
                raise
