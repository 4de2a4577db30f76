"""An RTSP camera for the tests: MJPEG over RTP (RFC 2435), interleaved in the TCP line of RTSP (RFC 2326), on loopback.

It asks for a name and a password, as cameras do, and says nothing to whoever does not ask for TCP.
"""

import base64
import itertools
import socket
import socketserver
import struct
import threading
import time

from camera_in_a_network import RATE, jpeg_of

LARGEST = 1400  # bytes of a packet, as over Ethernet
JPEG, CLOCK = 26, 90_000  # RTP's number of the payload; ticks a second
SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:track1\r\n"
ANSWERS = {
    "OPTIONS": "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n",
    "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n",
    "PLAY": "Session: 1\r\n",
    "TEARDOWN": "Session: 1\r\n",
}


class RtspCamera:
    """Serves `pictures`, uint8 (H, W, 3) RGB, sides divisible by 16, for ever; `hangs` makes it fall silent."""

    def __init__(self, pictures, name="artist", password="secret"):
        self._pictures, self.hangs = pictures, threading.Event()
        self._wanted = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
        self._ended, self.asked = threading.Event(), []

    def __enter__(self):
        camera = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                camera._converse(self.request)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads, self._server.block_on_close = True, False
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def _converse(self, line: socket.socket):
        received = b""
        while not self._ended.is_set():
            while b"\r\n\r\n" not in received:
                more = line.recv(4096)
                if not more:
                    return
                received += more
            request, _, received = received.partition(b"\r\n\r\n")
            method = self._answer(line, request.decode())
            if method == "PLAY":
                self._play(line)
                return

    def _answer(self, line, request):
        first, *rest = request.split("\r\n")
        method = first.split()[0]
        headers = dict(part.split(": ", 1) for part in rest)
        self.asked.append((method, headers.get("Transport", "")))
        status, said = "200 OK", ANSWERS.get(method, "")
        if headers.get("Authorization") != self._wanted and method != "OPTIONS":
            status, said, method = "401 Unauthorized", 'WWW-Authenticate: Basic realm="camera"\r\n', ""
        elif method == "SETUP" and "TCP" not in headers["Transport"]:
            status, said = "461 Unsupported Transport", ""
        body = SDP if method == "DESCRIBE" else ""
        said += f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n" if body else ""
        line.sendall(f"RTSP/1.0 {status}\r\nCSeq: {headers['CSeq']}\r\n{said}\r\n{body}".encode())
        return method

    def _play(self, line):
        sequence = itertools.count()
        for number, picture in enumerate(itertools.cycle(self._pictures)):
            while self.hangs.is_set() and not self._ended.is_set():
                time.sleep(0.02)
            if self._ended.wait(1 / RATE):
                return
            try:
                for packet in packets(jpeg_of(picture, number), picture.shape, round(number * CLOCK / RATE), sequence):
                    line.sendall(b"$\0" + struct.pack(">H", len(packet)) + packet)
            except OSError:
                return


def packets(jpeg, shape, stamp, sequence):
    """The RTP packets of one JPEG with 4:2:0 colours and the standard Huffman tables, as OpenCV writes it."""
    tables, scan = parts(jpeg)
    head = struct.pack(">BBH", 0, 0, len(tables)) + tables
    for start in range(0, len(scan), LARGEST):
        piece = scan[start : start + LARGEST]
        last = start + LARGEST >= len(scan)
        rtp = struct.pack(">BBHII", 0x80, JPEG | (0x80 if last else 0), next(sequence) & 0xFFFF, stamp & 0xFFFFFFFF, 7)
        about = struct.pack(">I", start) + struct.pack(">BBBB", 1, 255, shape[1] // 8, shape[0] // 8)
        yield rtp + about + (head if start == 0 else b"") + piece


def parts(jpeg):
    """Both quantisation tables, and what follows the last header."""
    at, tables = 2, b""
    while True:
        marker, length = struct.unpack(">HH", jpeg[at : at + 4])
        body = jpeg[at + 4 : at + 2 + length]
        if marker == 0xFFDB:
            tables += b"".join(body[start + 1 : start + 65] for start in range(0, len(body), 65))
        at += 2 + length
        if marker == 0xFFDA:
            return tables, jpeg[at:-2]
