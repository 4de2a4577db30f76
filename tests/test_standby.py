"""The wall is never empty: what cannot draw is replaced by what can, continuously, and the journal says why."""

import gc
import logging
import threading
import weakref

import numpy as np
import pytest

from narcissus.app import making
from narcissus.app.settings import Settings
from narcissus.app.standby import BACK_OFF, FORGIVEN, RELOADS, Attempt, Standby
from narcissus.core import collector
from narcissus.core.errors import DeviceLost, ModelCorrupt, NotFinite, OutOfMemory
from narcissus.core.journal import Journal
from narcissus.core.types import Frame, Picture
from narcissus.scenes.mirror.seen import Shown
from narcissus.scenes.stored_dream import StoredDream

pytestmark = pytest.mark.usefixtures("light_walks")

COUNT = 8
ANGLES = np.arange(COUNT) / COUNT * 2 * np.pi
LATENTS = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32) * np.float32(np.sqrt(2))
IMAGES = np.arange(COUNT, dtype=np.uint8)[:, None, None, None] + np.zeros((4, 4, 3), np.uint8)


class Scripted:
    """A scene that stays where it began, and raises what it is told to."""

    def __init__(self, name):
        self.name, self.latent, self.faults = name, np.float32([1, 1]), []

    def begin(self, picture, now):
        self.latent = picture.state.latent

    def observe(self, frame):
        return self.name

    def draw(self, seen, now):
        if self.faults:
            raise self.faults.pop(0)
        return Picture(np.full((4, 4, 3), 200, np.uint8), state=Shown(self.latent))

    def obey(self, command):
        self.obeyed = command

    def tune(self, settings):
        self.tuned = settings


class Wall:
    """A Standby with scripted steps, and a clock that the test moves."""

    def __init__(self, **made):
        self.scenes, self.now, self.reloads, self.started = {}, 0.0, [], threading.Event()
        attempts = [Attempt(name, self._maker(name, results)) for name, results in made.items()]
        self.journal = Journal()
        self.standby = Standby(
            StoredDream(IMAGES, LATENTS, 1.0), attempts, self.journal, lambda: self.reloads.append(1)
        )

    def _maker(self, name, results):
        results = iter(results)

        def make():
            result = next(results)
            if isinstance(result, threading.Event):
                result.wait(20)
            if isinstance(result, BaseException):
                raise result
            self.scenes[name] = Scripted(name)
            return self.scenes[name]

        return make

    def draw(self, seconds=1.0):
        self.now += seconds
        return self.standby.draw(None, self.now)

    def settle(self):
        """Draw until nothing is being made any more."""
        self.draw()
        while True:
            picture = self.draw()
            making, _ = self.standby._making or (None, None)
            if making is None:
                return picture
            making.done.wait(20)

    @property
    def showing(self):
        frame = Frame(np.zeros((2, 2, 3), np.uint8), self.now)
        _, seen = self.standby.observe(frame)
        return seen if isinstance(seen, str) else "stored dream"


FINE = "fine"


def test_the_stored_dream_shows_at_once_and_the_mirror_takes_over_where_it_is():
    ready = threading.Event()
    wall = Wall(mirror=[ready])
    shown = [wall.draw() for _ in range(3)]
    assert [int(picture.image[0, 0, 0]) for picture in shown] == [0, 1, 2], "while the mirror is being made"
    ready.set()
    picture = wall.settle()
    assert wall.showing == "mirror"
    assert any(np.array_equal(picture.state.latent, latent) for latent in LATENTS), "no jump"


def test_a_scene_that_draws_nan_again_and_again_is_made_anew():
    wall = Wall(mirror=[FINE] * 9)
    wall.settle()
    before = wall.scenes["mirror"]
    before.faults = [NotFinite("NaN")]
    picture = wall.draw()
    assert picture.image.max() < 200, "the stored dream shows meanwhile"
    assert before.obeyed == "leave"
    wall.settle()
    assert wall.scenes["mirror"] is not before
    assert wall.showing == "mirror"
    assert len(wall.reloads) == 1


