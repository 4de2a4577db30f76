"""A published network arrives whole, is known by its hash before anything reads it, and nothing is left half done.

The server of these tests listens on the loopback alone; what it serves is a tiny pickle in the official format.
"""

import errno
import hashlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from conftest import ROOT
from pggan_parts import drawn_weights, official_pickle

from narcissus.networks.pggan import Generator

spec = importlib.util.spec_from_file_location("fetch_models", ROOT / "scripts" / "fetch_models.py")
fetch_models = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fetch_models)
from fetching import catalogue, download  # noqa: E402  # the script has made its folder known

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
        if self.path != "/file":
            return self.send_error(404)
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


def test_a_file_that_a_person_downloaded_becomes_a_generator(run, folder, tmp_path, pickled, capsys):
    given = tmp_path / "from-a-browser.pkl"
    given.write_bytes(pickled)
    assert run(NAME, "--from", str(given)) == 0
    assert Generator.load(folder / f"{NAME}.npz").resolution == 8
    about = json.loads((folder / f"{NAME}.json").read_text())
    assert "CC BY-NC 4.0" in about["licence"]
    assert FILE in about["origin"]["source"]
    assert hashlib.sha256(pickled).hexdigest() in about["origin"]["source"]
    assert given.read_bytes() == pickled
    said = capsys.readouterr().out
    assert "train_inverter.py --generator celebahq-1024" in said
    assert "it draws 8 px, and the published celebahq-1024 1024" in said


@pytest.mark.parametrize("stored", ["fused", "unfused", "plain"])
def test_the_recorded_pickles_are_imported(shared, stored, run, folder):
    assert run(NAME, "--from", str(shared.resolve() / "vectors" / f"pggan-32-{stored}.pkl")) == 0
    assert Generator.load(folder / f"{NAME}.npz").resolution == 32


def test_the_first_file_is_trusted_and_any_other_refused_before_it_is_read(
    run, folder, tmp_path, pickled, capsys, monkeypatch
):
    (tmp_path / "first.pkl").write_bytes(pickled)
    assert run(NAME, "--from", str(tmp_path / "first.pkl")) == 0
    known = json.loads((folder / "trusted.json").read_text())[FILE]
    assert known["sha256"] == hashlib.sha256(pickled).hexdigest()
    assert known["bytes"] == len(pickled)
    (folder / f"{NAME}.npz").unlink()
    (tmp_path / "second.pkl").write_bytes(pickled + b"?")
    monkeypatch.setattr(fetch_models, "imported", lambda *_: pytest.fail("it was read"))
    assert run(NAME, "--from", str(tmp_path / "second.pkl")) == 78
    assert "trusted.json" in capsys.readouterr().err
    assert (tmp_path / "second.pkl").is_file()


