"""One command turns an official pickle into a model, or says in one line why not and writes nothing."""

import importlib.util
import json
import os
import pickle

import cv2
import numpy as np
import pytest
from conftest import ROOT
from pggan_parts import Witness, drawn_weights, latents_for, official_pickle

from narcissus.core import files
from narcissus.networks.pggan import Generator

TINY = {"resolution": 8, "fmap_base": 32, "fmap_max": 8}


def script(name: str):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


run = script("import_pggan").main


@pytest.fixture
def given(tmp_path):
    """An official pickle, and the network in it."""
    weights = drawn_weights(4, **TINY)
    path = tmp_path / "karras2018iclr-tiny.pkl"
    path.write_bytes(official_pickle(weights))
    return path, weights


def test_the_converted_network_draws_what_the_pickle_means(given, tmp_path, capsys):
    path, weights = given
    target = tmp_path / "models" / "tiny.npz"
    assert run([str(path), str(target)]) == 0
    latents = latents_for(weights)
    drawn = Generator.load(target, precision="float32").synthesize(latents)
    assert np.abs(drawn.transpose(0, 3, 1, 2) - Witness(weights).draw(latents)).max() < 1e-4
    said = capsys.readouterr().out
    assert "8×8 px" in said
    assert str(target) in said


@pytest.mark.parametrize("stored", ["fused", "unfused", "plain"])
def test_the_recorded_pickles_convert_and_match(shared, stored, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    target = tmp_path / f"{stored}.npz"
    assert run([str(shared.resolve() / "vectors" / f"pggan-32-{stored}.pkl"), str(target)]) == 0
    recorded = np.load(shared.resolve() / "vectors" / f"pggan-32-{stored}.npz")
    drawn = Generator.load(target, precision="float32").synthesize(recorded["latents"])
    assert np.abs(drawn.transpose(0, 3, 1, 2) - recorded["images"]).max() < 1e-4
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{stored}.json", f"{stored}.npz"]  # no canary


def test_half_is_half_and_draws_the_same_within_one_grey_level(given, tmp_path):
    path, weights = given
    whole, half = tmp_path / "whole.npz", tmp_path / "half.npz"
    assert run([str(path), str(whole)]) == run([str(path), str(half), "--half"]) == 0
    assert all(array.dtype == np.float16 for name, array in np.load(half).items() if name != "lod")
    latents = latents_for(weights, 16)
    pictures = [Generator.load(one, precision="float32").render(latents).astype(int) for one in (whole, half)]
    assert np.abs(pictures[0] - pictures[1]).max() <= 1


def test_weights_beyond_float16_are_refused_with_the_remedy(tmp_path, capsys):
    weights = drawn_weights(**TINY)
    weights.variables["4x4/Conv/bias"][0] = 1e6
    (tmp_path / "big.pkl").write_bytes(official_pickle(weights))
    assert run([str(tmp_path / "big.pkl"), str(tmp_path / "big.npz"), "--half"]) == 78
    assert "leave out --half" in capsys.readouterr().err


def sidecar(target) -> dict:
    return json.loads(target.with_suffix(".json").read_text())


def test_the_authors_own_files_carry_their_licence(given, tmp_path):
    path, _ = given
    assert run([str(path), str(tmp_path / "a.npz")]) == 0
    assert "CC BY-NC 4.0" in sidecar(tmp_path / "a.npz")["licence"]
    assert path.name in sidecar(tmp_path / "a.npz")["origin"]["source"]


def test_nobody_else_is_given_a_licence_that_nobody_stated(given, tmp_path):
    path = given[0].rename(tmp_path / "network-snapshot-011920.pkl")
    assert run([str(path), str(tmp_path / "a.npz")]) == 0
    assert "Not stated" in sidecar(tmp_path / "a.npz")["licence"]


def test_origin_and_licence_are_taken_as_given(given, tmp_path):
    words = [str(given[0]), str(tmp_path / "a.npz"), "--origin", "the attic", "--licence", "CC0"]
    assert run(words) == 0
    found = sidecar(tmp_path / "a.npz")
    assert (found["origin"], found["licence"]) == ({"source": "the attic"}, "CC0")


def test_samples_are_drawn_where_asked(given, tmp_path):
    assert run([str(given[0]), str(tmp_path / "a.npz"), "--samples", str(tmp_path / "a.png")]) == 0
    assert cv2.imread(str(tmp_path / "a.png")).shape == (32, 32, 3)


class Evil:
    def __reduce__(self):
        return os.system, ("touch CANARY",)


BAD = {
    "evil": (pickle.dumps(Evil()).ljust(200, b"\0"), "system"),
    "truncated": (official_pickle(drawn_weights(**TINY))[:3000], "not a whole pickle"),
    "text": (b"a text file\n" * 20, "not a whole pickle"),
    "nearly empty": (b"x", "1 bytes"),
    "nothing finite": (
        official_pickle(drawn_weights(**TINY, use_pixelnorm=False, use_wscale=False, normalize_latents=False)).replace(
            drawn_weights(**TINY).variables["4x4/Conv/bias"].tobytes(), np.full(8, 3e38, "f").tobytes()
        ),
        "finite",
    ),
}


@pytest.mark.parametrize(("data", "word"), BAD.values(), ids=BAD.keys())
def test_a_bad_pickle_ends_with_78_one_line_and_no_file(tmp_path, monkeypatch, capsys, data, word):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.pkl").write_bytes(data)
    assert run(["bad.pkl", "models/bad.npz"]) == 78
    told = capsys.readouterr().err.strip()
    assert "bad.pkl" in told
    assert word in told
    assert "\n" not in told
    assert [path.name for path in tmp_path.iterdir()] == ["bad.pkl"]


def test_a_missing_pickle_ends_with_78(tmp_path, capsys):
    assert run([str(tmp_path / "none.pkl"), str(tmp_path / "a.npz")]) == 78
    assert "no such file" in capsys.readouterr().err


def test_a_full_disk_ends_with_73_and_no_file(given, tmp_path, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    assert run([str(given[0]), str(tmp_path / "new" / "a.npz")]) == 73
    assert "No space left" in capsys.readouterr().err
    assert not list((tmp_path / "new").iterdir())


@pytest.mark.parametrize("words", [[], ["a.pkl"], ["a.pkl", "a.h5"], ["a.pkl", "a.npz", "--samples", "a.jpg"]])
def test_wrong_words_are_explained(words, capsys):
    with pytest.raises(SystemExit) as ended:
        run(words)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_help_shows_an_example(capsys):
    with pytest.raises(SystemExit) as ended:
        run(["--help"])
    assert ended.value.code == 0
    assert "karras2018iclr-celebahq-1024x1024.pkl models/pg_gan/celebahq-1024.npz" in capsys.readouterr().out


def test_a_sample_sheet_shows_the_first_latents_unchosen(generator, tmp_path):
    """The embedded generator's sheet in the repository is the one that it draws."""
    path = tmp_path / "sheet.png"
    model = ROOT / "models" / "pg_gan" / "utk-64.npz"
    assert script("draw_samples").main([str(model), str(path), "--rows", "1"]) == 0
    kept = cv2.imread(str(model.with_name("utk-64-samples.png")))
    assert kept.shape == (512, 512, 3)
    assert np.abs(cv2.imread(str(path)).astype(int) - kept[:64]).max() <= 1
