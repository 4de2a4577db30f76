"""A camera in a network: its newest picture, its faults in our own words, and nothing of its password anywhere.

Most tests speak with a real stream on this machine, over HTTP or RTSP, through FFmpeg; each takes some tenths of a
second, and a camera that hangs is waited for.
"""

import logging
import os
from itertools import cycle, pairwise, repeat

import cv2
import numpy as np
import pytest
from camera_in_a_network import NetworkCamera
from rtsp_camera import RtspCamera

from narcissus.app import supervisor
from narcissus.app.settings import Settings, load
from narcissus.app.supervisor import Supervised
from narcissus.core.errors import ConfigError, SourceError, SourceMissing
from narcissus.core.journal import Journal
from narcissus.core.streams import is_address, is_stream, masked
from narcissus.sources import network, open_source

GREYS = [60, 90, 120, 150]


def picture(grey):
    """uint8 (48, 64, 3), white at its left edge."""
    image = np.full((48, 64, 3), grey, np.uint8)
    image[:, :16] = 255
    return image


@pytest.fixture
def camera():
    """Switched on."""
    with NetworkCamera([picture(grey) for grey in GREYS]) as camera:
        yield camera


def test_its_pictures_are_mirrored_new_and_live(camera):
    with open_source(camera.address) as source:
        frames = [source.read() for _ in range(4)]
    assert source.live
    assert [frame.cut for frame in frames] == [True, False, False, False]
    assert frames[0].image.shape == (48, 64, 3)
    assert frames[0].image[24, 60].min() > 200
    assert len({int(frame.image[24, 10, 0]) // 30 for frame in frames}) > 1
    assert all(later.time > earlier.time for earlier, later in pairwise(frames))


@pytest.mark.parametrize("fault", ["dies", "hangs", "garbage"])
def test_a_fault_in_the_middle_is_an_error_in_our_words(camera, capfd, fault):
    with open_source(camera.address) as source:
        source.read()
        camera.behaviour = fault
        if fault == "dies":
            camera.stop()
        with pytest.raises(SourceError, match=rf"http://127\.0\.0\.1:{camera.port}: sends no more pictures") as said:
            read_on(source)
    assert "secret" not in str(said.value)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("fault", ["absent", "page", "refuses", "hangs"])
def test_a_camera_that_does_not_answer_is_named_without_its_password(camera, capfd, monkeypatch, fault):
    monkeypatch.setattr(network, "ASKED", [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, 300])
    camera.behaviour = fault
    if fault == "absent":
        camera.stop()
    with pytest.raises(
        SourceError, match=rf"http://127\.0\.0\.1:{camera.port}: does not answer with a video stream"
    ) as said:
        open_source(camera.address)
    assert "secret" not in str(said.value)
    assert capfd.readouterr().err == ""


@pytest.fixture
def rtsp():
    with RtspCamera([picture(grey) for grey in GREYS]) as camera:
        yield camera


def test_rtsp_pictures_come_over_tcp_to_whoever_knows_the_password(rtsp):
    with open_source(f"rtsp://artist:secret@127.0.0.1:{rtsp.port}/stream1") as source:
        frames = [source.read() for _ in range(3)]
    assert [frame.cut for frame in frames] == [True, False, False]
    assert frames[0].image.shape == (48, 64, 3)
    assert frames[0].image[24, 60].min() > 200
    assert ("SETUP", "RTP/AVP/TCP;unicast;interleaved=0-1") in rtsp.asked


def test_an_rtsp_camera_that_hangs_or_wants_another_password_is_an_error_in_our_words(rtsp, capfd):
    said = []
    with open_source(f"rtsp://artist:secret@127.0.0.1:{rtsp.port}/stream1") as source:
        rtsp.hangs.set()
        with pytest.raises(SourceError, match="sends no more pictures") as hanging:
            read_on(source)
        said.append(str(hanging.value))
    with pytest.raises(SourceError, match="does not answer with a video stream") as refused:
        open_source(f"rtsp://artist:guessed@127.0.0.1:{rtsp.port}/stream1")
    said.append(str(refused.value))
    assert not any(word in line for word in ("artist", "secret", "guessed") for line in said)
    assert capfd.readouterr().err == ""


def test_an_rtsp_camera_that_is_away_is_named_without_its_password(capfd):
    with pytest.raises(SourceError, match=r"rtsp://127\.0\.0\.1:1: does not answer") as said:
        open_source("rtsp://artist:secret@127.0.0.1:1/stream?pwd=secret")
    assert "secret" not in str(said.value)
    assert capfd.readouterr().err == ""


def test_another_kind_of_address_is_no_camera():
    with pytest.raises(SourceMissing, match="gopher://museum: no address of a camera"):
        open_source("gopher://artist:secret@museum/x")


class Stream:
    """What OpenCV makes of an address: every grab takes the seconds that a script says; pictures are `delays` old."""

    def __init__(self, clock, waits, frames=0):
        self._clock, self._waits, self._frames, self.grabbed, self.delays = clock, list(waits), frames, 0, repeat(0.0)

    def __call__(self, address, backend, asked):
        return self

    def isOpened(self):
        return True

    def get(self, key):
        if key == cv2.CAP_PROP_POS_MSEC:
            return 1000 * (self._clock[0] - next(self.delays))
        return {cv2.CAP_PROP_FRAME_COUNT: self._frames, cv2.CAP_PROP_FPS: 30.0}[key]

    def grab(self):
        self._clock[0] += self._waits.pop(0)
        self.grabbed += 1
        return True

    def retrieve(self):
        return True, np.full((4, 4, 3), self.grabbed, np.uint8)

    def release(self):
        """Nothing is held."""


def test_only_the_newest_picture_is_handed_over():
    clock = [10.0]
    stream = Stream(clock, [0.03, 0.001, 0.002, 0.001, 0.02, 0.03])
    source = network.NetworkCamera("rtsp://host/x", clock=lambda: clock[0], capture=stream)
    assert [int(source.read().image[0, 0, 0]) for _ in range(3)] == [1, 5, 6]


def test_a_stream_that_is_always_too_fast_is_seen_all_the_same():
    clock = [10.0]
    source = network.NetworkCamera("rtsp://host/x", clock=lambda: clock[0], capture=Stream(clock, [0.007] * 100))
    assert source.read().image.any()


def test_a_stream_whose_delay_steps_up_and_stays_so_is_seen_all_the_same():
    clock = [10.0]
    stream = Stream(clock, [0.04] * 100)
    source = network.NetworkCamera("rtsp://host/x", clock=lambda: clock[0], capture=stream)
    source.read()
    stream.delays, before = cycle([0.3, 0.301]), clock[0]
    frames = [source.read() for _ in range(10)]
    assert clock[0] - before < 10 * 3 * 0.04, "of three pictures one is shown, and no camera is given up"
    assert all(later.time - frame.time < 0.15 for frame, later in pairwise(frames))
    assert clock[0] - frames[-1].time == pytest.approx(0.3, abs=0.01)


def test_what_has_piled_up_is_passed_over_half_a_second_at_a_time():
    clock = [10.0]
    stream = Stream(clock, [0.02] * 100)
    source = network.NetworkCamera("rtsp://host/x", clock=lambda: clock[0], capture=stream)
    source.read()
    stream.delays, before = iter(np.arange(1.0, 0.0, -0.013)), clock[0]
    source.read()
    assert clock[0] - before < supervisor.PATIENCE / 2
    frame = source.read()
    while clock[0] - frame.time > 0.2:
        frame = source.read()
    assert stream.grabbed > 60, "the pictures between were not shown"


def test_a_recording_is_no_camera():
    with pytest.raises(SourceError, match="is a recorded file"):
        network.NetworkCamera("http://host/film.mp4", capture=Stream([0.0], [], frames=900))


def test_ffmpeg_is_silent_asks_for_tcp_and_every_wait_ends_before_the_supervisor_gives_up():
    assert "rtsp_transport;tcp" in os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"]
    assert os.environ["OPENCV_FFMPEG_LOGLEVEL"] == "-8", "or it would print addresses"
    asked = dict(zip(network.ASKED[::2], network.ASKED[1::2], strict=True))
    assert 0 < asked[cv2.CAP_PROP_OPEN_TIMEOUT_MSEC] < 1000 * supervisor.OPENING
    assert 0 < asked[cv2.CAP_PROP_READ_TIMEOUT_MSEC] < 1000 * supervisor.PATIENCE


def test_a_camera_that_goes_and_comes_back_is_told_once_each_way(camera, caplog, monkeypatch):
    """Takes ten seconds: a hung camera is waited for, and the first attempt to reopen is made after one."""
    caplog.set_level(logging.INFO, "narcissus")
    monkeypatch.setattr(supervisor, "PATIENCE", 4.0)  # of its reasons the first is said: on a busy machine too FFmpeg's
    camera.stop()
    with Supervised(lambda: open_source(camera.address), Journal()) as source:
        assert blank(source.read())
        camera.start()
        assert seen(source).cut
        camera.behaviour = "hangs"
        while not blank(source.read()):
            pass
        camera.behaviour = "well"
        assert seen(source).cut
    said = [record.getMessage() for record in caplog.records]
    assert [line.partition(";")[0].partition(",")[0] for line in said] == [
        f"camera: http://127.0.0.1:{camera.port}: does not answer with a video stream",
        "camera: well again",
        f"camera: http://127.0.0.1:{camera.port}: sends no more pictures",
        "camera: well again",
    ]
    assert not any("secret" in line for line in said)


def read_on(source):
    for _ in range(1000):
        source.read()


def blank(frame):
    return frame.cut and not frame.image.any()


def seen(source):
    """The first frame that shows something."""
    while blank(frame := source.read()):
        pass
    return frame


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("rtsp://artist:secret@10.0.0.7:554/stream1", "rtsp://10.0.0.7:554"),
        ("rtsp://artist:p@ss/secret@host/x", "rtsp://host"),
        ("http://cam.local/video.cgi?user=artist&pwd=secret", "http://cam.local"),
        ("http://artist:secret", "http://…"),
        ("http://[fe80::1]:80/x", "http://[fe80::1]:80"),
        ("not 'rtsp://artist:secret@host/x', but", "not 'rtsp://host', but"),
        ("clip.mp4", "clip.mp4"),
    ],
)
def test_no_more_is_said_of_an_address_than_its_host(address, said):
    assert masked(address) == said


