"""The wall that breeds: exactly one birth a second, small events, on a wall of any size that may stand still."""

import sqlite3
from concurrent.futures import Future
from contextlib import closing

import numpy as np
import pytest
from creatures_parts import opened, small_generator

from narcissus.app import desktop
from narcissus.app.build import Doors, Installation
from narcissus.app.settings import Settings
from narcissus.colony import Colony
from narcissus.core.errors import ColonyError, ConfigError, DrawingError, ModelError, NotFinite
from narcissus.scenes.contract import Kit
from narcissus.scenes.creatures import WORK, CreaturesSettings, skins
from narcissus.scenes.creatures.layout import laid_out
from narcissus.scenes.creatures.nursery import Nursery
from narcissus.scenes.creatures.scene import MISSED, PERIOD, Creatures, colony_of
from narcissus.scenes.creatures.wall import Wall


@pytest.fixture(scope="module")
def small():
    return small_generator()


@pytest.fixture
def nursery(small):
    return Nursery(small, Colony(), 12, 0, clock=lambda: 5.0)


class Paint:
    """In the place of a filter: one colour."""

    def __init__(self, name):
        self.level = {"dark": 20, "light": 230}[name]

    def paint(self, pictures):
        return np.full_like(pictures, self.level)


def test_a_filter_gives_the_wall_its_skin(small, monkeypatch):
    portraits = lambda skin: Nursery(small, Colony(), 12, 0, skin=skins.skin_of(skin, Paint)).portraits()
    assert len({one.tobytes() for one in portraits("none")}) > 5
    assert {int(one.mean()) for one in portraits("light")} == {230}
    monkeypatch.setattr(skins, "filters_in", lambda: ["dark", "light"])
    assert {int(one.mean()) for one in portraits("each")} == {20, 230}
    monkeypatch.setattr(skins, "filters_in", list)
    with pytest.raises(ModelError, match="skin: none"):
        skins.skin_of("each", Paint)


def test_there_is_one_birth_a_second_whatever_the_pictures_do(small):
    scene, born = opened(small), []
    scene._wall.born = lambda cell, portrait, parents, now, until: born.append(now)
    moment = 100.0
    for step in np.random.default_rng(0).uniform(0.001, 0.9, 60):
        scene.draw(None, moment)
        moment += step
    np.testing.assert_allclose(born, 100 + PERIOD * np.arange(1, len(born) + 1), atol=1e-9)
    assert len(born) == int(moment - step - 100)


def test_after_a_long_pause_births_are_not_made_up_for(small):
    scene = opened(small)
    scene.draw(None, 0.0)
    scene.draw(None, 3600.5)
    assert scene.report()["births"] <= MISSED + 1
    count = scene.report()["births"]
    scene.draw(None, 3602.1)
    assert 1 <= scene.report()["births"] - count <= 2


def test_a_birth_that_is_late_holds_no_picture_up_and_begins_as_softly_as_any(small):
    scene, born = opened(small), []
    scene.draw(None, 0.0)
    scene._wall.born = lambda cell, portrait, parents, now, until: born.append(now)
    late = NeverWaitedFor()
    scene._coming.appendleft(late)
    for n in range(5):
        scene.draw(None, 1.0 + n / 60)
    assert scene.report() == {"births": 0, "births_late": 1}
    late.set_result(scene._coming[1].result())
    scene.draw(None, 1.2)
    assert scene.report()["births"] == 1
    assert born == [1.2], "from now on, not from when it was due"


class NeverWaitedFor(Future):
    def result(self, timeout=None):
        assert self.done(), "the display's thread waited"
        return super().result(timeout)


def test_a_network_that_draws_nan_is_said(small):
    scene = opened(small)
    scene.draw(None, 0.0)
    broken = Future()
    broken.set_exception(NotFinite("drawn nan"))
    scene._coming.appendleft(broken)
    with pytest.raises(DrawingError):
        scene.draw(None, 1.0)


def test_frozen_it_stands_still_and_thawed_it_goes_on_from_there(small):
    scene = opened(small)
    scene.draw(None, 10.0)
    shown = scene.draw(None, 11.3).image
    scene.obey("freeze")
    assert scene.draw(None, 18.0).image is shown
    scene.obey("thaw")
    assert np.array_equal(scene.draw(None, 18.0).image, shown)
    assert scene.report()["births"] == 1
    scene.draw(None, 18.75)
    assert scene.report()["births"] == 2
    assert not np.array_equal(scene.draw(None, 19.2).image, shown)


def test_the_wall_goes_on_after_a_restart(small, tmp_path):
    store = str(tmp_path / "wall.sqlite")
    scene = opened(small, store=store)
    scene.draw(None, 0.0)
    scene.draw(None, 5.0)
    names = [being.name for being in scene._nursery.population.beings]
    scene._nursery.colony.close()
    again = opened(small, store=store)
    kept = [one.name for one in again._nursery.colony.alive()]
    assert len(set(names) - set(kept)) <= len(again._coming), "only who has been replaced since"


def test_where_no_file_can_be_kept_the_wall_lives_in_memory(small, tmp_path, caplog):
    assert opened(small, store=str(tmp_path / "no" / "such" / "wall.sqlite")).draw(None, 0.0)
    assert "in memory alone" in caplog.text


def test_a_file_that_is_damaged_is_left_as_it_is_and_the_wall_lives_in_memory(small, tmp_path, caplog):
    path = tmp_path / "wall.sqlite"
    opened(small, store=str(path))._nursery.colony.close()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE creatures SET genome = x'00' WHERE cell = 1")
    assert opened(small, store=str(path)).draw(None, 0.0)
    assert "is damaged" in caplog.text
    assert "in memory alone" in caplog.text
    with Colony(path) as colony, pytest.raises(ColonyError):
        colony.alive()


