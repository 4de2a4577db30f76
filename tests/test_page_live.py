"""The real page in its own processes: hostile uploads, a crowd, and no byte of anything on a disk.

Takes half a minute or more: the page starts three times, with TensorFlow.
"""

import re
import shutil
import socket
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from conftest import ROOT
from page_parts import Page, chance_model, fetch, photograph
from ports import free_port
from test_privacy import CALLS, leaks

from narcissus.core.errors import ConfigError
from narcissus.page.server import Address, bound

ONE = ("--workers", "1")
LEAK = """
import sys
sys.path[:0] = [{scripts!r}, {root!r}]
from narcissus.page.upload import Uploads

receive = Uploads.receive


async def leaking(self, headers, body, take):
    data = await receive(self, headers, body, take)
    open({file!r}, "wb").write(data)
    return data


Uploads.receive = leaking
import page
sys.exit(page.main())
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return chance_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def page(model):
    with Page(model, *ONE) as page:
        assert page.said.startswith("narcissus: the page is at http://127.0.0.1:")
        yield page


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, rows: bytes, *others: bytes) -> bytes:
    """A PNG with valid checksums, whatever its rows and its other chunks are."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(others) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def zeros(megabytes: int) -> bytes:
    return zlib.compress(bytes(megabytes << 20), 9)


def damaged() -> bytes:
    data = bytearray(photograph(640, 480, progressive=True))
    data[300:400] = bytes(100)
    return bytes(data)


