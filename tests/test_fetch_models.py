"""A published network arrives whole, is known by its hash before anything reads it, and nothing is left half done."""

import hashlib
import json
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT
from model_server import (  # noqa: F401 - fixtures
    FILE,
    NAME,
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

from narcissus.networks.pggan import Generator


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


@pytest.mark.parametrize(
    "spoil", [lambda whole: whole[: len(whole) // 2], lambda whole: whole.replace(b"Dense", b"D?nse")]
)
def test_a_damaged_download_is_deleted_and_the_same_command_fetches_it_anew(run, folder, pickled, capsys, spoil):
    """Nobody knows its sha256, so only the import can tell."""
    with serving(spoil(pickled)) as (url, it):
        assert run(NAME, "--url", url) == 78
        assert "fetches it anew" in capsys.readouterr().err
        assert not names(folder)
        it.body = pickled
        assert run(NAME, "--url", url) == 0
    assert names(folder) == [f"{NAME}.json", f"{NAME}.npz", "trusted.json"]


@pytest.mark.parametrize("words", [("--sha256", "0" * 64), ()], ids=["wrong hash", "damaged"])
def test_a_persons_own_file_is_never_deleted_wherever_it_lies(run, folder, pickled, words):
    own = folder / "downloads" / FILE
    own.parent.mkdir(parents=True)
    own.write_bytes(pickled[:900])
    assert run(NAME, "--from", str(own), *words) == 78
    assert own.read_bytes() == pickled[:900]


def test_a_spoilt_book_of_hashes_costs_no_download(run, folder, pickled):
    folder.mkdir()
    (folder / "trusted.json").write_text("[1]")
    with serving(pickled) as (url, it):
        assert run(NAME, "--url", url) == 78
    assert not it.asked


SECRET = "s3cr3t-T0KEN"


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace("/file", f"/{SECRET}?token={SECRET}"),  # the server says 404 and repeats it
        lambda url: url.replace("/file", f"/a b?{SECRET}"),
        lambda url: url.replace("127", f"ada:{SECRET}@127").replace("/file", "/x"),
        lambda url: f"http://ada:{SECRET}",
        lambda url: f"http://[{SECRET}/file",
        lambda url: f"ftp://ada:{SECRET}@host/file",
        lambda url: f"host/file?token={SECRET}",
        lambda url: f"http://127.0.0.1:9/{SECRET}",
    ],
)
def test_no_token_of_an_address_is_ever_repeated(run, pickled, capfd, change):
    with serving(pickled) as (url, it):
        it.repeats = True
        assert run(NAME, "--url", change(url)) in (69, 78)
    said = "".join(capfd.readouterr())
    assert SECRET not in said
    assert "Traceback" not in said
    assert said.startswith("fetch_models: ")


def test_no_token_is_repeated_where_the_answer_is_a_web_page(run, folder, pickled, capsys):
    with serving(b"<html>", headers={"Content-Type": "text/html"}) as (url, it):
        it.ignores_words = True
        assert run(NAME, "--url", f"{url}?token={SECRET}") == 78
    assert SECRET not in capsys.readouterr().err
