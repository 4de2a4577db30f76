"""The contact sheet of lights: what a mirror shows, and nothing of whom it is shown."""

import numpy as np
import pytest

from narcissus.core.types import Frame, Picture
from narcissus.lab.likeness import light_sheet
from narcissus.lab.likeness.light_sheet import LABEL, frames_under, sheet


class Shade:
    """A scene that shows as grey how bright its last frame was, times `strength`."""

    def __init__(self, strength: float) -> None:
        self.strength, self.times = strength, []

    def observe(self, frame):
        self.times.append(frame.time)
        return frame.image.mean()

    def draw(self, brightness, now):
        return Picture(np.full((16, 16, 3), round(self.strength * brightness), np.uint8))


@pytest.fixture
def films(monkeypatch):
    """Two films of one grey each, three seconds long."""
    greys = {"dark": 50, "light": 200}
    frames = lambda path: (Frame(np.full((4, 4, 3), greys[path], np.uint8), step / 10) for step in range(30))
    monkeypatch.setattr(light_sheet, "every_frame", frames)
    return list(greys)


def test_every_film_stands_under_every_light_in_its_column(films):
    picture = sheet(films, {"whole": Shade(1.0), "half": Shade(0.5)}, ("as it is", "exposure 0.5"))
    rows = np.split(picture, 4)
    left = [row[4, LABEL + 4, 0] for row in rows]
    right = [row[4, LABEL + 24, 0] for row in rows]
    assert left == [50, 25, 25, 12]
    assert right == [200, 100, 100, 50]


def test_a_mirror_sees_the_films_one_after_the_other(films):
    scene = Shade(1.0)
    sheet(films, {"one": scene})
    assert scene.times == sorted(scene.times)


def test_a_film_begins_with_a_cut_and_is_left_when_the_arrival_is_over(films):
    frames = list(frames_under("dark", "exposure 0.5", 20.0))
    assert [frame.cut for frame in frames] == [True] + [False] * (len(frames) - 1)
    assert frames[0].time == 20.0
    assert frames[-1].time <= 20.0 + light_sheet.SECONDS
    assert frames[0].image.max() == 25