def test_what_a_scene_held_is_freed_before_the_next_is_made(monkeypatch):
    """Also where it was set aside: by the walk that the house takes."""
    monkeypatch.setattr(making, "collect", collector.collect)
    wall = Wall(mirror=[FINE] * 9)
    wall.settle()
    sick = wall.scenes.pop("mirror")
    sick.graph = sick  # as a compiled graph holds itself
    held = weakref.ref(sick)
    collector.set_aside()
    sick.faults = [NotFinite("NaN")]
    del sick
    wall.settle()
    assert held() is None


def test_a_scene_that_stays_sick_gives_way_to_a_simpler_one(caplog):
    wall = Wall(mirror=[FINE] * 9, dream=[FINE])
    wall.settle()
    for _ in range(RELOADS + 1):
        wall.scenes["mirror"].faults = [NotFinite("NaN")]
        wall.settle()
    assert wall.showing == "dream"
    assert sum("instead of it: dream" in record.message for record in caplog.records) == 1


def test_what_takes_the_place_of_a_scene_that_could_not_be_made_has_all_its_reloads_still():
    wall = Wall(mirror=[NotFinite("NaN")] * (RELOADS + 1), dream=[FINE] * (RELOADS + 1))
    while wall.showing != "dream":
        assert wall.now < 60
        wall.settle()
    for _ in range(RELOADS):
        wall.scenes["dream"].faults = [NotFinite("NaN")]
        wall.settle()
        assert wall.showing == "dream"


def test_what_is_loaded_stays_set_aside_when_a_scene_cannot_be_made(monkeypatch):
    """Or each later walk would hold the display for ten pictures."""
    monkeypatch.setattr(making, "collect", gc.unfreeze)
    collector.set_aside()
    before = gc.get_freeze_count()
    wall = Wall(mirror=[ModelCorrupt("utk-64.npz: swapped")])
    wall.settle()
    assert gc.get_freeze_count() > before / 2


def test_a_reload_long_ago_is_forgiven():
    wall = Wall(mirror=[FINE] * 20, dream=[FINE])
    wall.settle()
    for _ in range(3 * RELOADS):
        wall.scenes["mirror"].faults = [NotFinite("NaN")]
        wall.settle()
        wall.draw(FORGIVEN + 1)
    assert wall.showing == "mirror"


def test_without_memory_a_smaller_picture_is_tried_then_the_dream_and_then_a_new_process():
    wall = Wall(mirror=[FINE], smaller=[FINE], dream=[FINE])
    wall.settle()
    for name in ("smaller", "dream"):
        wall.scenes[wall.showing].faults = [OutOfMemory("full")]
        wall.settle()
        assert wall.showing == name
    wall.scenes["dream"].faults = [OutOfMemory("full")]
    with pytest.raises(OutOfMemory):
        wall.draw()


def test_memory_that_runs_out_while_loading_counts_too():
    wall = Wall(mirror=[OutOfMemory("full")], smaller=[FINE])
    wall.settle()
    wall.settle()
    assert wall.showing == "smaller"


def test_a_lost_device_ends_the_process_at_once():
    wall = Wall(mirror=[FINE], dream=[FINE])
    wall.settle()
    wall.scenes["mirror"].faults = [DeviceLost("illegal address")]
    with pytest.raises(DeviceLost):
        wall.draw()


@pytest.mark.parametrize("fault", [ModelCorrupt("utk-64.npz: swapped"), ImportError("no tensorflow")])
def test_with_unusable_files_the_stored_dream_plays_on_and_the_reason_is_said_once(caplog, fault):
    wall = Wall(mirror=[fault], dream=[fault])
    for _ in range(4):
        wall.settle()
    for _ in range(1000):
        assert wall.draw().image.max() < 200
    said = [record.message for record in caplog.records]
    assert len(said) == 2
    assert "instead of it: the stored dream" in said[1]
    assert str(fault) in said[0]


