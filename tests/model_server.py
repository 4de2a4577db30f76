"""A server of published networks, on the loopback alone; what it serves is a tiny pickle in the official format."""

import hashlib
import importlib.util
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from conftest import ROOT
from pggan_parts import drawn_weights, official_pickle

spec = importlib.util.spec_from_file_location("fetch_models", ROOT / "scripts" / "fetch_models.py")
fetch_models = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fetch_models)
from fetching import catalogue, download  # noqa: E402, F401 - the script has made its folder known

NAME, FILE = "celebahq-1024", "karras2018iclr-celebahq-1024x1024.pkl"


@pytest.fixture(scope="module")
def pickled() -> bytes:
    return official_pickle(drawn_weights(4, resolution=8, fmap_base=32, fmap_max=8))


@pytest.fixture
def run(tmp_path):
    return lambda *words: fetch_models.main([*words, "--models", str(tmp_path)])


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "pg_gan"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(download, "PAUSE", 0.0)
    monkeypatch.setattr(download, "TIMEOUT", 5.0)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class Server(BaseHTTPRequestHandler):
    """Serves `body`; `asked` holds the Range of every request. Its faults are set by the test."""

    def do_GET(self):
        it = self.server.about
        it.asked.append(self.headers.get("Range"))
        if self.path.partition("?")[0] != "/file" or ("?" in self.path and not it.ignores_words):
            return self.send_error(404, f"no {self.path}" if it.repeats else None)
        start = 0
        if it.ranges and self.headers.get("Range") and self.headers.get("If-Range") == it.etag:
            start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
        end = min(len(it.body), start + it.most) if it.most else len(it.body)
        self.send_response(206 if start else 200)
        for name, value in it.headers.items():
            self.send_header(name, value)
        if it.etag:
            self.send_header("ETag", it.etag)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(it.body) - 1}/{len(it.body)}")
        if it.length:
            self.send_header("Content-Length", str(len(it.body) - start))
        self.end_headers()
        self.wfile.write(it.body[start:end])
        if it.slow:
            self.wfile.flush()
            it.release.wait(20)

    def log_message(self, *_):
        pass


@contextmanager
def serving(body: bytes, **about):
    """The address of a server, and what it knows."""
    defaults = {"etag": '"1"', "ranges": True, "length": True, "most": 0, "slow": False, "headers": {}}
    defaults |= {"repeats": False, "ignores_words": False}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.about = SimpleNamespace(body=body, asked=[], release=threading.Event(), **(defaults | about))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/file", server.about
    finally:
        server.about.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def begun(folder, pickled):
    """A download of which 700 bytes are there; the address is kept by its hash alone."""

    def begin(url: str, first: bytes = pickled[:700], validator: str | None = '"1"', length: int = len(pickled)):
        part = folder / "downloads" / f"{FILE}.part"
        part.parent.mkdir(parents=True)
        part.write_bytes(first)
        notes = {"address": hashlib.sha256(url.encode()).hexdigest(), "validator": validator, "length": length}
        part.with_name(f"{part.name}.json").write_text(json.dumps(notes))

    return begin
