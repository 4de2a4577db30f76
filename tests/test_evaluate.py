"""scripts/evaluate.py on drawn faces: every key is there, bad input is named, and what is measured is kept."""

import copy
import json
import sys
import zipfile

import cv2
import numpy as np
import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import evaluate

from narcissus.lab.likeness import conditions, evaluation, motion_figures, oracle
from narcissus.lab.likeness.figures import FROM_FILMS, FROM_PICTURES
from narcissus.lab.likeness.pictures import png, resized

CONDITIONS = {"random_z", "mean_z", "shuffled_features", "nearest_neighbour", "plain_ridge"}


@pytest.fixture(scope="module")
def drawn_once():
    """The pool of random faces is the same for every run of one seed: drawn and seen once, and each gets a copy."""
    pools = {}

    def draw(count, reflector, eye, seed, progress):
        key = count, reflector.generator.sha256, seed
        if key not in pools:
            pools[key] = conditions.draw(count, reflector, eye, seed, progress)
        return copy.deepcopy(pools[key])

    return draw


@pytest.fixture(autouse=True)
def small(monkeypatch, drawn_once):
    """A pool of random faces that takes seconds."""
    monkeypatch.setattr(evaluation, "draw", drawn_once)
    for name in ("inverter/utk-64/inverter.joblib", "attributes/attributes.npz"):
        if not (ROOT / "models" / name).is_file():
            pytest.skip(f"models/{name} has not been trained")
    monkeypatch.setattr(evaluation, "DRAWN", 48)
    monkeypatch.setattr(oracle, "GENERATIONS", {"shape": 1, "likeness": 1})
    monkeypatch.setattr(oracle, "POPULATION", 8)
    monkeypatch.setattr(evaluation, "SAMPLE", 16)  # half as many random faces are described


@pytest.fixture(scope="module")
def people(tmp_path_factory, evident):
    """Four persons with two photographs each, as a zip file; one photograph besides cannot be read."""
    path = tmp_path_factory.mktemp("people") / "people.zip"
    with zipfile.ZipFile(path, "w") as file:
        for index in range(8):
            shade = np.clip(evident[index // 2].astype(int) + 9 * (index % 2), 0, 255).astype(np.uint8)
            file.writestr(f"person{index // 2}/{index % 2}.png", png(resized(shade, 128)))
        file.writestr("person0/torn.jpg", b"\xff\xd8\xff and no more")
    return path


def run(*words, out, generator=("--generator", "fast")):
    code = evaluate.main([*map(str, words), *generator, "--out", str(out), "--workers", "1"])
    return code, json.loads((out / "evaluation.json").read_text()) if (out / "evaluation.json").is_file() else None


def test_one_run_writes_every_figure_under_every_condition_and_both_pages(people, tmp_path, capsys):
    code, report = run("--people", people, "--oracle", 2, out=tmp_path)
    assert code == 0
    assert report["complete"] is True
    for key in (*FROM_PICTURES, *FROM_FILMS):
        assert set(report[key]) == {"value", "low", "high", "n"}
    assert report["landmark_skill"]["low"] <= report["landmark_skill"]["value"] <= report["landmark_skill"]["high"]
    assert report["still_degrees"] == {"value": None, "low": None, "high": None, "n": 0}  # no film was given
    assert set(report["baselines"]) == CONDITIONS
    assert set(report["baselines"]["mean_z"]) >= {*FROM_PICTURES, *FROM_FILMS}
    bounds, stranger = report["bounds"], report["baselines"]["shuffled_features"]
    assert bounds["own_photo"]["landmark_skill"]["value"] > stranger["landmark_skill"]["value"]
    assert bounds["oracle"]["landmark_skill"]["n"] == 2
    counts = report["photographs"]["people"]
    assert 4 <= counts.pop("with a face") <= 8  # in which of the drawn faces one is found hangs on the rounding
    assert counts == {"given": 9, "seen": 8, "unreadable": 1}
    page, ledger = ((tmp_path / name).read_text() for name in ("index.html", "ledger.html"))
    assert "worst by shape" in page
    assert "data:image/jpeg" in page
    assert "data:image" not in ledger  # the ledger may hang in public
    assert "://" not in page + ledger  # self-contained; base64, which may spell any word, has no colon
    said = capsys.readouterr().out
    assert "person0/torn.jpg" in said
    assert "shape" in said


def test_one_photograph_per_person_leaves_recall_null_and_says_so(tmp_path, evident, capsys):
    for index in range(4):
        folder = tmp_path / "people" / f"p{index}"
        folder.mkdir(parents=True)
        (folder / "only.png").write_bytes(png(evident[index]))
    code, report = run("--people", tmp_path / "people", "--quick", out=tmp_path / "out")
    assert code == 0
    assert report["recall_at_1"]["value"] is None
    assert report["identity_auc_other"]["value"] is None
    assert report["identity_auc"]["value"] is not None
    assert "one photograph per person" in capsys.readouterr().out


def test_labels_are_held_against_the_guesses(tmp_path, evident):
    (tmp_path / "faces").mkdir()
    lines = ["name,age,gender,race"]
    for index in range(8):
        (tmp_path / "faces" / f"{index}.png").write_bytes(png(evident[index]))
        lines.append(f"{index}.png,30,{index % 2},{index % 5}")
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    words = ("--faces", tmp_path / "faces", "--labels", tmp_path / "labels.csv", "--last", 6, "--quick")
    code, report = run(*words, out=tmp_path / "out")
    assert code == 0
    everybody = report["ledger"]["groups"][0]
    assert everybody["n"] == 6
    assert everybody["age error against the label"]["value"] > 0


def test_an_interrupted_run_keeps_what_it_has(people, tmp_path, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(evaluation.Evaluation, "compare", interrupted)
    code, report = run("--people", people, out=tmp_path)
    assert code == 130
    assert report["complete"] is False
    assert report["landmark_skill"]["value"] is not None
    assert "Stopped early" in (tmp_path / "index.html").read_text()


def test_photographs_without_a_face_end_the_run_with_advice(tmp_path, capsys):
    (tmp_path / "walls").mkdir()
    (tmp_path / "walls" / "wall.png").write_bytes(png(np.full((99, 99, 3), 90, np.uint8)))
    code, report = run("--faces", tmp_path / "walls", out=tmp_path / "out", generator=())  # with the one that ships
    assert (code, report) == (66, None)
    assert "no face found in any of its 1 readable photographs" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "no such folder or zip file"),
        (lambda path: path.mkdir(), "no photographs in it"),
        (lambda path: path.write_bytes(b"PK\x03\x04 torn"), "neither a folder nor a zip file"),
    ],
)
def test_what_holds_no_photographs_is_refused_before_anything_is_loaded(tmp_path, capsys, make, says):
    make(tmp_path / "thing")
    assert evaluate.main(["--people", str(tmp_path / "thing"), "--out", str(tmp_path)]) == 66
    assert says in capsys.readouterr().err


