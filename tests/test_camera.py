"""A camera of this machine: asked in the right order, believed only when its frames are whole and new, or named."""

import struct

import cv2
import numpy as np
import pytest
from test_sources import Clock, number_of, numbered

from narcissus.core.errors import SourceError, SourceMissing
from narcissus.core.sections import Camera as CameraSettings
from narcissus.sources import CameraSource, devices, list_cameras, open_source


class FakeCapture:
    """What OpenCV makes of a camera: answers `read` from a script of (fine, image, stamp in ms)."""

    def __init__(self, script, size=(64, 48)):
        self.script, self.stamp, self.asked = list(script), 0.0, []
        self.answers = {cv2.CAP_PROP_FRAME_WIDTH: size[0], cv2.CAP_PROP_FRAME_HEIGHT: size[1], cv2.CAP_PROP_FPS: 30.0}

    def __call__(self, device, backend):
        return self

    def isOpened(self):
        return bool(self.script)

    def set(self, key, value):
        self.asked.append(key)

    def get(self, key):
        return self.stamp if key == cv2.CAP_PROP_POS_MSEC else self.answers.get(key, 0.0)

    def read(self):
        fine, image, self.stamp = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return fine, image

    def release(self):
        self.script = []


@pytest.fixture
def device(tmp_path):
    """A file in the place of a camera: it is there, and has no controls."""
    (tmp_path / "video7").touch()
    return CameraSettings(device=str(tmp_path / "video7"))


def test_a_camera_is_asked_for_its_format_before_its_size(device):
    capture = FakeCapture([(True, numbered(1), 33.0)])
    with CameraSource(device, clock=Clock(), capture=capture) as source:
        assert source.live
        assert (source.got["width"], source.got["height"], source.got["fps"]) == (64, 48, 30.0)
    order = [cv2.CAP_PROP_FOURCC, cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FPS]
    assert capture.asked[:4] == order


def test_only_whole_new_frames_of_a_camera_count(device):
    torn = np.zeros((20, 64, 3), np.uint8)
    script = [(True, numbered(1), 33.0), (True, numbered(2), 33.0), (True, torn, 66.0), (True, numbered(3), 99.0)]
    source = CameraSource(device, clock=Clock(), capture=FakeCapture(script))
    frames = [source.read(), source.read()]
    assert [number_of(frame) for frame in frames] == [1, 3]
    assert [frame.cut for frame in frames] == [True, False]


def test_a_frame_is_as_old_as_the_camera_says_where_that_can_be_true(device):
    clock = Clock(now=50.0)
    source = CameraSource(
        device, clock=clock, capture=FakeCapture([(True, numbered(1), 49_960.0), (True, numbered(1), 7.0)])
    )
    assert source.read().time == pytest.approx(49.96)
    assert source.read().time == 50.0


def test_an_unplugged_camera_is_an_error_at_once(device):
    source = CameraSource(device, clock=Clock(), capture=FakeCapture([(True, numbered(1), 33.0), (False, None, 33.0)]))
    source.read()
    with pytest.raises(SourceError, match="cable"):
        source.read()


def test_a_camera_that_repeats_itself_is_an_error_within_its_patience(device):
    clock = Clock()
    source = CameraSource(device, clock=clock, capture=FakeCapture([(True, numbered(1), 33.0)]))
    source.read()
    tick = source._camera.read
    source._camera.read = lambda: (clock.sleep(0.03), tick())[1]
    with pytest.raises(SourceError, match="same or broken"):
        source.read()
    assert clock.now - 100.0 < 2.5


def test_a_camera_that_is_busy_or_absent_is_named(device, tmp_path, monkeypatch):
    with pytest.raises(SourceError, match="another program"):
        CameraSource(device, capture=FakeCapture([]))
    with pytest.raises(SourceMissing, match="video8"):
        CameraSource(CameraSettings(device=str(tmp_path / "video8")))
    monkeypatch.setattr("narcissus.sources.camera.list_cameras", list)
    with pytest.raises(SourceMissing, match="--source demo"):
        open_source("camera")


@pytest.mark.parametrize("device", ["x" * 400, "a\0b", "\x1b[31m"], ids=["too long", "null", "colour"])
def test_a_device_that_no_file_can_be_is_not_there_and_nothing_worse(device):
    with pytest.raises(SourceMissing) as refusal:
        open_source("camera", CameraSettings(device=device))
    assert str(refusal.value).isprintable()


def test_cameras_are_listed_by_name_with_their_stable_path(tmp_path):
    for number, name in [(0, "HD Webcam"), (1, "HD Webcam"), (10, "Other")]:
        (tmp_path / "sys" / f"video{number}").mkdir(parents=True)
        (tmp_path / "sys" / f"video{number}" / "name").write_text(name + "\n")
        (tmp_path / "dev").mkdir(exist_ok=True)
        (tmp_path / "dev" / f"video{number}").touch()
    by_id = tmp_path / "dev" / "v4l" / "by-id"
    by_id.mkdir(parents=True)
    (by_id / "usb-HD-video-index0").symlink_to("../../video0")
    cameras = list_cameras(tmp_path / "sys", tmp_path / "dev")
    assert [(camera.name, camera.device.rsplit("/", 1)[1]) for camera in cameras] == [
        ("HD Webcam", "video0"),
        ("HD Webcam", "video1"),
        ("Other", "video10"),
    ]
    assert cameras[0].path == str(by_id / "usb-HD-video-index0")
    assert cameras[0].captures is None  # a plain file cannot be asked
    assert list_cameras(tmp_path / "nothing", tmp_path / "dev") == []


@pytest.mark.parametrize(("bits", "expected"), [(0x1, True), (0x1000, True), (0x00A00000, False)])
def test_a_metadata_device_is_not_a_camera(tmp_path, bits, expected):
    (tmp_path / "video1").touch()

    def answer(handle, request, buffer):
        assert request == devices.QUERY_CAPABILITIES
        struct.pack_into("=I", buffer, devices.DEVICE_CAPABILITIES_AT, bits)

    assert devices.captures(str(tmp_path / "video1"), answer) is expected


def test_camera_controls_are_set_and_read_back(tmp_path):
    (tmp_path / "video0").touch()
    held = {devices.AUTO_EXPOSURE: 3, devices.EXPOSURE: 250, devices.AUTO_WHITE_BALANCE: 1, devices.POWER_LINE: 2}

    def control(handle, request, buffer):
        key, value = struct.unpack("=Ii", buffer)
        if key not in held:
            raise OSError("no such control")
        if request == devices.SET_CONTROL:
            held[key] = value
        struct.pack_into("=Ii", buffer, 0, key, held[key])

    got = devices.set_controls(str(tmp_path / "video0"), 120, 4600, 50, control)
    assert got == {"automatic exposure": 1, "exposure": 120, "automatic white balance": 0, "power line": 1}
    assert devices.set_controls(str(tmp_path / "video0"), "auto", "auto", 0, control)["automatic exposure"] == 3
    assert held[devices.POWER_LINE] == 1
