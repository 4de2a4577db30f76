"""A network camera for the tests: a stream of JPEGs over HTTP on this machine, which fails on command."""

import http.server
import itertools
import threading
import time

import cv2
import numpy as np

RATE = 25.0
BOUNDARY = "picture"


class NetworkCamera:
    """Serves `pictures`, uint8 (H, W, 3) RGB, one after the other for ever, each with a noise of its own.

    `behaviour` is what it does from now on: "well", "hangs" (keeps the line and says nothing), "garbage", "page"
    (answers with a text) or "refuses" (401). `stop` and `start` switch it off and on at the same address.
    """

    def __init__(self, pictures, path="/video?user=artist&pwd=secret"):
        self.pictures, self.behaviour, self.path, self.port = pictures, "well", path, 0
        self.visits = 0
        self._server = None

    @property
    def address(self):
        return f"http://artist:secret@127.0.0.1:{self.port}{self.path}"

    def start(self):
        camera = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                camera.visits += 1
                camera._answer(self)

            def log_message(self, *_):
                """Nothing is logged."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads, self._server.block_on_close = True, False
        self._ended = threading.Event()
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self):
        server, self._server = self._server, None
        if server is not None:
            self._ended.set()
            server.shutdown()
            server.server_close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def _answer(self, to):
        if self.behaviour in ("page", "refuses"):
            to.send_response(200 if self.behaviour == "page" else 401)
            to.send_header("Content-Type", "text/html")
            to.end_headers()
            to.wfile.write(b"<html>Please log in</html>" * 20)
            return
        to.send_response(200)
        to.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        to.end_headers()
        ended, rng = self._ended, np.random.default_rng(0)
        for number, picture in enumerate(itertools.cycle(self.pictures)):
            while self.behaviour == "hangs" and not ended.is_set():
                time.sleep(0.02)
            if ended.wait(1 / RATE):
                return
            part = rng.bytes(4000) if self.behaviour == "garbage" else jpeg_of(picture, number)
            head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(part)}\r\n\r\n"
            try:
                to.wfile.write(head.encode() + part + b"\r\n")
            except OSError:
                return


def jpeg_of(picture, number):
    """As a lens would see it again: with a noise of its own for every number."""
    noise = np.random.default_rng(number).normal(0, 3, picture.shape[:2])[..., None]
    noisy = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", noisy[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, 90))[1].tobytes()
