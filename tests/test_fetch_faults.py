"""What a download meets on its way: full disks, strange servers, wrong words; each is said in one line."""

import errno
import os
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from model_server import (  # noqa: F401 - fixtures
    FILE,
    NAME,
    Server,
    begun,
    catalogue,
    download,
    fetch_models,
    folder,
    impatient,
    names,
    pickled,
    run,
    serving,
)


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
