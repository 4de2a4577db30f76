"""An unattended mirror: black outside its hours, deaf to the keyboard, and patient with its display."""

import datetime
import logging
import re
import subprocess
import sys

import numpy as np
import pygame
import pytest
from conftest import ROOT
from hanging import Until

from narcissus.app import kiosk
from narcissus.app.build import Doors
from narcissus.app.controls import compare
from narcissus.app.health import Health
from narcissus.app.heartbeat import Heartbeat
from narcissus.app.hours import OpeningHours, is_open
from narcissus.app.reopening_sink import BACK_OFF, MOST_LOSSES, ReopeningSink
from narcissus.app.settings import Settings, load
from narcissus.app.supervisor import BLANK
from narcissus.core.errors import ConfigError, ScreenError
from narcissus.core.journal import Journal
from narcissus.core.sections import Camera
from narcissus.core.types import Frame, Picture
from narcissus.scenes.contract import BaseScene

FRAME = Frame(np.full((4, 4, 3), 9, np.uint8), 5.0)
PICTURE = Picture(np.full((4, 4, 3), 200, np.uint8))


class Scene:
    def __init__(self):
        self.drawn = self.observed = 0

    def observe(self, frame):
        self.observed += 1
        return frame

    def draw(self, seen, now):
        self.drawn, self.seen = self.drawn + 1, seen
        return PICTURE

    def obey(self, command):
        self.obeyed = command

    def tune(self, settings):
        self.tuned = settings


def at(text):
    return datetime.time.fromisoformat(text)


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("always", ["00:00", "12:00"], []),
        ("10:00-18:00", ["10:00", "17:59:59"], ["09:59:59", "18:00"]),
        ("18:00-02:00", ["18:00", "23:59", "00:00", "01:59"], ["02:00", "12:00"]),
    ],
)
def test_hours_hold_what_lies_between(hours, inside, outside):
    assert all(is_open(hours, at(moment)) for moment in inside)
    assert not any(is_open(hours, at(moment)) for moment in outside)


def test_outside_the_hours_the_wall_is_black_and_the_work_lives_on_slowly_before_a_dark_room(caplog):
    scene, clock = Scene(), [at("09:00")]
    opened, black = OpeningHours(scene, "10:00-18:00", lambda: clock[0]), set()
    for tick in range(600):
        black.add(picture := opened.draw(None, tick / 60))
        assert not picture.image.any()
        seen = opened.observe(FRAME)
        assert seen.cut
        assert not seen.image.any(), "of whoever is in the room at night it sees nothing"
    assert len(black) == 1, "the same picture: nothing is to be shown anew"
    assert scene.drawn == 10, "it lives on slowly: what must be loaded is there before the doors open"
    clock[0] = at("10:00")
    assert opened.draw(None, 10.0).image.any()
    assert opened.observe(FRAME) is FRAME
    clock[0] = at("18:00")
    assert not opened.draw(FRAME, 11.0).image.any()
    assert scene.seen is None, "nor of whoever stood there when it closed"
    assert len([record for record in caplog.records if "until" in record.message]) == 2, "said once each evening"
    assert scene.obeyed == "close"
    drawn = scene.drawn
    opened.draw(None, 11.5)
    assert scene.drawn == drawn


@pytest.mark.parametrize("hours", ["10-18", "10:00-25:00", "'10:00'", "26:00-27:00", "always open"])
def test_hours_that_mean_nothing_are_refused(tmp_path, hours):
    (tmp_path / "config.yaml").write_text(f"hours: {hours}\n")
    with pytest.raises(ConfigError, match=r"line 1: 'hours' should be always, or such as 10:00-18:00, not"):
        load(tmp_path / "config.yaml")


class Display:
    """A display that is gone while the test says so."""

    def __init__(self):
        self.gone, self.opened, self.closed, self.now = False, 0, 0, 0.0
        self.presented, self.remade, self.tries, self.tuned = [], [], [], []
        self.journal = Journal()
        self.kept = ReopeningSink(
            self.open,
            self.journal,
            lambda picture, shown: self.presented.append(shown),
            remade=lambda: self.remade.append(1),
            clock=lambda: self.now,
            sleep=self.sleep,
        )

    def sleep(self, seconds):
        self.now += seconds

    def open(self):
        self.tries.append(self.now)
        if self.gone:
            raise ScreenError("No display can be opened.")
        self.opened += 1
        return self

    def show(self, picture):
        if self.gone:
            raise ScreenError("the display takes no more pictures")
        self.now += 1 / 60
        return self.now

    def commands(self):
        return ["quit"]

    def tune(self, settings):
        self.tuned.append(settings)

    def close(self):
        self.closed += 1