def test_creatures_of_another_generator_are_left_alone(tmp_path, caplog):
    path = str(tmp_path / "wall.sqlite")
    colony_of(path, "one").close()
    assert colony_of(path, "other").path == ":memory:"
    assert "another generator" in caplog.text
    assert colony_of(path, "one").path != ":memory:"


@pytest.fixture
def checked(small, monkeypatch):
    """Checks a wall of creatures in this file, as --check does, with the small generator."""
    doors = Doors(generator=lambda *_: small)
    monkeypatch.setattr(desktop, "Installation", lambda settings: Installation(settings, doors))

    def check(path, **more):
        mine = {"cells": 12, "wall": "480x270", "store": str(path), "joining": False} | more
        return desktop.check(Settings(scene="creatures", scenes={"creatures": mine}))

    return check


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_check_leaves_the_wall_that_is_kept_as_it_is(small, checked, tmp_path, caplog):
    """Also where the settings would have fewer hang there, and where there is no file yet."""
    path = tmp_path / "wall.sqlite"
    checked(path)
    assert files(tmp_path) == {}
    opened(small, store=str(path), cells=14)._nursery.colony.close()
    before = files(tmp_path)
    checked(path)
    assert files(tmp_path) == before
    assert "in memory alone" not in caplog.text


def test_a_check_beside_a_wall_that_runs_changes_nothing_of_it(small, checked, tmp_path, caplog):
    path = tmp_path / "wall.sqlite"
    colony = opened(small, store=str(path), cells=14)._nursery.colony
    before = colony.version(), [one.name for one in colony.alive()]
    checked(path)
    assert (colony.version(), [one.name for one in colony.alive()]) == before
    assert "in memory alone" not in caplog.text
    colony.close()


@pytest.mark.parametrize("amiss", ["damaged", "another generator", "cannot be kept", "version 7"])
def test_a_check_says_of_a_file_that_cannot_be_used_what_the_wall_would(small, checked, tmp_path, caplog, amiss):
    path = tmp_path / "wall.sqlite"
    opened(small, store=str(path))._nursery.colony.close()
    with closing(sqlite3.connect(path)) as other, other:
        if amiss == "damaged":
            other.execute("UPDATE creatures SET genome = x'00' WHERE cell = 1")
        elif amiss == "another generator":
            other.execute("UPDATE facts SET value = 'other' WHERE name = 'generator'")
        elif amiss == "version 7":
            other.execute("PRAGMA user_version = 7")
    if amiss == "cannot be kept":
        path = tmp_path / "no folder" / "wall.sqlite"
    checked(path)
    assert amiss in caplog.text
    assert "in memory alone" in caplog.text


@pytest.mark.parametrize(
    "refused", [{"wall": "large"}, {"wall": "0x100"}, {"cells": 11}, {"cells": 97}, {"dim": 0.0}, {"seed": -1}]
)
def test_settings_that_make_no_wall_are_refused(refused, tmp_path):
    from narcissus.app.settings import load

    file = tmp_path / "config.yaml"
    ((key, value),) = refused.items()
    file.write_text(f"scenes: {{creatures: {{{key}: {value}}}}}\n")
    with pytest.raises(ConfigError, match=key):
        load(file)
    assert CreaturesSettings(wall="1080x1920").size(1.0) == (1080, 1920)


@pytest.mark.parametrize(
    ("aspect", "size"), [(16 / 9, (1920, 1080)), (9 / 16, (1080, 1920)), (1.0, (1080, 1080)), (9.0, (4320, 1080))]
)
def test_the_wall_takes_the_shape_of_its_screen(small, aspect, size):
    assert CreaturesSettings().size(aspect) == size


def test_a_screen_that_opens_later_is_fitted_with_the_same_creatures(small):
    shape = [1.0]
    block = {"cells": 12, "store": "memory", "joining": False}
    scene = WORK.open(Settings(scenes={"creatures": block}), Kit(lambda: small, lockstep=True, aspect=lambda: shape[0]))
    assert scene.draw(None, 0.0).image.shape == (1080, 1080, 3)
    shape[0] = 0.75
    image = scene.draw(None, 0.5).image
    assert image.shape == (1440, 1080, 3)
    assert scene.draw(None, 0.5).image is image
    assert scene.draw(None, 1.5).image.shape == (1440, 1080, 3)


class Caller:
    """A guest that remembers what it was asked."""

    def __init__(self):
        self.image, self.asked = None, []

    def observe(self, frame):
        return "seen", frame

    def picture(self, seen, now):
        self.asked.append((seen, now))
        return self.image

    def answers(self, seen):
        return None

    def fit(self, size):
        self.size = size

    def newborn(self):
        return None

    def obey(self, command):
        self.asked.append(command)


def test_a_guest_is_asked_for_what_stands_in_the_middle(nursery, small):
    wall = Wall(laid_out(12, (480, 270)), nursery.portraits(), 0.7)
    caller = Caller()
    scene = Creatures(nursery, wall, caller)
    assert caller.size == wall.middle
    assert scene.observe("frame") == ("seen", "frame")
    scene.obey("keep")
    bare = scene.draw(("seen", "frame"), 0.0).image
    scene.obey("freeze")
    caller.image = np.full((*wall.middle[::-1], 3), 250, np.uint8)
    scene.draw(None, 0.1)
    assert scene.draw(None, 0.9).image[135, 240].tolist() == [250] * 3
    assert np.array_equal(bare[:30], scene.draw(None, 0.9).image[:30])
    assert caller.asked[:2] == ["keep", (("seen", "frame"), 0.0)]
