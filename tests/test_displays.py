"""Further displays show the same reflection; what becomes of them is never the first one's business."""

import logging

import numpy as np
import pygame
import pytest

from narcissus.app.settings import Settings, load
from narcissus.core.errors import ConfigError
from narcissus.core.sections import Display, Framing, Further
from narcissus.core.types import Picture
from narcissus.sinks.further import AGAIN, LOOK, FurtherDisplays, FurtherWindow
from narcissus.sinks.window import Window

FACE = np.zeros((64, 64, 3), np.uint8) + np.array([200, 120, 60], np.uint8)
PICTURE = Picture(FACE)


class Opened:
    """In a further window's place."""

    def __init__(self, number, wish, framing):
        self.number, self.wish, self.framing = number, wish, framing
        self.shown, self.closed, self.moved, self.fault = 0, 0, False, None
        self.window = object()

    def show(self, image, now):
        if self.fault:
            raise pygame.error(self.fault)
        self.shown += 1

    def tune(self, framing):
        self.framing = framing

    def close(self):
        self.closed += 1


class House:
    """Displays that come and go."""

    def __init__(self, *wishes, there=("Acer", "BenQ", "Sony")):
        self.there, self.now, self.opened = list(there), 100.0, []
        self.displays = FurtherDisplays(
            [Further(**wish) for wish in wishes],
            0,
            Framing(),
            open_window=self.open,
            known=lambda: self.there,
            count=lambda: len(self.there),
            clock=lambda: self.now,
        )

    def open(self, number, wish, framing):
        self.opened.append(Opened(number, wish, framing))
        return self.opened[-1]

    def show(self, seconds=0.0):
        self.now += seconds
        self.displays.show(FACE)


@pytest.fixture(autouse=True)
def journal(caplog):
    caplog.set_level(logging.INFO, "narcissus")


def said(caplog) -> list[str]:
    return [record.message for record in caplog.records]


def test_every_further_display_shows_every_picture():
    house = House({"display": 2, "rotation": 90}, {"display": "benq", "mirrored": True})
    for _ in range(5):
        house.show(0.02)
    assert [(window.number, window.wish.rotation, window.shown) for window in house.opened] == [(2, 90, 5), (1, 0, 5)]


def test_one_that_is_not_there_is_one_line_naming_those_that_are_and_is_awaited(caplog):
    house = House({"display": 2}, there=("Acer", "BenQ"))
    for _ in range(100):
        house.show(0.1)
    (line,) = said(caplog)
    assert "display 2 is not there; there are 0 (Acer), 1 (BenQ); change screen: also: in config.yaml" in line
    house.there.append("Sony")
    house.show(LOOK + 0.1)
    house.show()
    assert house.opened[0].shown == 2
    assert said(caplog)[1:] == ["further display 2: well again"]


@pytest.mark.parametrize("twice", [{"display": 0}, {"display": "auto"}, {"display": "BenQ"}, {"display": 1}])
def test_no_display_is_used_twice(twice, caplog):
    house = House({"display": 1}, twice)
    for _ in range(100):
        house.show(LOOK + 0.1)
    assert len(house.opened) == 1
    (line,) = said(caplog)
    assert "shows it already" in line


def test_one_that_fails_while_running_is_closed_and_the_others_go_on(caplog):
    house = House({"display": 1}, {"display": 2})
    house.show()
    house.opened[0].fault = "lost"
    for _ in range(5):
        house.show(0.02)
    assert house.opened[0].closed == 1
    assert house.opened[1].shown == 6
    assert said(caplog) == ["further display 1: lost; the other displays go on"]


def test_one_that_lost_its_display_does_not_stand_before_the_first(caplog):
    """A window whose display is unplugged is moved to another one by the system."""
    house = House({"display": 2})
    house.show()
    house.opened[0].moved = True
    house.there.pop()
    house.show(LOOK + 0.1)
    assert house.opened[0].closed == 1
    assert len(said(caplog)) == 1
    house.there.append("Sony")
    house.show(LOOK + 0.1)
    assert house.opened[1].shown == 1


def test_one_that_was_moved_onto_another_display_is_closed_though_none_is_missing_yet(caplog):
    house = House({"display": 2})
    house.show()
    house.opened[0].moved = True
    for _ in range(3):
        house.show(LOOK + 0.1)
    assert house.opened[0].closed == 1
    assert said(caplog) == ["further display 2: its display is gone; the other displays go on"]


@pytest.mark.parametrize("loss", [{"fault": "lost"}, {"moved": True}], ids=["a picture refused", "back within a look"])
def test_one_that_is_lost_while_as_many_displays_are_there_is_taken_up_again(loss, caplog):
    house = House({"display": 1}, {"display": 2})
    for _ in range(20):
        house.show(LOOK + 0.1)
    vars(house.opened[0]).update(loss)
    for _ in range(20):
        house.show(LOOK + 0.1)
    assert [window.number for window in house.opened] == [1, 2, 1]
    assert (house.opened[0].closed, house.opened[2].closed) == (1, 0)
    assert house.opened[1].shown == 40
    assert [line.split(";")[0] for line in said(caplog)][1:] == ["further display 1: well again"]


def test_one_that_takes_no_picture_is_tried_now_and_then_and_said_once(caplog):
    house = House({"display": 2})
    opened = house.open

    def refusing(*asked):
        window = opened(*asked)
        window.fault = "refused"
        return window

    house.displays._open_window = refusing
    for _ in range(100):
        house.show(LOOK + 0.1)
    assert 5 < len(house.opened) <= 100 * (LOOK + 0.1) / AGAIN
    assert said(caplog) == ["further display 2: refused; the other displays go on"]