def test_a_file_that_cannot_be_imported_is_not_trusted(run, folder, tmp_path, pickled):
    (tmp_path / "half.pkl").write_bytes(pickled[: len(pickled) // 2])
    assert run(NAME, "--from", str(tmp_path / "half.pkl")) == 78
    assert not folder.exists() or not names(folder)


def test_a_file_is_downloaded_imported_and_cleared_away(run, folder, pickled):
    with serving(pickled) as (url, it):
        assert run(NAME, "--url", url) == 0
    assert it.asked == [None]
    assert names(folder) == [f"{NAME}.json", f"{NAME}.npz", "trusted.json"]


def test_what_is_there_is_not_fetched_again(run, pickled, capsys):
    with serving(pickled) as (url, it):
        assert run(NAME, "--url", url) == run(NAME, "--url", url) == 0
    assert len(it.asked) == 1
    assert "is there already" in capsys.readouterr().out


def test_a_connection_that_breaks_off_goes_on_where_it_was(run, pickled):
    third = len(pickled) // 3
    with serving(pickled, most=third + 1) as (url, it):
        assert run(NAME, "--url", url) == 0
    assert it.asked == [None, f"bytes={third + 1}-", f"bytes={2 * third + 2}-"]


def test_stopped_with_ctrl_c_the_same_command_goes_on(tmp_path, folder, pickled):
    """In a process of its own, which has to load TensorFlow: seconds."""
    words = [NAME, "--models", str(tmp_path), "--url"]
    start = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); import runpy, sys; "
    start += (
        f"sys.argv = sys.argv[1:]; runpy.run_path({str(ROOT / 'scripts' / 'fetch_models.py')!r}, run_name='__main__')"
    )
    part = folder / "downloads" / f"{FILE}.part"
    with serving(pickled, most=700, slow=True) as (url, it):
        child = subprocess.Popen(
            [sys.executable, "-c", start, "fetch_models.py", *words, url], stderr=subprocess.PIPE, text=True
        )
        while not (part.is_file() and part.stat().st_size >= 700) and child.poll() is None:
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        said = child.communicate()[1]
        assert child.returncode == 130, said
        assert "Traceback" not in said
        assert part.read_bytes() == pickled[:700]
        it.most, it.slow = 0, False
        assert fetch_models.main([*words, url]) == 0
    assert it.asked == [None, "bytes=700-"]
    assert names(folder) == [f"{NAME}.json", f"{NAME}.npz", "trusted.json"]


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


def test_a_server_without_range_sends_it_all_again(run, begun, pickled):
    with serving(pickled, ranges=False) as (url, it):
        begun(url)
        assert run(NAME, "--url", url) == 0
    assert it.asked == ["bytes=700-"]


def test_a_file_that_changed_on_the_server_is_begun_anew(run, begun, pickled):
    with serving(pickled, etag='"2"') as (url, it):
        begun(url, first=b"!" * 700)
        assert run(NAME, "--url", url) == 0
    assert it.asked == ["bytes=700-"]


def test_without_a_validator_nothing_is_continued(run, begun, pickled):
    with serving(pickled, etag=None) as (url, it):
        begun(url, first=b"!" * 700, validator=None)
        assert run(NAME, "--url", url) == 0
    assert it.asked == [None]


def test_bytes_of_another_address_are_not_continued(run, begun, pickled):
    with serving(pickled) as (url, it):
        begun("http://elsewhere/file", first=b"!" * 700)
        assert run(NAME, "--url", url) == 0
    assert it.asked == [None]


def test_a_whole_download_needs_no_network(run, begun, pickled):
    begun("http://127.0.0.1:9/file", first=pickled)
    assert run(NAME, "--url", "http://127.0.0.1:9/file") == 0


def test_an_address_with_a_secret_in_it_is_written_nowhere(run, folder, pickled):
    with serving(pickled, most=100, ranges=False) as (url, _):
        assert run(NAME, "--url", url.replace("/file", "/file?token=SECRET")) == 69  # another path: 404
        assert run(NAME, "--url", url) == 69
    assert all(b"127.0.0.1" not in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_download_that_never_becomes_whole_is_not_taken(run, folder, pickled, capsys):
    with serving(pickled, most=100, ranges=False) as (url, it):
        assert run(NAME, "--url", url) == 69
    assert len(it.asked) == download.TRIES + 1
    assert "goes on from there" in capsys.readouterr().err
    assert f"{NAME}.npz" not in names(folder)


def test_a_wrong_hash_is_refused_before_the_parser_and_the_download_forgotten(
    run, folder, pickled, capsys, monkeypatch
):
    monkeypatch.setattr(fetch_models, "imported", lambda *_: pytest.fail("it was read"))
    with serving(pickled) as (url, _):
        assert run(NAME, "--url", url, "--sha256", "0" * 64) == 78
    assert "sha256" in capsys.readouterr().err
    assert not names(folder)


def test_an_import_that_fails_does_not_cost_the_download(run, folder, pickled, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with serving(pickled) as (url, it), monkeypatch.context() as trouble:
        trouble.setattr(os, "fsync", lambda _: None)
        trouble.setattr("narcissus.core.files.os.replace", lambda *_: full() if "npz" in str(_[1]) else os.rename(*_))
        assert run(NAME, "--url", url) == 73
    assert names(folder) == [f"downloads/{FILE}"]
    assert run(NAME, "--url", url) == 0  # the server is gone
    assert len(it.asked) == 1


def test_a_disk_too_small_is_known_before_a_byte_arrives(run, folder, pickled, monkeypatch, capsys):
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    with serving(pickled) as (url, _):
        assert run(NAME, "--url", url) == 73
    assert "still to come" in capsys.readouterr().err
    assert (folder / "downloads" / f"{FILE}.part").stat().st_size == 0


class FullDisk:
    """A file that takes its first 500 bytes."""

    def __init__(self, file):
        self._file = file

    def write(self, block):
        self._file.write(block[:500])
        self._file.flush()
        raise OSError(errno.ENOSPC, "No space left on device")

    def __getattr__(self, name):
        return getattr(self._file, name)


def test_a_disk_that_fills_up_keeps_what_it_took_and_goes_on_later(run, folder, pickled, monkeypatch, capsys):
    alone = download._alone

    @contextmanager
    def full(part):
        with alone(part) as file:
            yield FullDisk(file)

    with serving(pickled) as (url, it):
        with monkeypatch.context() as trouble:
            trouble.setattr(download, "_alone", full)
            assert run(NAME, "--url", url) == 73
        assert "No space left" in capsys.readouterr().err
        assert run(NAME, "--url", url) == 0
    assert it.asked == [None, "bytes=500-"]


def test_an_address_without_the_file_is_named_with_the_servers_answer(run, pickled, capsys):
    with serving(pickled) as (url, _):
        assert run(NAME, "--url", url + "s") == 69
    said = capsys.readouterr().err
    assert "404" in said
    assert "--from" in said


def test_offline_it_says_what_to_do_instead(run, capsys, monkeypatch):
    def offline(*_, **__):
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(download.http.client.HTTPConnection, "connect", offline)
    assert run(NAME, "--url", "http://mirror.invalid/file") == 69
    said = capsys.readouterr().err
    assert "unreachable" in said
    assert "--from" in said
    assert "\n" not in said.strip()


@pytest.mark.parametrize("headers", [{"Content-Type": "text/html"}, {}], ids=["says so", "looks so"])
def test_a_web_page_is_not_taken_for_the_file(run, folder, capsys, headers):
    with serving(b"<!DOCTYPE html><title>Virus scan</title>", headers=headers) as (url, _):
        assert run(NAME, "--url", url) == 78
    assert "web page" in capsys.readouterr().err
    assert not names(folder)


@pytest.mark.parametrize("length", [True, False], ids=["announced", "unannounced"])
def test_more_than_such_a_file_has_is_refused(run, folder, pickled, monkeypatch, length):
    monkeypatch.setattr(catalogue, "LARGEST", len(pickled) - 1)
    with serving(pickled, length=length) as (url, _):
        assert run(NAME, "--url", url) == 78
    assert not names(folder)


def test_a_server_that_leads_to_a_file_of_this_machine_is_not_followed(run, tmp_path, pickled):
    (tmp_path / "local.pkl").write_bytes(pickled)

    class Leading(Server):
        def do_GET(self):
            self.send_response(302)
            self.send_header("Location", f"file://{tmp_path}/local.pkl")
            self.end_headers()

    with serving(pickled) as (url, _), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Server, "do_GET", Leading.do_GET)
        assert run(NAME, "--url", url) == 69


@pytest.mark.parametrize("url", ["ftp://host/file", "file:///etc/passwd", "host/file", "http://"])
def test_only_web_addresses_are_addresses(run, url, capsys):
    assert run(NAME, "--url", url) == 78
    assert "https://host/file" in capsys.readouterr().err


def test_two_downloads_of_one_file_do_not_mix(run, folder, pickled, capsys):
    (folder / "downloads").mkdir(parents=True)
    with download._alone(folder / "downloads" / f"{FILE}.part"), serving(pickled) as (url, it):
        assert run(NAME, "--url", url) == 69
    assert "another fetch_models.py" in capsys.readouterr().err
    assert not it.asked


def test_without_an_address_the_network_is_never_touched(run, folder, tmp_path, pickled, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("the network was used"))
    (tmp_path / "given.pkl").write_bytes(pickled)
    assert run(NAME, "--from", str(tmp_path / "given.pkl")) == 0
    assert run("--list") == 0


def test_the_list_says_what_is_there_damaged_begun_and_missing(run, folder, tmp_path, pickled, begun, capsys):
    (tmp_path / "given.pkl").write_bytes(pickled)
    assert run("lsun-cat", "--from", str(tmp_path / "given.pkl")) == 0
    assert run("lsun-dog", "--from", str(tmp_path / "given.pkl")) == 0
    (folder / "lsun-dog.npz").write_bytes(b"?")
    begun("http://host/file", first=bytes(2_000_000))
    capsys.readouterr()
    assert run("--list") == 0
    said = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line}
    assert " there " in said["lsun-cat"]
    assert "damaged" in said["lsun-dog"]
    assert "2 MB downloaded" in said[NAME]
    assert "missing" in said["lsun-cow"]
    assert sum("256x256" in one.file for one in fetch_models.NETWORKS.values()) == 30


def test_a_spoilt_book_of_hashes_is_refused_with_the_remedy(run, folder, tmp_path, pickled, capsys):
    folder.mkdir()
    (folder / "trusted.json").write_text("[1]")
    (tmp_path / "given.pkl").write_bytes(pickled)
    assert run(NAME, "--from", str(tmp_path / "given.pkl")) == 78
    assert "delete it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["celebhq-1024", "--url", "http://a/b"], "did you mean celebahq-1024"),
        ([NAME], "--from"),
        (["--url", "http://a/b"], "no network"),
        ([NAME, "--from", "a", "--url", "b"], "not allowed"),
        ([NAME, "--url", "http://a/b", "--sha256", "12"], "64 hexadecimal"),
    ],
)
def test_wrong_words_are_explained(words, hint, capsys):
    with pytest.raises(SystemExit) as ended:
        fetch_models.main(words)
    assert ended.value.code == 2
    assert hint in capsys.readouterr().err
