"""The wall that breeds: exactly one birth a second, small events, and nobody's trace who was deleted."""

from itertools import pairwise

import numpy as np
import pytest
from pggan_parts import drawn_weights

from narcissus.app.settings import Settings
from narcissus.breeding.population import CROWD, VISITOR
from narcissus.colony import Colony
from narcissus.core.errors import ConfigError, DrawingError, ModelError, NotFinite
from narcissus.networks.pggan import Generator
from narcissus.scenes.contract import Kit
from narcissus.scenes.creatures import WORK, CreaturesSettings, skins
from narcissus.scenes.creatures import scene as scenes
from narcissus.scenes.creatures.layout import even, laid_out
from narcissus.scenes.creatures.nursery import Nursery
from narcissus.scenes.creatures.scene import MISSED, PERIOD, Creatures, colony_of
from narcissus.scenes.creatures.wall import BACKGROUND, FADE, RISE, Wall

SIZES = [(1920, 1080), (1080, 1920), (1024, 768), (3840, 1080), (800, 800), (720, 2560)]
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


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cells", [12, 13, 31, 48, 61, 96])
def test_any_number_of_cells_hangs_on_a_wall_of_any_shape(cells, size):
    layout = laid_out(cells, size)
    assert len(layout.corners) == cells
    taken = np.zeros(size[::-1], int)
    for cell in range(cells):
        rows, columns = layout.boxed(cell)
        assert rows.start >= 0 <= columns.start
        taken[rows, columns] += 1
    assert taken.sum() == cells * layout.side**2, "all of every cell is on the wall"
    assert taken.max() == 1, "and no two share a pixel"
    assert taken.mean() > 0.55


def test_rows_are_even_and_the_longer_ones_are_spread():
    assert even(48, 5) == [10, 9, 10, 9, 10]
    assert even(12, 3) == [4, 4, 4]
    assert all(sum(even(cells, rows)) == cells for cells in range(12, 97) for rows in range(1, 13))


FACES = np.random.default_rng(0).integers(60, 250, (14, 32, 32, 3)).astype(np.uint8)


@pytest.fixture
def wall():
    return Wall(laid_out(12, (480, 270)), FACES[:12], 0.7)


def part(wall, image, cell):
    return image[wall.layout.boxed(cell)].astype(int)


def test_a_birth_changes_three_cells_and_no_other(wall):
    before = wall.picture(10.0)
    wall.born(3, FACES[12], (5, 7), 10.0, 11.0)
    after = wall.picture(10.7)
    changed = {cell for cell in range(12) if (part(wall, before, cell) != part(wall, after, cell)).any()}
    assert changed == {3, 5, 7}


def test_no_birth_is_a_jump(wall):
    """At 60 pictures a second no pixel changes by more than a tenth of its range from one to the next."""
    pictures = [wall.picture(10.0)]
    for number in range(130):
        if number == 5:
            wall.born(3, FACES[12], (5, 7), 10 + number / 60, 11 + number / 60)
        if number == 65:
            wall.born(6, FACES[13], (3, 7), 10 + number / 60, 11 + number / 60)
        pictures.append(wall.picture(10 + number / 60))
    steps = [np.abs(one.astype(int) - other).max() for one, other in pairwise(pictures)]
    assert max(steps) <= 25
    assert np.abs(pictures[0].astype(int) - pictures[-1]).max() > 100, "the control: somebody else hangs there"


def test_the_newest_and_its_parents_are_told_apart(wall):
    """By their rings: the mother's colour, the father's, and of the child a half of each."""
    wall.born(3, FACES[12], (5, 7), 10.0, 11.0)
    image = wall.picture(10.9)
    ring = lambda cell: part(wall, image, cell)[wall.layout.side // 2, [3, -4]]
    warm = lambda pixel: pixel[0] - pixel[2]
    assert warm(ring(3)[0]) > 40 > 0 > -40 > warm(ring(3)[1])
    assert min(warm(pixel) for pixel in ring(5)) > 20
    assert max(warm(pixel) for pixel in ring(7)) < -20
    assert np.abs(ring(4) - BACKGROUND).max() <= 2


def test_the_others_hang_a_little_darker_and_rings_go(wall):
    wall.born(3, FACES[12], (5, 7), 10.0, 11.0)
    lit, later = wall.picture(10.9), wall.picture(11.0 + FADE + RISE)
    middle = slice(wall.layout.side // 3, 2 * wall.layout.side // 3)
    glow = lambda image, cell: part(wall, image, cell)[middle, middle].mean()
    assert glow(later, 5) == pytest.approx(0.7 * glow(lit, 5), rel=0.03)
    assert glow(lit, 4) == glow(later, 4)


def test_who_has_gone_is_kept_nowhere(wall):
    wall.change(3, FACES[12], 10.0)
    wall.picture(10.0 + 2 * RISE)
    assert wall._cells[3].before is wall._cells[3].now


def test_what_stands_in_the_middle_comes_and_goes_softly(wall):
    width, height = wall.middle
    guest = np.full((height, width, 3), 200, np.uint8)
    bare = wall.picture(10.0)
    wall.lay(guest, 10.0)
    levels = [int(wall.picture(10 + n / 60)[135, 240, 0]) for n in range(80)]
    assert levels[-1] == 200
    assert max(np.diff(levels)) < 12
    wall.lay(None, 12.0)
    assert np.array_equal(wall.picture(13.0), bare)
    assert wall.picture(13.0) is wall.picture(13.1)


class Paint:
    """In the place of a filter: one colour."""

    def __init__(self, name):
        self.level = {"dark": 20, "light": 230}[name]

    def apply(self, pictures):
        return np.full_like(pictures, self.level)


def test_a_filter_gives_the_wall_its_skin(small, monkeypatch):
    portraits = lambda skin: Nursery(small, Colony(), 12, 0, skin=skins.skin_of(skin, Paint)).portraits()
    assert len({int(one.mean()) for one in portraits("none")}) > 5
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
    assert CreaturesSettings(wall="1080x1920").size == (1080, 1920)


def adopted(nursery):
    hybrid = nursery.hybrid(LATENT, 9)
    return nursery.adopt(hybrid, LATENT, {"volts": 3}, 9, CODE, until=1e12)


def test_a_visitor_hangs_as_a_hybrid_and_stays(nursery):
    hybrid = nursery.hybrid(LATENT, 9)
    assert np.array_equal(nursery.hybrid(LATENT, 9).portrait, hybrid.portrait)
    assert nursery.colony.visitors() == []
    newborn = adopted(nursery)
    name = newborn.birth.being.name
    np.testing.assert_array_equal(nursery.portrait(newborn.birth.being), hybrid.portrait)
    for _ in range(60):
        nursery.bear()
    assert name in [one.name for one in nursery.colony.alive()]
    again = Nursery(nursery_generator(nursery), nursery.colony, 12, 0)
    assert name in [being.name for being in again.population.beings]


def nursery_generator(nursery):
    return type("Lent", (), {"seam": nursery._seam, "latent_size": nursery._latent_size})


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