HOSTILE = {  # what it is -> what makes its bytes
    "30,000 pixels each way": lambda: png(30_000, 30_000, bytes(100)),
    "30,000 pixels one way": lambda: png(30_000, 8, bytes(90_001 * 8)),
    "a small header before 200 MB": lambda: png(400, 300, bytes(200 << 20))[:-20],
    "one pixel": lambda: png(1, 1, bytes(4)),
    "truncated": lambda: photograph(640, 480)[:5000],
    "text": lambda: b"What colour do they think I am?" * 50,
    "a page": lambda: b"<!doctype html><script>alert(1)</script>",
    "a GIF": lambda: photograph(64, 48, kind="GIF"),
    "a TIFF": lambda: photograph(64, 48, kind="TIFF"),
    "PostScript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (w) file\n",
    "a picture and an archive": lambda: photograph(640, 480) + b"PK\x03\x04" + bytes(200),
    "a picture and a script": lambda: photograph(64, 48, kind="PNG") + b"<script>alert(1)</script>",
    "nothing": lambda: b"",
    "damaged tables": damaged,  # which a decoder may well make something of
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_upload_is_refused_in_one_line_and_the_page_goes_on(page, name):
    status, body = page.ask(HOSTILE[name]())
    assert status in (413, 415, 422, *((200,) if name == "damaged tables" else ()))
    if status != 200:
        assert body.endswith(b"\n")
        assert len(body.splitlines()) == 1
        assert body.decode().strip().isprintable()
    # A worker that a busy machine let wait for its ten seconds is refused as one that hangs; the next one is not.
    assert any(page.ask(photograph(64, 48))[0] == 200 for _ in range(3))


def test_a_header_that_lies_is_found_out_by_the_decoder(page):
    """The rows of a PNG are more than its header says, or fewer; the second is no whole picture."""
    rows = bytes(64 * 193)
    assert page.ask(png(64, 64, rows + bytes(1 << 20)))[0] in (200, 422)
    assert page.ask(png(64, 64, rows[:1000]))[0] == 422


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP"])
def test_a_bomb_in_the_metadata_costs_no_memory(page, kind):
    """300 MB of zeros in a few hundred kB. Whether the picture is answered without it or refused is the same to us."""
    most = memory(page)
    status, _ = page.ask(png(64, 64, bytes(64 * 193), chunk(kind, b"name\0\0" + zeros(300))))
    assert status in (200, 422)
    assert memory(page) < most + (50 << 20)
    assert page.ask(photograph(64, 48))[0] == 200


def test_more_bytes_than_allowed_are_refused(page):
    status, body = page.ask(photograph(64, 48) + bytes(17 << 20))
    assert (status, body) == (413, b"The file is too large; 16 MB at most.\n")


def test_a_body_without_an_end_is_refused_as_soon_as_it_is_too_long(page):
    def endless():
        for _ in range(20):
            yield bytes(1 << 20)

    headers = {"Content-Type": "image/jpeg", "Origin": page.address, "Transfer-Encoding": "chunked"}
    assert fetch(f"{page.address}/assume", endless(), headers)[0] == 413


def test_a_client_that_leaves_in_the_middle_is_no_fault(page):
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", page.port)) as line:
            head = f"POST /assume HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\nOrigin: {page.address}\r\n"
            line.sendall(f"{head}Content-Type: image/jpeg\r\nContent-Length: 5000\r\n\r\n".encode() + b"\xff\xd8\xff")
    assert page.ask(photograph(64, 48))[0] == 200


def test_another_sites_page_is_refused_by_the_real_server(page):
    assert page.ask(photograph(64, 48), Origin="http://evil.example")[0] == 403
    assert page.ask(photograph(64, 48), Host="evil.example")[0] == 403


def test_a_crowd_is_answered_or_politely_refused_and_leaves_no_memory_behind(page):
    """Eight clients at once; scripts/measure_page.py does it with a hundred pictures."""
    pictures = [photograph(768, 576, seed) for seed in range(8)]
    ask = lambda number: page.ask(pictures[number % 8])[0]
    with ThreadPoolExecutor(8) as clients:
        first = list(clients.map(ask, range(8)))
        before = memory(page)
        statuses = list(clients.map(ask, range(16)))
    assert set(first + statuses) <= {200, 503}
    assert 200 in statuses
    assert memory(page) < before + (50 << 20)


def memory(page) -> int:
    """Bytes resident of the server and its workers."""
    server = psutil.Process(page.process.pid)
    return sum(process.memory_info().rss for process in (server, *server.children(recursive=True)))


def test_the_page_ends_at_once_and_leaves_no_worker_behind(model):
    with Page(model, *ONE) as page:
        workers = psutil.Process(page.process.pid).children(recursive=True)
    assert page.process.returncode == 0
    assert page.rest[1] == ""
    assert workers
    assert not any(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE for worker in workers)


def traced(model, tmp_path, uploads, program=None) -> tuple[str, str]:
    """The trace of a page that has been given these uploads, and all that it said."""
    if not shutil.which("strace"):
        pytest.skip("strace is not here; install the package strace")
    trace = tmp_path / "trace"
    strace = f"strace -f --seccomp-bpf -qq -e trace={CALLS},prctl,prlimit64 -s 256 -o".split()
    with Page(model, *ONE, before=(*strace, str(trace)), program=program) as page:
        for data in uploads:
            page.ask(data)
    return trace.read_text(errors="replace"), page.said + "".join(page.rest)


def test_no_byte_of_an_upload_reaches_a_disk_or_a_log(model, tmp_path):
    good = [photograph(768, 576), photograph(3000, 2000), photograph(300, 200, kind="PNG")]
    trace, said = traced(model, tmp_path, [*good, *(make() for make in HOSTILE.values())])
    assert leaks(trace) == ["listening"], "no file is opened to be written; the page listens, and speaks to nobody"
    assert said.count("\n") == 1, "it says where it is served, and nothing of what was sent"
    assert trace.count("prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE") >= 2, "neither server nor worker may be dumped"
    assert re.search(r"RLIMIT_FSIZE, \{rlim_cur=0, rlim_max=0\}", trace), "and a worker could not write if it would"


def test_a_page_that_leaks_is_caught(model, tmp_path):
    """The positive control: what the other test looks for is found when it is there."""
    program, file = tmp_path / "leaking.py", str(tmp_path / "upload.jpg")
    program.write_text(LEAK.format(scripts=str(ROOT / "scripts"), root=str(ROOT), file=file))
    trace, _ = traced(model, tmp_path, [photograph(300, 200)], program)
    assert leaks(trace) == [file, "listening"]


def test_without_a_network_the_page_says_in_one_line_what_to_do(tmp_path):
    with Page(tmp_path / "none.npz", *ONE) as page:
        page.process.wait(120)
    assert page.process.returncode == 78
    assert page.rest[1].count("\n") == 1
    assert "scripts/train_colour.py" in page.rest[1]


def test_a_port_that_is_taken_is_said_in_one_line():
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        place = Address(port=taken.getsockname()[1])
        for impossible in (place, Address("no-such-host.invalid")):
            with pytest.raises(ConfigError, match="name another with --host or --port"):
                bound(impossible)
