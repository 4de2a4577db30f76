"""How good a generator's faces are: the script's table, with one process and with two."""

import json
import sys

import cv2
import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import judge_generator

GENERATOR = str(ROOT / "models" / "pg_gan" / "utk-64.npz")


@pytest.fixture
def portraits(drawn, tmp_path):
    """32 drawn faces stand for portraits."""
    folder = tmp_path / "portraits"
    folder.mkdir()
    for number, picture in enumerate(drawn):
        cv2.imwrite(str(folder / f"{number:02}.png"), picture[..., ::-1])
    return folder


def test_several_processes_see_what_one_sees(portraits, tmp_path, capsys):
    figures = []
    for workers in ("1", "2"):
        told = tmp_path / f"{workers}.json"
        words = [GENERATOR, "--faces", str(portraits), "--last", "12", "--workers", workers, "--json", str(told)]
        assert judge_generator.main(words) == 0
        figures.append(json.loads(told.read_text()))
    assert figures[0] == figures[1]
    real, own = figures[0].values()
    assert 0.75 <= real["found"] <= 1
    assert own["n"] == 12
    assert set(own["sliced_wasserstein"]) == {"64", "32", "16", "mean"}
    assert own["frechet"] is None, "a dozen faces say nothing of a distribution"
    assert "faces found" in capsys.readouterr().out


def test_too_few_portraits_are_refused_with_the_number_that_is_there(portraits, capsys):
    assert judge_generator.main([GENERATOR, "--faces", str(portraits), "--last", "17", "--workers", "1"]) == 66
    assert "--last 16" in capsys.readouterr().err