def test_what_nobody_foresaw_is_named_and_the_next_step_hangs(caplog):
    """In a kiosk a fault while a scene is made is a step down and never an end."""
    wall = Wall(mirror=[ZeroDivisionError("a bug")], smaller=[FINE])
    wall.settle()
    wall.settle()
    assert "ZeroDivisionError: a bug; instead of it: smaller" in caplog.text
    assert wall.standby.on_wall == "smaller: on the wall"


def test_the_keyboard_reaches_the_scene_on_the_wall():
    wall = Wall(mirror=[FINE])
    wall.settle()
    wall.standby.obey("more")
    assert wall.scenes["mirror"].obeyed == "more"


@pytest.fixture(autouse=True)
def journal(caplog):
    caplog.set_level(logging.WARNING, "narcissus")


def test_a_scene_that_is_made_later_takes_up_what_was_tuned_and_stands_still_if_the_wall_did():
    ready = threading.Event()
    wall = Wall(mirror=[ready])
    wall.draw()
    bold = Settings(hours="08:00-18:00")
    wall.standby.tune(bold)
    wall.standby.obey("freeze")
    ready.set()
    wall.settle()
    assert wall.scenes["mirror"].tuned is bold
    assert wall.scenes["mirror"].obeyed == "freeze"
    wall.standby.tune(calm := Settings(hours="02:00-18:00"))
    assert wall.scenes["mirror"].tuned is calm


def test_a_scene_that_nobody_tuned_is_as_it_was_made():
    wall = Wall(mirror=[FINE])
    wall.settle()
    assert not hasattr(wall.scenes["mirror"], "tuned")
    assert not hasattr(wall.scenes["mirror"], "obeyed")


@pytest.mark.parametrize("fault", [OSError(24, "Too many open files"), OSError(5, "Input/output error")])
def test_what_fails_in_passing_is_tried_again_and_said_once(caplog, fault):
    wall = Wall(mirror=[fault, fault, FINE], dream=[FINE])
    wall.settle()
    assert wall.showing == "stored dream"
    while wall.showing == "stored dream":
        assert wall.now < 60, "at the latest every 10 s"
        wall.settle()
    assert wall.showing == "mirror", "and nothing less is taken"
    assert [record.message.split(":")[0] for record in caplog.records] == ["mirror", "mirror"]
    assert "it is tried again" in caplog.records[0].message
    assert "well again" in caplog.records[1].message


def test_what_fails_in_passing_is_not_tried_with_every_picture():
    tried = []
    wall = Wall()
    fail = lambda: (tried.append(wall.now), (_ for _ in ()).throw(OSError(24, "Too many open files")))
    wall.standby._attempts = [Attempt("mirror", fail)]
    while wall.now < 100:
        wall.draw(0.1)
        if wall.standby._making is not None:
            wall.standby._making[0].done.wait(20)
    assert np.diff(tried) == pytest.approx([*BACK_OFF, *[10] * (len(tried) - 1 - len(BACK_OFF))], abs=0.5)
    assert 10 <= len(tried) <= 16


def test_a_device_lost_while_a_scene_is_made_burns_no_other_attempt():
    wall = Wall(mirror=[DeviceLost("illegal address")], smaller=[FINE], dream=[FINE])
    with pytest.raises(DeviceLost):
        wall.settle()
    assert wall.scenes == {}
    assert len(wall.standby._attempts) == 3


def test_what_one_scene_has_seen_is_not_shown_to_another():
    wall = Wall(mirror=[FINE] * 2)
    wall.settle()
    old = wall.standby.observe(Frame(np.zeros((2, 2, 3), np.uint8), wall.now))
    wall.scenes["mirror"].faults = [NotFinite("NaN")]
    wall.settle()
    given, scene = [], wall.scenes["mirror"]
    draw = scene.draw
    scene.draw = lambda seen, now: (given.append(seen), draw(seen, now))[1]
    wall.standby.draw(old, wall.now)
    wall.standby.draw(wall.standby.observe(Frame(np.zeros((2, 2, 3), np.uint8), wall.now)), wall.now)
    assert given == [None, "mirror"]
