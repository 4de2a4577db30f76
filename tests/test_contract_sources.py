"""What the house asks of every source: whole frames, mirrored, each newer than the last; its device is let go."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from camera_in_a_network import NetworkCamera as Served
from hanging import Lens

from narcissus.app.supervisor import Supervised
from narcissus.core.journal import Journal
from narcissus.core.sections import Camera
from narcissus.core.types import Frame
from narcissus.sources import CameraSource
from narcissus.sources.demo import DemoSource
from narcissus.sources.network import NetworkCamera
from narcissus.sources.photos import PhotoSource, photos_in
from narcissus.sources.video import VideoSource


def numbered(number: int) -> np.ndarray:
    return np.full((48, 64, 3), 60 + 20 * number, np.uint8)


class Sensor:
    """What OpenCV makes of a camera that is well: a new picture with every reading."""

    def __init__(self):
        self.count, self.released = 0, False

    def __call__(self, device, backend):
        return self

    def isOpened(self):
        return True

    def set(self, key, value):
        """It gives what it gives."""

    def get(self, key):
        sizes = {cv2.CAP_PROP_FRAME_WIDTH: 64.0, cv2.CAP_PROP_FRAME_HEIGHT: 48.0, cv2.CAP_PROP_FPS: 30.0}
        return sizes.get(key, 33.0 * self.count)

    def read(self):
        self.count += 1
        return True, numbered(self.count % 5)

    def release(self):
        self.released = True


def demo(folder):
    return DemoSource(lambda latents: np.full((len(latents), 8, 8, 3), 200, np.uint8), 16)


def video(folder):
    writer = cv2.VideoWriter(str(folder / "film.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (64, 48))
    for number in range(8):
        writer.write(numbered(number))
    writer.release()
    return VideoSource(folder / "film.avi")


def photos(folder):
    for number in range(3):
        cv2.imwrite(str(folder / f"{number}.png"), numbered(number))
    return PhotoSource(photos_in(folder), "photos", each=0.05)


def camera(folder):
    (folder / "video7").touch()
    return CameraSource(Camera(device=str(folder / "video7")), capture=Sensor())


def supervised(folder):
    return Supervised(Lens, Journal())


SOURCES = {"demo": demo, "video": video, "photos": photos, "camera": camera, "supervised": supervised}
LIVE = {"camera", "supervised", "network"}


@pytest.fixture(params=[*SOURCES, "network"])
def kind(request):
    return request.param


@pytest.fixture
def source(kind, tmp_path):
    if kind == "network":
        with Served([numbered(n) for n in range(5)]) as served, NetworkCamera(served.address) as made:
            yield made
        return
    with SOURCES[kind](tmp_path) as made:
        yield made


def test_it_says_what_it_is(source, kind):
    assert source.live is (kind in LIVE)
    assert isinstance(source.name, str)
    assert source.name


def test_its_frames_are_whole_and_each_is_newer_than_the_last(source):
    frames = [source.read() for _ in range(6)]
    for frame in frames:
        assert isinstance(frame, Frame)
        assert frame.image.dtype == np.uint8
        assert frame.image.ndim == 3
        assert frame.image.shape[2] == 3
        assert frame.image.flags["C_CONTIGUOUS"]
        assert isinstance(frame.cut, bool)
    assert all(one.time < other.time for one, other in pairwise(frames))
    assert frames[0].cut, "the first continues nothing"


def test_it_can_be_closed_twice(source):
    source.read()
    source.close()
    source.close()
