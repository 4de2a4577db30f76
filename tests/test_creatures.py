"""The wall that breeds: exactly one birth a second, small events, and nobody's trace who was deleted."""

import contextlib
import os

import numpy as np
import pytest
from pggan_parts import drawn_weights

from narcissus.app.settings import Settings
from narcissus.breeding.population import CROWD, VISITOR
from narcissus.colony import Colony
from narcissus.colony.sealing import wipe
from narcissus.core.errors import ColonyError, ConfigError, DrawingError, ModelError, NotFinite
from narcissus.networks.pggan import Generator
from narcissus.scenes.contract import Kit
from narcissus.scenes.creatures import WORK, CreaturesSettings, skins
from narcissus.scenes.creatures import scene as scenes
from narcissus.scenes.creatures.layout import laid_out
from narcissus.scenes.creatures.nursery import Nursery
from narcissus.scenes.creatures.scene import MISSED, PERIOD, Creatures, colony_of
from narcissus.scenes.creatures.wall import Wall

LATENT = np.random.default_rng(3).standard_normal(64).astype(np.float32)
CODE = "amber river lantern seven"


@pytest.fixture(scope="module")
def small():
    return Generator(drawn_weights(resolution=32, fmap_base=256, fmap_max=64), precision="float32")


@pytest.fixture
def nursery(small):
    return Nursery(small, Colony(), 12, 0, clock=lambda: 5.0)


def opened(small, **more) -> Creatures:
    settings = Settings(
        scenes={"creatures": {"cells": 12, "wall": "480x270", "store": "memory", "joining": False} | more}
    )
    return WORK.open(settings, Kit(lambda: small))


class Paint:
    """In the place of a filter: one colour."""

    def __init__(self, name):
        self.level = {"dark": 20, "light": 230}[name]

    def apply(self, pictures):
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


def test_a_worker_that_is_late_holds_nobody_up_twice(small, monkeypatch):
    monkeypatch.setattr(scenes, "WAITED", 0.01)
    scene = opened(small)
    scene.draw(None, 0.0)
    never = scenes.Future()
    scene._coming.appendleft(never)
    for n in range(5):
        scene.draw(None, 1.0 + n / 60)
    assert scene.report() == {"births": 0, "births_late": 1}
    never.set_result(scene._coming[1].result())
    scene.draw(None, 1.2)
    assert scene.report()["births"] == 1


def test_a_network_that_draws_nan_is_said(small):
    scene = opened(small)
    scene.draw(None, 0.0)
    broken = scenes.Future()
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


def test_the_wall_goes_on_after_a_restart(small, tmp_path):
    store = str(tmp_path / "wall.sqlite")
    scene = opened(small, store=store)
    scene.draw(None, 0.0)
    scene.draw(None, 5.0)
    scene._worker.shutdown()
    names = [being.name for being in scene._nursery.population.beings]
    scene._nursery.colony.close()
    again = opened(small, store=store)
    again._worker.shutdown()
    kept = [one.name for one in again._nursery.colony.alive()]
    assert len(set(names) - set(kept)) <= len(again._coming), "only who has been replaced since"


def test_where_no_file_can_be_kept_the_wall_lives_in_memory(small, tmp_path, caplog):
    assert opened(small, store=str(tmp_path / "no" / "such" / "wall.sqlite")).draw(None, 0.0)
    assert "in memory alone" in caplog.text


def test_creatures_of_another_generator_are_left_alone(tmp_path, caplog):
    path = str(tmp_path / "wall.sqlite")
    colony_of(path, "one").close()
    assert colony_of(path, "other").path == ":memory:"
    assert "another generator" in caplog.text
    assert colony_of(path, "one").path != ":memory:"


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
    scene = WORK.open(Settings(scenes={"creatures": block}), Kit(lambda: small, aspect=lambda: shape[0]))
    assert scene.draw(None, 0.0).image.shape == (1080, 1080, 3)
    shape[0] = 0.75
    image = scene.draw(None, 0.5).image
    assert image.shape == (1440, 1080, 3)
    assert scene.draw(None, 0.5).image is image
    assert scene.draw(None, 1.5).image.shape == (1440, 1080, 3)


def adopted(nursery):
    hybrid = nursery.hybrid(LATENT, 9)
    return nursery.adopt(hybrid, LATENT, {"volts": 3}, 9, CODE, until=1e12)


def test_a_visitor_hangs_as_a_hybrid_and_stays(nursery, small):
    hybrid = nursery.hybrid(LATENT, 9)
    assert np.array_equal(nursery.hybrid(LATENT, 9).portrait, hybrid.portrait)
    assert nursery.colony.visitors() == []
    newborn = adopted(nursery)
    name = newborn.birth.being.name
    np.testing.assert_array_equal(nursery.portrait(newborn.birth.being), hybrid.portrait)
    for _ in range(60):
        nursery.bear()
    assert name in [one.name for one in nursery.colony.alive()]
    again = Nursery(small, nursery.colony, 12, 0)
    assert name in [being.name for being in again.population.beings]