def test_labels_without_names_are_refused(tmp_path, people, capsys):
    (tmp_path / "labels.csv").write_text("age,gender\n3,1\n")
    assert evaluate.main(["--people", str(people), "--labels", str(tmp_path / "labels.csv")]) == 66
    assert "no column 'name'" in capsys.readouterr().err


def test_films_alone_are_measured_to_the_end(tmp_path, monkeypatch, evident):
    """Three seconds of a drawn face that sways. The figures of motion, which take long, have tests of their own."""
    monkeypatch.setattr(motion_figures, "measure_motion", lambda *_: {})
    path = tmp_path / "viewer.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 15, (400, 320))
    for n in range(45):
        left = 80 + round(12 * np.sin(n / 5))
        face = resized(evident[0], 240)
        around = ((40, 40), (left, 160 - left), (0, 0))
        writer.write(np.pad(face, around, mode="edge")[..., ::-1])
    writer.release()
    code, report = run("--video", path, "--quick", out=tmp_path / "out")
    assert code == 0
    assert report["clips"]["all"]["found"] > 0
    assert 0 < report["clips"]["all"]["nearest_drawn"] < 2
    assert list(report["clips"]["each"]) == ["viewer.mp4"]


def test_a_set_without_a_face_keeps_what_was_measured_of_the_one_before(people, tmp_path, capsys):
    (tmp_path / "walls").mkdir()
    (tmp_path / "walls" / "wall.png").write_bytes(png(np.full((99, 99, 3), 90, np.uint8)))
    code, report = run("--people", people, "--faces", tmp_path / "walls", "--quick", out=tmp_path / "out")
    assert code == 66
    assert report["complete"] is False
    assert report["landmark_skill"]["value"] is not None
    assert "keeping what is measured so far" in capsys.readouterr().err


def test_a_film_that_cannot_be_played_is_told_before_anything_is_measured(tmp_path, capsys):
    (tmp_path / "torn.mp4").write_bytes(b"\0" * 999)
    code, report = run("--video", tmp_path / "torn.mp4", out=tmp_path / "out")
    assert (code, report) == (66, None)
    said = capsys.readouterr()
    assert "torn.mp4" in said.err
    assert "drawing" not in said.out + said.err


def test_what_cannot_be_written_is_one_line_after_the_figures(people, tmp_path, capsys):
    (tmp_path / "out").write_text("in the way")
    words = ["--people", str(people), "--quick", "--generator", "fast", "--workers", "1"]
    assert evaluate.main([*words, "--out", str(tmp_path / "out")]) == 73
    said = capsys.readouterr()
    assert "shape" in said.out
    assert "cannot be written" in said.err
