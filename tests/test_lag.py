"""How old a network camera's picture is: aged by the stream's own clock, given up where decoding cannot keep up."""

import cv2
import numpy as np
import pytest

from narcissus.core.errors import SourceError
from narcissus.sources.lag import Lag
from narcissus.sources.network import LATE, NetworkCamera


def test_a_picture_is_as_old_as_the_streams_own_clock_says():
    lag = Lag()
    assert lag(10.0, 100.0) == 0.0
    assert lag(10.5, 100.5) == pytest.approx(0.0, abs=1e-3)
    assert lag(11.0, 101.7) == pytest.approx(0.7, abs=1e-3)  # decoding took its time
    assert lag(12.0, 102.0) == pytest.approx(0.0, abs=1e-3)


def test_a_camera_whose_clock_is_slower_than_ours_is_not_late():
    lag = Lag()
    assert max(lag(now * (1 - 1e-4), float(now)) for now in range(0, 86_400, 10)) < 0.01


class SlowStream:
    """Sends `sent` pictures a second, of which this machine decodes `decoded`."""

    def __init__(self, sent, decoded):
        self._sent, self._decoded, self.now, self._grabbed = sent, decoded, 100.0, 0

    def __call__(self, address, backend, asked):
        return self

    def isOpened(self):
        return True

    def get(self, key):
        stamp = 1000 * self._grabbed / self._sent
        return {cv2.CAP_PROP_FRAME_COUNT: 0, cv2.CAP_PROP_FPS: self._sent, cv2.CAP_PROP_POS_MSEC: stamp}[key]

    def grab(self):
        self._grabbed += 1
        self.now = max(self.now + 1 / self._decoded, 100.0 + self._grabbed / self._sent)
        return True

    def retrieve(self):
        return True, np.zeros((8, 8, 3), np.uint8)


def camera_of(stream):
    return NetworkCamera("rtsp://host/1", clock=lambda: stream.now, capture=stream)


def test_a_stream_that_is_decoded_too_slowly_is_aged_and_then_given_up():
    stream = SlowStream(sent=30, decoded=20)
    camera, ages = camera_of(stream), []

    def read_on():
        for _ in range(1000):
            ages.append(stream.now - camera.read().time)

    with pytest.raises(SourceError, match="smaller stream"):
        read_on()
    assert 0.1 < max(ages) <= LATE


def test_a_stream_that_is_decoded_in_time_is_never_aged():
    stream = SlowStream(sent=30, decoded=90)
    camera = camera_of(stream)
    assert max(stream.now - camera.read().time for _ in range(300)) < 0.05
