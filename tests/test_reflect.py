"""scripts/reflect.py: a photograph in, its reflection out, in one run and with clear words."""

import sys

import numpy as np
import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import reflect

from narcissus.app.settings import Settings
from narcissus.lab.likeness.pictures import decode, png
from narcissus.networks.pggan import Generator


@pytest.fixture(scope="module")
def photos(tmp_path_factory, evident):
    """A folder of three drawn faces, a picture of nothing and a file that is no picture."""
    folder = tmp_path_factory.mktemp("photos")
    for index in range(3):
        (folder / f"face{index}.png").write_bytes(png(evident[index]))
    (folder / "wall.png").write_bytes(png(np.full((200, 200, 3), 120, np.uint8)))
    (folder / "broken.jpg").write_bytes(b"this is no picture")
    return folder


@pytest.fixture(scope="module", autouse=True)
def models():
    for name in ("inverter/narcissus-128/inverter.joblib", "attributes/attributes.npz"):
        if not (ROOT / "models" / name).is_file():
            pytest.skip(f"models/{name} has not been trained")


def shape_of(path):
    return decode(path.read_bytes(), str(path)).shape


def test_a_folder_gives_one_bare_reflection_per_face(photos, tmp_path, capfd):
    assert reflect.main([str(photos), "--out", str(tmp_path), "--only-reflection"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["face0.png", "face1.png", "face2.png"]
    side = Generator.load(Settings().generator_path).resolution
    assert {shape_of(path) for path in tmp_path.iterdir()} == {(side, side, 3)}
    said = capfd.readouterr().err
    assert "no face in" in said
    assert "wall.png" in said
    assert "broken.jpg: not a picture" in said


def test_a_photograph_gives_a_sheet(photos, tmp_path):
    assert reflect.main([str(photos / "face0.png"), "--out", str(tmp_path)]) == 0
    height, width, _ = shape_of(tmp_path / "face0-reflected.png")
    assert width > height > 800


def test_the_same_photograph_gives_the_same_reflection(photos, tmp_path):
    for name in ("one", "two"):
        reflect.main([str(photos / "face0.png"), "--out", str(tmp_path / name), "--only-reflection"])
    assert (tmp_path / "one" / "face0.png").read_bytes() == (tmp_path / "two" / "face0.png").read_bytes()


def test_two_photographs_of_one_name_do_not_overwrite_each_other(photos, tmp_path, evident):
    other = tmp_path / "other"
    other.mkdir()
    (other / "face0.png").write_bytes(png(evident[3]))
    words = [str(photos / "face0.png"), str(other / "face0.png"), "--out", str(tmp_path / "out"), "--only-reflection"]
    assert reflect.main(words) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["face0-2.png", "face0.png"]


def test_no_face_anywhere_ends_with_65_and_says_what_would_help(photos, tmp_path, capfd):
    assert reflect.main([str(photos / "wall.png"), "--out", str(tmp_path), "--only-reflection"]) == 65
    assert "upright" in capfd.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_photograph_that_is_not_there_ends_with_66(tmp_path, capfd):
    assert reflect.main([str(tmp_path / "nobody.jpg")]) == 66
    assert "nobody.jpg: no such photograph" in capfd.readouterr().err
