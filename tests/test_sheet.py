"""A white sheet says whether the light is good, and what makes white white."""

import sys

import cv2
import numpy as np
import pytest
from conftest import ROOT

from narcissus.core.errors import ModelCorrupt, ModelMissing
from narcissus.features import sheet
from narcissus.features.portrait import light_on
from narcissus.people import find_portrait

sys.path.insert(0, str(ROOT / "scripts"))
import calibrate_light


def paper(colour=(210, 210, 210), noise=2.0, count=3, side_light=0.0, flicker=0.0):
    """Pictures of a sheet that fills the middle, before a dark wall."""
    rng = np.random.default_rng(0)
    frames = []
    for index in range(count):
        frame = np.full((240, 320, 3), 40.0)
        across = 1 + side_light * np.linspace(-1, 1, 200)[None, :, None]
        frame[50:190, 60:260] = np.array(colour) * across * (1 + flicker * (-1) ** index)
        frames.append(np.clip(frame + rng.normal(0, noise, frame.shape), 0, 255).astype(np.uint8))
    return frames


def test_gains_make_the_sheet_white():
    light = sheet.looked_at(paper((120, 100, 60)))
    assert np.array([120, 100, 60]) * light.gains == pytest.approx(np.full(3, sheet.WHITE), rel=0.02)


def test_a_good_light_has_no_faults():
    assert sheet.looked_at(paper()).faults() == []


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({"colour": (90, 90, 90)}, "too dark"),
        ({"colour": (255, 255, 255)}, "too bright"),
        ({"colour": (220, 190, 120)}, "coloured"),
        ({"side_light": 0.5, "colour": (160, 160, 160)}, "one side"),
        ({"flicker": 0.05}, "flickers"),
    ],
)
def test_each_fault_is_told_with_what_mends_it(seen, said):
    faults = sheet.looked_at(paper(**seen)).faults()
    assert [said in fault for fault in faults] == [True]


def test_a_face_is_no_sheet(drawn):
    face = cv2.resize(drawn[0], (480, 480), interpolation=cv2.INTER_CUBIC)
    assert not sheet.looked_at([face]).is_sheet


def test_what_was_told_is_kept_and_read_again(tmp_path):
    light = sheet.looked_at(paper((120, 100, 60)))
    sheet.write(tmp_path / "light.json", light)
    assert sheet.read_gains(tmp_path / "light.json") == pytest.approx(light.gains, abs=1e-3)


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"gains": [1, 2]}', '{"gains": [0, 1, 1]}', '{"gains": "red"}', "[" * 9999, '{"gains": [1e200, 1, 1]}'],
)
def test_a_damaged_file_is_refused_with_its_remedy(tmp_path, text):
    (tmp_path / "light.json").write_text(text)
    with pytest.raises(ModelCorrupt, match="calibrate_light"):
        sheet.read_gains(tmp_path / "light.json")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelMissing, match=r"light\.json"):
        sheet.read_gains(tmp_path / "light.json")


def test_a_room_that_was_measured_is_where_the_search_begins(drawn):
    """Under a lamp that the sheet has told exactly, a face is seen as it was in the light of its portrait."""
    image, face = next((picture, face) for picture in drawn if (face := find_portrait(picture)))
    lamp = np.float32([0.62, 0.5, 0.3])
    dark = np.clip(np.rint(image * lamp), 0, 255).astype(np.uint8)
    told = light_on(dark, face.landmarks, room=1 / lamp)
    assert told * lamp == pytest.approx(light_on(image, face.landmarks), rel=0.05)
    assert light_on(dark, face.landmarks, "on", room=1 / lamp) == pytest.approx(1 / lamp)


def run(tmp_path, frames):
    cv2.imwrite(str(tmp_path / "sheet.png"), frames[0][..., ::-1])
    return calibrate_light.main(["--source", str(tmp_path / "sheet.png"), "--out", str(tmp_path / "light.json")])


def test_the_script_says_that_the_light_is_good(tmp_path, capsys):
    assert run(tmp_path, paper()) == 0
    assert "good" in capsys.readouterr().out
    assert (tmp_path / "light.json").is_file()


def test_the_script_says_what_is_wrong_and_keeps_the_gains(tmp_path, capsys):
    assert run(tmp_path, paper((220, 190, 120))) == 1
    assert "white_balance" in capsys.readouterr().out
    assert (tmp_path / "light.json").is_file()


def test_without_a_sheet_nothing_is_written(tmp_path, capsys):
    frames = [np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)]
    assert run(tmp_path, frames) == 66
    assert "white sheet" in capsys.readouterr().err
    assert not (tmp_path / "light.json").exists()
