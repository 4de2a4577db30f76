"""The doctor sees what is wrong, says it in red, and names the command that mends it."""

import grp
import importlib.metadata
import json
import struct
from types import SimpleNamespace

import pytest
from conftest import ROOT

from narcissus import sources
from narcissus.app import doctor, lighting
from narcissus.app.settings import Settings
from narcissus.core.errors import ModelCorrupt, SourceMissing

SETTINGS = Settings()


def red(lines):
    """What the red lines say; each must name its remedy."""
    lines = list(lines)
    assert all(line.mend for line in lines if line.well is False)
    return [line.said for line in lines if line.well is False]


def test_a_missing_and_a_wrong_package_are_named(monkeypatch):
    assert red(doctor.packages(SETTINGS)) == []
    real = importlib.metadata.version

    def version(name):
        if name == "pygame":
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.0" if name == "keras" else real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    (said,) = red(doctor.packages(SETTINGS))
    assert "pygame is missing" in said
    assert "keras 1.0 is not" in said


@pytest.mark.parametrize(("on_gpu", "fine"), [(True, True), (False, False)])
def test_a_card_that_tensorflow_does_not_use_is_red(monkeypatch, on_gpu, fine):
    from narcissus.networks.pggan import backend

    monkeypatch.setattr(doctor, "answer", lambda *command: "NVIDIA RTX 4070, 550.1, 12282 MiB")
    monkeypatch.setattr(backend, "on_gpu", lambda: on_gpu)
    assert (red(doctor.graphics(SETTINGS)) == []) == fine


def test_without_a_card_the_processor_is_fine(monkeypatch):
    monkeypatch.setattr(doctor, "answer", lambda *command: None)
    assert red(doctor.graphics(SETTINGS)) == []


def test_the_doctor_says_the_five_rules_of_light_as_the_page_does():
    lines = list(doctor.light(SETTINGS))
    assert red(lines) == []
    told = [line.said for line in lines if line.topic.startswith("light, rule")]
    page = (ROOT / "docs" / "lighting.md").read_text().replace("\n   ", " ")
    assert len(told) == 5
    for number, rule in enumerate(told, start=1):
        begins = " ".join(rule.split()[:3]).rstrip(":")
        assert f"{number}. {begins}" in page
    assert list(doctor.light(SETTINGS.model_copy(update={"source": "demo"}))) == []


def test_a_hunting_camera_and_a_damaged_measurement_of_the_sheet_are_named(tmp_path):
    camera, path = SETTINGS.camera, tmp_path / "light.json"
    (locked, *_), (sheet, *_) = lighting.kept(camera, path)
    assert locked is None
    assert sheet is None
    path.write_text("{}")
    fixed = camera.model_copy(update={"exposure": 150, "white_balance": 4000})
    (locked, *_), (sheet, said, mend) = lighting.kept(fixed, path)
    assert locked is True
    assert sheet is False
    assert str(path) in said
    assert "calibrate_light.py" in mend
    path.write_text('{"gains": [1.02, 1.1, 1.48]}')
    assert [well for well, _, _ in lighting.kept(fixed, path)] == [True, True]


def test_no_camera_is_red_only_where_one_is_wanted(monkeypatch):
    monkeypatch.setattr(sources, "list_cameras", list)
    assert red(doctor.cameras(SETTINGS)) == ["none"]
    assert red(doctor.cameras(SETTINGS.model_copy(update={"source": "demo"}))) == []


class Camera:
    """Gives frames at a pace of the test's choice, by the doctor's own clock."""

    clock = 0.0
    pace = 30.0

    def __init__(self, _):
        self.got = {"width": 1280, "height": 720, "fps": 30.0, "format": "MJPG", "exposure": 156, "power line": 1}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def read(self):
        Camera.clock += 1 / Camera.pace


@pytest.mark.parametrize(("pace", "fine"), [(30.0, True), (12.0, False)])
def test_a_camera_is_measured_and_its_settings_are_read_back(monkeypatch, pace, fine):
    monkeypatch.setattr(sources, "CameraSource", Camera)
    monkeypatch.setattr(Camera, "pace", pace)
    monkeypatch.setattr(doctor.time, "monotonic", lambda: Camera.clock)
    line = doctor.measured(SETTINGS.camera)
    assert line.well == fine
    assert f"1280×720 MJPG at {pace:.0f} a second" in line.said
    assert "exposure 156" in line.said