@pytest.mark.parametrize("address", ["rtsp://artist:pass secret@host/x", "rtsp://host/secret key", "rtsp://ho st/x"])
def test_an_address_with_a_space_is_refused_with_the_remedy_and_no_part_of_a_password(address):
    with pytest.raises(SourceMissing, match=r"^rtsp://…: an address holds no space; write %20") as refused:
        network.NetworkCamera(address)
    assert "secret" not in str(refused.value)


def test_spaces_around_an_address_are_not_meant():
    assert Settings(source=" rtsp://10.0.0.7/x\n").source == "rtsp://10.0.0.7/x"


def test_settings_that_are_refused_say_no_password(tmp_path):
    (tmp_path / "config.yaml").write_text("camera: rtsp://artist:secret@10.0.0.7/" + "x" * 80 + "\n")
    with pytest.raises(ConfigError, match=r"rtsp://10\.0\.0\.7'") as refused:
        load(tmp_path / "config.yaml")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("source", ["camera", "rtsp://10.0.0.7/x", "HTTP://10.0.0.7/x", "gopher://10.0.0.7/x"])
def test_before_a_camera_and_whatever_else_has_an_address_stand_people(source):
    assert Settings(source=source).has_camera


@pytest.mark.parametrize("source", ["demo", "clip.mp4", "folder/http:/x"])
def test_before_anything_else_nobody_stands(source):
    assert not Settings(source=source).has_camera


def test_a_path_is_no_address():
    assert not is_address("a/b.mp4")
    assert not is_stream("C:/videos/rtsp")