def test_a_crowd_of_visitors_leaves_the_wall_to_the_creatures(nursery):
    for _ in range(12):
        adopted(nursery)
        for _ in range(4):
            nursery.bear()
    guests = [being for being in nursery.population.beings if being.integer <= VISITOR]
    assert 1 <= len(guests) <= 12 // CROWD + 1


def test_deleted_by_the_page_a_visitor_is_gone_from_wall_file_and_arrays(small, tmp_path):
    path = tmp_path / "wall.sqlite"
    nursery = Nursery(small, Colony(path), 12, 0)
    newborn = adopted(nursery)
    name, cell = newborn.birth.being.name, newborn.birth.cell
    held = nursery._visitors[name]
    assert nursery.look() == []
    with Colony(path) as page:
        assert page.delete(CODE)
    changes = nursery.look()
    assert [change.was for change in changes if change.cell == cell] == [name]
    assert all((change.portrait != newborn.portrait).any() for change in changes)
    assert not held.any(), "overwritten"
    assert nursery._visitors == {}
    assert name not in [being.name for being in nursery.population.beings]
    assert name.encode() not in path.read_bytes()


def copies(hidden: bytes) -> int:
    """How often this process's memory holds the bytes; they are given with every bit turned, and so not counted."""
    needle, found = bytes(byte ^ 0xFF for byte in hidden), 0
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            span, access = line.split()[:2]
            if access.startswith("rw"):
                start, end = (int(edge, 16) for edge in span.split("-"))
                memory.seek(start)
                with contextlib.suppress(OSError):  # a mapping of a device
                    found += memory.read(end - start).count(needle)
    return found


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="only Linux lets a process read its own memory")
def test_after_a_deletion_no_memory_holds_the_latent(small, tmp_path):
    latent = np.random.default_rng(77).standard_normal(64).astype(np.float32)
    hidden = (latent.view(np.uint8)[64:128] ^ 0xFF).tobytes()
    nursery = Nursery(small, Colony(tmp_path / "wall.sqlite"), 12, 0)
    nursery.adopt(nursery.hybrid(latent, 9), latent, {}, 9, CODE, until=1e12)
    for _ in range(5):
        nursery.bear()
    wipe(latent)
    assert copies(hidden) > 1, "the control: beside what is looked for, it is held while the visitor hangs there"
    nursery.colony.delete(CODE)
    nursery.refresh()
    assert copies(hidden) == 1


def test_descendants_of_a_deleted_visitor_are_drawn_without_it(nursery):
    name = adopted(nursery).birth.being.name
    line = lambda: [b for b in nursery.population.beings if name in b.genome.founders and b.name != name]
    while not line():
        nursery.bear()
    heirs = {being.name: nursery.portrait(being) for being in line()}
    changes = {change.was: change.portrait for change in nursery.forget(name)}
    assert heirs.keys() < changes.keys()
    assert all((changes[heir] != portrait).any() for heir, portrait in heirs.items())
    assert not line()


def test_a_disk_that_is_full_for_a_while_stops_no_birth(small, tmp_path, monkeypatch, caplog):
    caplog.set_level("INFO", "narcissus")
    nursery = Nursery(small, Colony(tmp_path / "wall.sqlite"), 12, 0)
    settle, full = Colony.settle, ColonyError("the disk is full")

    def refuse(self, creatures):
        raise full

    monkeypatch.setattr(Colony, "settle", refuse)
    for _ in range(5):
        nursery.bear()
    assert len([line for line in caplog.messages if "memory alone" in line]) == 1
    monkeypatch.setattr(Colony, "settle", settle)
    nursery.bear()
    assert [one.name for one in nursery.colony.alive()] == [being.name for being in nursery.population.beings]
    assert "kept again" in caplog.text


def test_what_the_wall_itself_deletes_goes_too(nursery):
    """As the guest does when somebody's time is over: in the worker, on the same connection."""
    name = adopted(nursery).birth.being.name
    assert nursery.look() == []
    nursery.colony.expire()
    assert name in [change.was for change in nursery.look()]
    assert name not in [being.name for being in nursery.population.beings]


def test_the_wall_takes_up_what_the_page_has_deleted(small, tmp_path):
    scene = opened(small, store=str(tmp_path / "wall.sqlite"))
    scene.draw(None, 0.0)
    newborn = scene._worker.submit(adopted, scene._nursery).result()
    changed = []
    scene._wall.change = lambda cell, portrait, now: changed.append(cell)
    with Colony(tmp_path / "wall.sqlite") as page:
        page.delete(CODE)
    for n in range(4):
        scene._worker.submit(lambda: None).result()
        scene.draw(None, 0.3 * n)
    assert newborn.birth.cell in changed


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
    caller.image = np.full((*wall.middle[::-1], 3), 250, np.uint8)
    scene.draw(None, 0.1)
    assert scene.draw(None, 0.9).image[135, 240].tolist() == [250] * 3
    assert np.array_equal(bare[:30], scene.draw(None, 0.9).image[:30])
    assert caller.asked[:2] == ["keep", (("seen", "frame"), 0.0)]