def test_a_camera_that_does_not_open_is_red(monkeypatch):
    def gone(_):
        raise SourceMissing("camera /dev/video0: not there")

    monkeypatch.setattr(sources, "CameraSource", gone)
    assert "not there" in doctor.measured(SETTINGS.camera).said


def test_formats_are_asked_of_the_driver(tmp_path):
    device = tmp_path / "video0"
    device.touch()

    def ioctl(handle, request, about):
        index = struct.unpack_from("=I", about)[0]
        if index == 2:
            raise OSError(22, "no more")
        struct.pack_into("=4s", about, 44, (b"MJPG", b"YUYV")[index])

    assert doctor.formats_of(str(device), ioctl) == ["MJPG", "YUYV"]
    assert doctor.formats_of(str(tmp_path / "gone")) == []


def test_a_display_that_is_none_is_red(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    assert red(doctor.display(SETTINGS)) == ["none"]


def test_a_model_that_cannot_be_used_is_red_and_the_remedy_stands_at_the_end():
    def corrupt():
        raise ModelCorrupt("utk-64.npz: its sha256 differs; restore it with: git checkout models")

    line = doctor.loaded("generator", "utk-64", corrupt)
    assert (line.well, line.said) == (False, "utk-64.npz: its sha256 differs")
    assert line.mend == "restore it with: git checkout models"


def test_too_little_memory_is_red(monkeypatch):
    import psutil

    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=5e8, total=4e9))
    assert "0.5 of 4.0 GB free" in red(doctor.memory(SETTINGS))[0]


def test_a_user_who_may_not_open_cameras_is_told_the_group(monkeypatch):
    known = [SimpleNamespace(gr_name="video", gr_gid=44), SimpleNamespace(gr_name="users", gr_gid=100)]
    monkeypatch.setattr(doctor.grp, "getgrall", lambda: known)
    monkeypatch.setattr(doctor.os, "getgroups", lambda: [100])
    monkeypatch.setattr(doctor.os, "geteuid", lambda: 1000)
    (line,) = doctor.groups(SETTINGS)
    assert line.well is False
    assert "usermod -aG video" in line.mend
    monkeypatch.setattr(doctor.os, "getgroups", lambda: [100, 44])
    assert red(doctor.groups(SETTINGS)) == [], "the control"


def test_a_group_without_a_name_is_passed_over(monkeypatch):
    """As in a container, which may bring its host's numbers along."""
    nameless = 4_000_000_000
    with pytest.raises(KeyError):
        grp.getgrgid(nameless)
    monkeypatch.setattr(doctor.os, "getgroups", lambda: [nameless])
    monkeypatch.setattr(doctor.os, "getegid", lambda: nameless)
    assert len(list(doctor.groups(SETTINGS))) == 1


def test_the_page_for_machines_says_the_same(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(doctor, "CHECKS", (doctor.python,))
    (tmp_path / "config.yaml").write_text("resolutoin: 3\n")
    assert doctor.main(["--json", "--config", str(tmp_path / "config.yaml")]) == 1
    lines = json.loads(capsys.readouterr().out)
    assert [line["topic"] for line in lines] == ["settings", "Python"]
    assert "resolutoin" in lines[0]["said"]
    assert doctor.main(["--config", str(ROOT / "config.yaml")]) == 0
    assert "✓ Python" in capsys.readouterr().out


def test_every_check_of_the_real_machine_speaks(monkeypatch):
    """Takes seconds: everything the mirror loads is loaded."""
    monkeypatch.setattr(doctor, "measured", lambda camera: doctor.Line("camera", None, "not opened by a test"))
    lines = list(doctor.examine(ROOT / "config.yaml"))
    topics = {line.topic for line in lines}
    assert topics >= {"Python", "packages", "TensorFlow", "cameras", "display", "generator", "memory", "service"}
    red(lines)
    assert next(line for line in lines if line.topic == "generator").well
