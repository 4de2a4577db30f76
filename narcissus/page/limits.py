"""How much anybody may send, and how long anything may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process allows. The page's own uploads are grey copies of about 100 kB."""

    upload: int = 16 << 20  # bytes of one picture: a JPEG of 25 megapixels
    buffered: int = 64 << 20  # bytes of all uploads that are being received or wait
    pixels: int = 25_000_000  # of one picture, as its header says before anything is decoded
    side: int = 16_000  # pixels, either way
    header_seconds: float = 10.0  # in which the head of a request must have arrived; twice as long at most
    body_seconds: float = 20.0  # in which an upload, or a code, must have arrived
    drain_seconds: float = 3.0  # for which a refused upload is still taken off the line, and forgotten
    work_seconds: float = 10.0  # in which it must be coloured; then the worker is ended and another one started
    waiting: int = 16  # uploads that wait for a worker
    retry_seconds: int = 2  # after which those may ask again who found it full
    message: int = 16 << 10  # bytes of one message over a WebSocket
    connections: int = 256  # open at a time; more are answered 503 before their headers are read
    sockets: int = 128  # of these, WebSockets that look at the wall; uvicorn counts them and refuses none


USUAL = Limits()
MEMORY = 1 << 30  # bytes that a worker may take beyond what it has when it is ready; a photograph of 25 MP takes 0.4 GB
