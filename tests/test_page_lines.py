"""Slow and silent connections, at a real server in this process over a pool without a network."""

import asyncio
import contextlib
import socket
import threading
import time

import pytest
import uvicorn
from page_parts import EchoPool, fetch, wait

from narcissus.page.limits import Limits
from narcissus.page.server import Address, bound, build, settings

LIMITS = Limits(header_seconds=0.3, body_seconds=0.5, drain_seconds=0.2)
PATIENT = Limits(header_seconds=20, drain_seconds=20)


@contextlib.contextmanager
def served(limits):
    with bound(Address(port=0)) as listening:
        server = uvicorn.Server(settings(build(EchoPool(), limits=limits), limits))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
        thread.start()
        assert wait(lambda: server.started, 20)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="module")
def port():
    with served(LIMITS) as port:
        yield port


@pytest.fixture
def patient():
    """The port of a server that takes off the line whatever is sent, however slow the machine is."""
    with served(PATIENT) as port:
        yield port


def head(port: int, length: int) -> bytes:
    lines = ["POST /assume HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Origin: http://127.0.0.1:{port}"]
    return "\r\n".join([*lines, "Content-Type: image/jpeg", f"Content-Length: {length}", "", ""]).encode()


def heard(line: socket.socket) -> bytes:
    """All that the server says until it closes the line."""
    line.settimeout(20)
    said = b""
    with contextlib.suppress(ConnectionResetError):  # closed before all that was sent had been read
        while part := line.recv(65536):
            said += part
    return said


def test_a_body_that_trickles_is_refused_and_its_line_closed(port):
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(head(port, 1000))
        for _ in range(20):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has been refused by now
                line.sendall(b"x")
            time.sleep(0.05)
        said = heard(line)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert said.endswith(b"The picture took too long to arrive; try again on a better line.\n")


@pytest.mark.parametrize("start", [b"", b"P", b"POST /assume HTTP/1.1\r\nHost: 127"])
def test_a_line_on_which_no_request_comes_is_closed(port, start):
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(start)
        assert heard(line) == b""


def test_headers_that_never_end_are_refused(port):
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000)
        assert heard(line)[:13] in (b"HTTP/1.1 400 ", b"")


def test_silent_lines_keep_nobody_else_out(port):
    crowd = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
    try:
        assert fetch(f"http://127.0.0.1:{port}/health")[0] == 200
        assert all(heard(line) == b"" for line in crowd)
    finally:
        for line in crowd:
            line.close()
    headers = {"Content-Type": "image/jpeg", "Origin": f"http://127.0.0.1:{port}"}
    assert fetch(f"http://127.0.0.1:{port}/assume", b"picture", headers) == (200, b"answered")


def test_who_asks_for_more_than_is_read_still_hears_why_not(patient):
    """17 MB are announced and sent: the answer comes in spite of them."""
    with socket.create_connection(("127.0.0.1", patient)) as line:
        line.sendall(head(patient, 17 << 20) + bytes(17 << 20))
        assert b"413" in line.recv(65536)


def test_nothing_says_what_serves(port):
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        said = heard(line).lower()
    assert b"\r\nserver:" not in said
    assert b"\r\nset-cookie:" not in said