def test_a_display_that_is_not_there_yet_is_awaited(caplog):
    display = Display()
    display.gone = True
    while len(display.tries) < 8:
        display.kept.show(PICTURE)
    assert np.diff(display.tries) == pytest.approx([*BACK_OFF, 10, 10], abs=0.11)
    assert display.presented == [], "nobody is told of pictures that nobody saw"
    assert display.kept.commands() == []
    display.gone = False
    while not display.presented:
        display.kept.show(PICTURE)
    assert [record.message.split(":")[0] for record in caplog.records] == ["display", "display"]
    assert display.remade == [], "it was not lost: it came"


def test_a_lost_display_is_made_anew_three_times_and_then_the_process_ends():
    display = Display()
    for _ in range(MOST_LOSSES):
        display.kept.show(PICTURE)
        display.gone = True
        display.kept.show(PICTURE)
        display.gone = False
    display.kept.show(PICTURE)
    assert (len(display.remade), display.closed) == (MOST_LOSSES, MOST_LOSSES)
    display.gone = True
    with pytest.raises(ScreenError):
        display.kept.show(PICTURE)


def test_a_display_that_is_made_anew_takes_up_what_was_tuned():
    display = Display()
    display.kept.tune(early := Settings(hours="01:00-18:00"))
    assert display.tuned == [], "there is none yet"
    display.kept.show(PICTURE)
    display.kept.tune(late := Settings(hours="02:00-18:00"))
    display.gone = True
    display.kept.show(PICTURE)
    display.gone = False
    display.kept.show(PICTURE)
    assert display.tuned == [early, late, late]


class Shaped(BaseScene):
    """A work that asks for the wall's shape with every picture, as the mirror of several and the creatures do."""

    def __init__(self, aspect):
        self.asked, self._aspect = [], aspect

    def draw(self, seen, now):
        self.asked.append(self._aspect())
        return PICTURE


