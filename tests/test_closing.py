"""Closing time: whoever was kept is deleted then, whatever hangs; a wall that closes or gives way holds nobody."""

import datetime
import sqlite3
from contextlib import closing, nullcontext

import numpy as np
import pytest
import twenty_line_scene
from creatures_parts import CODE, LATENT, opened, small_generator
from hanging import Until, Wall
from test_creatures_display import Later
from test_joining import PROFILES, Nursery, caught

from narcissus.app import build, desktop, expiry, kiosk
from narcissus.app.expiry import FAULT, Expiry
from narcissus.app.hours import OpeningHours
from narcissus.app.settings import Settings
from narcissus.colony import Colony
from narcissus.core.journal import Journal
from narcissus.scenes import SCENES
from narcissus.scenes.creatures.joining.joining import Joining

OVER = 1.0  # a time of 1970
DAY, EVENING, MORNING = (datetime.time(hour) for hour in (12, 18, 10))


@pytest.fixture(scope="module")
def small():
    return small_generator()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "wall.sqlite"


def kept(path) -> int:
    """How many visitors the file holds, whether or not their time is over."""
    with closing(sqlite3.connect(path)) as rows:
        return rows.execute("SELECT count(*) FROM visitors").fetchone()[0]


def adopted(scene, until):
    """A visitor who hangs on the wall: its newborn, and the array that holds the latent."""
    nursery = scene._nursery
    newborn = nursery.adopt(nursery.hybrid(LATENT, 9), LATENT, {"volts": 3}, 9, CODE, until)
    scene._show(newborn, 0.0)
    return newborn, nursery._visitors[newborn.birth.being.name]


def test_at_closing_time_who_was_kept_is_deleted_and_at_opening_nobody_is_seen_going(small, path):
    scene, clock = opened(small, store=str(path)), [DAY]
    wall = OpeningHours(scene, "10:00-18:00", lambda: clock[0])
    wall.draw(None, 0.0)
    newborn, latent = adopted(scene, OVER)
    box = scene._wall.layout.boxed(newborn.birth.cell)
    wall.draw(None, 0.1)
    shown = wall.draw(None, 0.24).image[box]
    assert (kept(path), latent.any()) == (1, True), "the control"
    clock[0] = EVENING
    assert not wall.draw(None, 0.245).image.any()
    assert (kept(path), latent.any()) == (0, False)
    for second in range(100):
        wall.draw(None, 1.0 + second)
    clock[0] = MORNING
    first, later = (wall.draw(None, 60_000.0 + second).image[box] for second in (0.0, 0.01))
    assert (first != shown).any()
    assert np.array_equal(first, later)
    assert newborn.birth.being.name not in {being.name for being in scene._nursery.population.beings}


def test_who_may_stay_hangs_there_again_after_the_wall_was_closed(small, path):
    scene = opened(small, store=str(path))
    scene.draw(None, 0.0)
    newborn, latent = adopted(scene, 1e12)
    scene.obey("close")
    assert not latent.any()
    scene.draw(None, 0.1)
    assert np.array_equal(scene._nursery._visitors[newborn.birth.being.name], LATENT)
    assert np.array_equal(scene._nursery.portrait(newborn.birth.being), newborn.portrait)


@pytest.mark.parametrize(("store", "left"), [("memory", 0), ("wall.sqlite", 1)])
def test_a_wall_that_gives_way_holds_no_latent_and_in_memory_nobody(small, tmp_path, store, left):
    scene = opened(small, store=store if store == "memory" else str(tmp_path / store))
    scene.draw(None, 0.0)
    _, latent = adopted(scene, 1e12)
    scene.obey("leave")
    assert not latent.any()
    assert len(scene._nursery.colony.visitor_names()) == left


def test_whose_time_was_over_while_the_wall_was_away_is_deleted_before_it_hangs(small, path):
    scene = opened(small, store=str(path))
    newborn, _ = adopted(scene, OVER)
    again = opened(small, store=str(path))
    assert kept(path) == 0
    assert newborn.birth.being.name not in {being.name for being in again._nursery.population.beings}


def test_a_card_is_gone_at_once_when_the_wall_closes(small):
    scene = opened(small)
    bare = scene.draw(None, 0.0)
    middle = np.full((*scene._wall.middle[::-1], 3), 250, np.uint8)
    scene._wall.lay(middle, 0.0)
    assert scene.draw(None, 0.9).public is not None, "the control: something stands in the middle"
    scene.obey("close")
    shown = scene.draw(None, 0.91)
    assert shown.public is None
    assert shown.image.shape == bare.image.shape


def forgotten(guest, noticed) -> bool:
    visit = guest._visit
    return (visit.code, visit.profile, visit.hybrid, noticed.caught.latent.any()) == ("", None, None, False)