def test_one_that_the_desktop_puts_elsewhere_at_once_does_not_flash_before_the_first(caplog):
    """Two displays that show the same: a window of the second is found on the first."""
    house = House({"display": 2})
    house.show()
    house.opened[0].moved = True
    for _ in range(100):
        house.show(LOOK + 0.1)
    assert len(house.opened) == 1
    house.there.append("another")
    house.show(LOOK + 0.1)
    assert len(house.opened) == 2


def test_a_display_with_a_name_is_followed_when_the_numbers_change():
    house = House({"display": "Sony"})
    house.show()
    house.there.remove("BenQ")
    house.show(LOOK + 0.1)
    assert house.opened[0].closed == 1
    assert house.opened[1].number == 1
    assert house.opened[1].shown == 1


def test_people_may_close_one_and_it_stays_closed():
    house = House({"display": 1}, {"display": 2})
    house.show()
    assert house.displays.dismiss(house.opened[0].window)
    assert not house.displays.dismiss(None), "the first one's window is none of these"
    for _ in range(20):
        house.show(LOOK + 0.1)
    house.there.append("another")
    house.show(LOOK + 0.1)
    assert (house.opened[0].closed, len(house.opened)) == (1, 2)


def test_framing_is_taken_up_by_all_and_by_those_that_come_later():
    house = House({"display": 1}, {"display": 3})
    house.show()
    house.displays.tune(Framing(zoom=2.0))
    house.there.append("late")
    house.show(LOOK + 0.1)
    assert [window.framing.zoom for window in house.opened] == [2.0, 2.0]


def test_without_any_nothing_is_asked():
    house = House()
    house.displays._count = lambda: pytest.fail("asked")
    house.show()


@pytest.fixture
def dummy(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    with Window(Display(fullscreen=False)) as window:
        pygame.event.clear()
        yield window


@pytest.mark.parametrize(
    ("rotation", "mirrored", "corner"), [(0, False, 0), (90, False, 1), (90, True, 2), (0, True, 1)]
)
def test_a_further_window_has_its_own_rotation_and_mirroring(dummy, rotation, mirrored, corner):
    image = np.zeros((64, 64, 3), np.uint8)
    image[:20, :20] = 255  # the upper left corner, as people see it
    framing = Framing(fit="fill", centre=0.0 if rotation == 0 else 0.5)
    window = FurtherWindow(0, Further(display=0, rotation=rotation, mirrored=mirrored), framing)
    window._sized((300, 300))
    window._wall.draw(window._surface, Picture(image), 0.0)
    shown = pygame.surfarray.array3d(window._surface).mean(axis=2).T
    window.close()
    corners = [shown[:50, :50].mean(), shown[:50, -50:].mean(), shown[-50:, -50:].mean(), shown[-50:, :50].mean()]
    assert int(np.argmax(corners)) == corner


def test_what_is_drawn_reaches_the_window(dummy):
    window = FurtherWindow(0, Further(display=0), Framing(grain=0.0))
    window.show(Picture(FACE), 0.0)
    window._renderer.blit(window._texture)  # after it is presented, what a renderer holds is not said
    shown = pygame.surfarray.array3d(window._renderer.to_surface())
    width, height = window.window.size
    assert np.abs(shown[width // 2, height // 2].astype(int) - FACE[0, 0]).max() <= 2
    assert not shown[2, 2].any()
    window.close()


def test_closing_the_first_window_ends_the_mirror_though_others_are_open(dummy):
    pygame.event.post(pygame.event.Event(pygame.WINDOWCLOSE, window=None))
    assert dummy.commands() == ["quit"]


def test_closing_a_further_window_does_not(dummy):
    dummy._further = House({"display": 1}).displays
    dummy.show(PICTURE)
    (window,) = dummy._further._windows.values()
    pygame.event.post(pygame.event.Event(pygame.WINDOWCLOSE, window=window.window))
    assert dummy.commands() == []
    assert dummy._further._windows == {}


def test_a_window_shows_and_closes_its_further_displays(dummy):
    house = House({"display": 1})
    dummy._further = house.displays
    dummy.show(PICTURE)
    dummy.tune(Settings(framing=Framing(vignette=0.5)))
    dummy.close()
    assert (house.opened[0].shown, house.opened[0].framing.vignette, house.opened[0].closed) == (1, 0.5, 1)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        (
            "also: [{display: 1}, {display: 2, rotatoin: 90}]",
            r"line 2: unknown setting 'screen.also.1.rotatoin'",
        ),
        (
            "also:\n    - display: 1\n      rotation: 45",
            r"line 4: 'screen.also.0.rotation' should be",
        ),
        ("also: [1]", r"line 2: 'screen.also.0' should be"),
        ("also: [{rotation: 90}]", r"line 2: 'screen.also.0.?d?i?s?p?l?a?y?'"),
        ("also: 1", r"line 2: 'screen.also' should be a list"),
        ("mirrored: maybe", r"line 2: 'screen.mirrored' should be"),
    ],
)
def test_a_wish_that_means_nothing_is_refused_with_its_line(tmp_path, written, hint):
    (tmp_path / "config.yaml").write_text(f"screen:\n  {written}\n")
    with pytest.raises(ConfigError, match=hint):
        load(tmp_path / "config.yaml")