@pytest.mark.usefixtures("light_walks")
def test_a_work_that_asks_for_the_walls_shape_goes_on_while_its_display_is_made_anew(monkeypatch):
    """On SDL's dummy display, which is lost when SDL takes a picture no more."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr(kiosk, "forbid_dumps", lambda: None)
    flip, works, windows, shown_on = pygame.display.flip, [], [], []

    def flip_once_lost():
        if len(windows) == 1 and works and works[0].asked and not windows[0].lost:
            windows[0].lost = True
            raise pygame.error("gone")
        flip()
        shown_on.append(len(windows))

    def window(*asked):
        windows.append(kiosk.open_kiosk_window(*asked))
        windows[-1].lost = False
        return windows[-1]

    monkeypatch.setattr(pygame.display, "flip", flip_once_lost)
    doors = Doors(scene=lambda step, settings, kit: works.append(Shaped(kit.aspect)) or works[-1], window=window)
    assert kiosk.run_kiosk(lambda: Settings(scene="dream"), Until(lambda: 2 in shown_on), doors) == 0
    assert 2 in shown_on
    assert set(works[0].asked) == {1024 / 768}, "of SDL's dummy display, also while there was none"
    assert windows[0]._shown is None, "a window that is lost keeps no picture"


def test_tuning_passes_through_what_stands_around_a_scene():
    scene, settings = Scene(), Settings(hours="03:00-18:00")
    OpeningHours(Heartbeat(scene, None), "always").tune(settings)
    assert scene.tuned is settings


def test_what_is_kept_is_closed():
    display = Display()
    with display.kept:
        display.kept.show(PICTURE)
    assert display.closed == 1


def test_every_observed_frame_is_a_sign_of_life_and_a_blank_one_no_frame():
    class Quiet:
        watchdog_seconds = None

        def send(self, *lines):
            pass

    health, now = Health(Quiet(), Journal()), [20.0]
    health.expect("perception", 0.0)
    watched = Heartbeat(Scene(), health, lambda: now[0])
    watched.observe(Frame(BLANK, 20.0))
    assert health.silent(25.0) == []
    assert health.figures(25.0)["frame_age_s"] is None
    watched.observe(FRAME)
    assert health.figures(25.0)["frame_age_s"] == 20.0


def test_controls_that_the_camera_refuses_are_said_once(caplog):
    asked, journal = Camera(exposure=156, white_balance=4600, power_line=50), Journal()
    for _ in range(3):
        compare("Brio", {"width": 1280, "exposure": 300, "power line": 1}, asked, journal)
    (refused,) = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert "Brio: exposure 156 was set, 300 is read back; white balance 4600 was set, nothing is read back" in refused
    compare("Brio", {"exposure": 156, "white balance": 4600, "power line": 1}, asked, journal)
    assert journal.faults == {}


def test_automatic_controls_are_not_read_back():
    journal = Journal()
    compare("Brio", {}, Camera(power_line=0), journal)
    assert journal.faults == {}


def keyboard(monkeypatch, *pressed):
    from narcissus.core.sections import Display as Settings
    from narcissus.sinks.kiosk import KioskWindow

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    with KioskWindow(Settings(fullscreen=False)) as window:
        for key, mod in pressed:
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, mod=mod))
        pygame.event.post(pygame.event.Event(pygame.QUIT))
        commands = window.commands()
        window.show(PICTURE)
    return commands


def test_a_viewer_at_the_keyboard_is_ignored(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    ctrl, alt = pygame.KMOD_LCTRL, pygame.KMOD_LALT
    held = (pygame.KMOD_NONE, ctrl, alt, pygame.KMOD_LSHIFT)
    keys = [(key, mod) for key in range(128) if key != pygame.K_k for mod in held]
    keys += [(key, ctrl | alt) for key in range(128) if key != pygame.K_q] + [(pygame.K_k, ctrl)]
    assert keyboard(monkeypatch, *keys) == []
    assert list(tmp_path.iterdir()) == [], "nothing was saved"


def test_the_one_key_that_the_wall_asks_a_viewer_for_is_heard(monkeypatch):
    assert keyboard(monkeypatch, (pygame.K_k, pygame.KMOD_NONE)) == ["keep"]


def test_the_attendant_has_one_combination(monkeypatch):
    assert keyboard(monkeypatch, (pygame.K_q, pygame.KMOD_RCTRL | pygame.KMOD_LALT)) == ["quit"]


def dumps_allowed(*before: str) -> str:
    """((soft, hard) core limit, PR_GET_DUMPABLE) of a process of its own, after these statements."""
    ask = "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3))"
    code = "; ".join(("import ctypes, resource", *before, ask))
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return said.stdout.strip()


def test_no_dump_of_the_process_is_allowed():
    asked = "from narcissus.core.privacy import forbid_dumps; forbid_dumps()"
    assert dumps_allowed(asked) == "(0, 0) 0"
    assert dumps_allowed().endswith(" 1"), "an ordinary process may be dumped, so the test can fail"


@pytest.fixture(autouse=True)
def journal(caplog):
    caplog.set_level(logging.INFO, "narcissus")


def test_on_a_full_disk_the_generator_still_loads():
    """Takes seconds: TensorFlow is imported by a process that may write no file."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0));"
        "from narcissus.core.privacy import forbid_probing; forbid_probing();"
        "import narcissus.networks.pggan; print('loaded')"
    )
    said = subprocess.run([sys.executable, "-B", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.stdout.strip() == "loaded", said.stderr[-2000:]


def test_a_changed_clock_changes_nothing_but_what_goes_by_the_day():
    """Asked by the opening hours, the schedule of works, the hour at which visitors among the creatures expire, the
    name of a saved reflection and a training report's date; by nothing else.
    """
    asking = [
        str(path.relative_to(ROOT / "narcissus").with_suffix(""))
        for path in sorted((ROOT / "narcissus").rglob("*.py"))
        if re.search(
            r"\btime\.(time|localtime|gmtime|strftime|ctime)\b|\b(datetime|date)\.(now|today|utcnow)\b",
            path.read_text(),
        )
    ]
    creatures = ["colony/colony", "scenes/creatures/__init__", "scenes/creatures/joining/opening"]
    assert sorted(asking) == sorted(["app/hours", "app/schedule", "lab/training/report", "sinks/window", *creatures])