@pytest.mark.parametrize("steps", [0, 1, 2, 3], ids=["drawing", "offered", "keeping", "kept"])
def test_in_whatever_stage_somebody_is_nothing_is_left(steps):
    nursery, worker, noticed = Nursery(), Later(), caught()
    latent = noticed.caught.latent.copy()
    guest = Joining(None, nursery, worker, PROFILES, lambda: 2e11)
    guest.picture(noticed, 0.0)
    ways = [worker.go_on, lambda: guest.obey("keep"), worker.go_on]
    for step in range(steps):
        ways[step]()
        guest.picture(None, 0.1 * (step + 1))
    assert noticed.caught.latent.any(), "the control"
    guest.obey("forget")
    worker.go_on()
    assert forgotten(guest, noticed)
    assert guest.picture(None, 1.0) is None
    assert [np.array_equal(one.latent, latent) for one in nursery.colony.visitors()] == [True] * (steps > 1)


def test_a_card_that_was_offered_before_closing_time_keeps_nobody_until_the_next():
    hour, nursery, worker = [2e11], Nursery(), Later()
    guest = Joining(None, nursery, worker, PROFILES, lambda: hour[0])
    guest.picture(caught(), 0.0)
    worker.go_on()
    guest.picture(None, 0.1)
    hour[0] = 3e11
    guest.obey("keep")
    worker.go_on()
    assert [one.until for one in nursery.colony.visitors()] == [2e11]


@pytest.fixture
def another_work(monkeypatch):
    monkeypatch.setitem(SCENES, "colours", twenty_line_scene.__name__)
    for room in (desktop, kiosk):
        monkeypatch.setattr(room, "forbid_dumps", lambda: None)


def with_somebody_whose_time_is_over(path):
    with Colony(path) as colony:
        colony.join(LATENT, {}, 9, CODE, until=OVER)
    assert kept(path) == 1, "the control"


def of_another_work(path):
    with_somebody_whose_time_is_over(path)
    return Settings(
        scene="colours", screen={"fullscreen": False}, scenes={"creatures": {"store": str(path), "joining": False}}
    )


def test_while_another_work_hangs_in_a_kiosk_who_was_kept_is_deleted(another_work, path):
    settings, wall = of_another_work(path), Wall()
    doors = build.Doors(window=lambda settings, report, permit: wall)
    assert kiosk.run_kiosk(lambda: settings, Until(lambda: kept(path) == 0), doors) == 0
    assert kept(path) == 0


def test_while_another_work_hangs_on_a_desktop_who_was_kept_is_deleted(another_work, path, monkeypatch):
    settings = of_another_work(path)
    monkeypatch.setattr(desktop, "window_of", lambda built, scene: nullcontext(Wall()))
    done, none = Until(lambda: kept(path) == 0), path.parent / "none.yaml"
    desktop.run_desktop(settings, done, lambda: settings, settings_file=none, started=0.0)
    assert kept(path) == 0


def test_what_cannot_be_deleted_is_said_once_and_tried_again(path, monkeypatch):
    monkeypatch.setattr(expiry, "PAUSE", 0.0)
    journal, now = Journal(), [0.0]
    path.write_bytes(b"no colony" * 1000)
    look = Expiry(Settings(scenes={"creatures": {"store": str(path)}}), journal, lambda: now[0])
    look.step()
    assert str(path) in journal.faults[FAULT]
    path.unlink()
    with_somebody_whose_time_is_over(path)
    look.step()
    assert kept(path) == 1, "not with every step"
    now[0] = expiry.EVERY
    look.step()
    assert kept(path) == 0
    assert journal.faults == {}


def test_a_bug_is_named_and_keeps_nobody(path, monkeypatch):
    monkeypatch.setattr(expiry, "PAUSE", 0.0)
    journal, now, works = Journal(), [0.0], dict(SCENES)
    with_somebody_whose_time_is_over(path)
    look = Expiry(Settings(scenes={"creatures": {"store": str(path)}}), journal, lambda: now[0])
    monkeypatch.setattr(expiry, "SCENES", {"nobody's": "", **works})
    look.step()
    assert "Error: " in journal.faults[FAULT]
    monkeypatch.setattr(expiry, "SCENES", works)
    now[0] = expiry.EVERY
    look.step()
    assert kept(path) == 0
    assert journal.faults == {}


def test_a_look_whether_somebodys_time_is_over_writes_nothing(path):
    with Colony(path) as colony:
        colony.join(LATENT, {}, 9, CODE)
        before = colony.version(), path.read_bytes()
        Expiry(Settings(scenes={"creatures": {"store": str(path)}}), Journal()).step()
        assert (colony.version(), path.read_bytes()) == before


def test_a_file_that_is_not_there_is_not_made(path):
    Expiry(Settings(scenes={"creatures": {"store": str(path)}}), Journal()).step()
    assert not path.exists()


def test_whose_time_is_over_is_told_to_nobody(path):
    now = [0.0]
    with Colony(path, now=lambda: now[0]) as colony:
        name = colony.join(LATENT, {}, 9, CODE, until=100.0)
        now[0] = 99.0
        assert colony.visitor_names() == {name} == {one.name for one in colony.visitors()}
        now[0] = 100.0
        assert colony.visitor_names() == set()
        assert colony.visitors() == []
