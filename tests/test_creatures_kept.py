"""Visitors and the file: who joined stays; who was deleted leaves no trace on the wall, in the file or in memory."""

import contextlib
import mmap
import os
from concurrent.futures import Future
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from creatures_parts import CODE, LATENT, opened, small_generator

from narcissus.breeding.genome import Genome
from narcissus.breeding.population import CROWD, VISITOR
from narcissus.colony import Colony, Creature
from narcissus.colony.sealing import wipe
from narcissus.core.errors import ColonyError
from narcissus.scenes.creatures.nursery import NOTHING, Nursery


@pytest.fixture(scope="module")
def small():
    return small_generator()


@pytest.fixture
def nursery(small):
    return Nursery(small, Colony(), 12, 0, clock=lambda: 5.0)


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


def of_a_visitor(nursery, name):
    """A hybrid whose other half is that visitor's creature, and its seed."""
    hybrids = ((nursery.hybrid(LATENT, seed), seed) for seed in range(1000))
    return next((hybrid, seed) for hybrid, seed in hybrids if name in hybrid.genome.founders)


def test_a_hybrid_of_two_visitors_is_shown_as_it_will_hang_in_any_skin(small):
    nursery = Nursery(small, Colony(), 12, 0, skin=lambda name, portrait: portrait ^ len(name) ^ ord(name[0]))
    first = adopted(nursery).birth.being.name
    hybrid, seed = of_a_visitor(nursery, first)
    newborn = nursery.adopt(hybrid, LATENT, {}, seed, "other four words here", until=1e12)
    assert np.array_equal(newborn.portrait, hybrid.portrait)


def test_a_hybrid_that_is_kept_after_its_other_half_was_deleted_has_nothing_of_it(nursery):
    first = adopted(nursery).birth.being.name
    hybrid, seed = of_a_visitor(nursery, first)
    forgotten(nursery, first)
    newborn = nursery.adopt(hybrid, LATENT, {}, seed, "other four words here", until=1e12)
    assert first not in newborn.birth.being.genome.founders


def test_a_crowd_of_visitors_leaves_the_wall_to_the_creatures(nursery):
    came = []
    for _ in range(12):
        came.append(adopted(nursery).birth.being.name)
        guests = {being.name for being in nursery.population.beings if being.integer <= VISITOR}
        assert guests == set(came[-(12 // CROWD + 1) :]), "the oldest gives way"
        for _ in range(4):
            nursery.bear()
        guests = {being.name for being in nursery.population.beings if being.integer <= VISITOR}
        assert guests == set(came[-(12 // CROWD) :])


def test_after_a_restart_the_one_who_came_first_gives_way_too(small):
    colony = Colony(now=count().__next__)
    Nursery(small, colony, 12, 0)
    came = [colony.join(LATENT, {}, 9, f"{CODE} {number}") for number in range(12 // CROWD + 1)]
    for cell, name in enumerate(reversed(came)):
        colony.born(Creature(name, "", "", VISITOR - 9, Genome.of(name), cell))
    again = Nursery(small, colony, 12, 0).population
    assert again.beings[again.next().cell].name == came[0]


def test_deleted_by_the_page_a_visitor_is_gone_from_wall_file_and_arrays(small, tmp_path):
    path = tmp_path / "wall.sqlite"
    nursery = Nursery(small, Colony(path), 12, 0)
    newborn = adopted(nursery)
    name, cell = newborn.birth.being.name, newborn.birth.cell
    held = nursery._visitors[name]
    assert nursery.look() is NOTHING
    with Colony(path) as page:
        assert page.delete(CODE)
    changes = nursery.look().anew
    assert [change.was for change in changes if change.cell == cell] == [name]
    assert all((change.portrait != newborn.portrait).any() for change in changes)
    assert not held.any(), "overwritten"
    assert nursery._visitors == {}
    assert name not in [being.name for being in nursery.population.beings]
    assert name.encode() not in path.read_bytes()


SEEN = mmap.mmap(-1, 1 << 20)  # where memory is looked at: the heap would keep it, and the next look would count it


def copies(hidden: bytes) -> int:
    """How often this process's memory holds the bytes; they are given with every bit turned, and so not counted."""
    needle, found = bytes(byte ^ 0xFF for byte in hidden), 0
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            span, access = line.split()[:2]
            if access.startswith("rw") and "/dev/zero" not in line:  # as Linux calls a mapping like SEEN
                found += held(memory, *(int(edge, 16) for edge in span.split("-")), needle)
    return found


def held(memory, start: int, end: int, needle: bytes) -> int:
    """How often a span holds the needle, part after part; each begins where the needle may have been cut."""
    found = 0
    with contextlib.suppress(OSError), memoryview(SEEN) as seen:  # a mapping of a device
        while end - start >= len(needle):
            memory.seek(start)
            size = memory.readinto(seen[: end - start])
            at = SEEN.find(needle, 0, size)
            while at >= 0:
                found, at = found + 1, SEEN.find(needle, at + 1, size)
            seen[:] = bytes(len(seen))
            start += max(1, size - len(needle) + 1)
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


def forgotten(nursery, name):
    nursery.colony.remove(name)
    return nursery.look().anew


def test_descendants_of_a_deleted_visitor_are_drawn_without_it(nursery):
    name = adopted(nursery).birth.being.name
    line = lambda: [b for b in nursery.population.beings if name in b.genome.founders and b.name != name]
    while not line():
        nursery.bear()
    heirs = {being.name: nursery.portrait(being) for being in line()}
    changes = {change.was: change.portrait for change in forgotten(nursery, name)}
    assert heirs.keys() < changes.keys()
    assert all((changes[heir] != portrait).any() for heir, portrait in heirs.items())
    assert not line()


def test_a_visitor_who_cannot_be_hung_is_not_kept_either(nursery, monkeypatch):
    def refuse(self, creature):
        raise ColonyError("the disk is full")

    monkeypatch.setattr(Colony, "born", refuse)
    with pytest.raises(ColonyError):
        adopted(nursery)
    assert nursery.colony.visitors() == []
    assert nursery._visitors == {}


def test_whose_hour_has_come_is_deleted_although_nobody_may_join_any_more(small, tmp_path):
    now, path = [0.0], tmp_path / "wall.sqlite"
    clock = lambda: now[0]
    nursery = Nursery(small, Colony(path, now=clock), 12, 0, clock=clock)
    nursery.adopt(nursery.hybrid(LATENT, 9), LATENT, {}, 9, CODE, until=100.0)
    assert nursery.look() is NOTHING
    now[0] = 101.0
    assert nursery.look().anew
    assert nursery.colony.visitors() == []


def test_a_file_that_cannot_be_read_for_a_while_stops_no_picture(nursery, caplog):
    nursery.colony.close()
    assert nursery.look() is NOTHING
    assert "cannot be read" in caplog.text


def test_an_heir_who_is_about_to_give_way_goes_with_the_visitor(small, tmp_path):
    """Its successor is born already, and hangs three seconds later: too late for somebody who was deleted."""
    scene = opened(small, store=str(tmp_path / "wall.sqlite"))
    name = adopted(scene._nursery).birth.being.name
    scene.draw(None, 0.0)
    births = [scene._nursery.bear() for _ in range(3)]
    cell = births[0].birth.cell
    scene._shown[cell] = scene._nursery.population.beings[0]
    scene._shown[cell] = replace(scene._shown[cell], genome=Genome.of(name))
    for newborn in births:
        done = Future()
        done.set_result(newborn)
        scene._coming.append(done)
    with Colony(tmp_path / "wall.sqlite") as page:
        page.delete(CODE)
    changed = {}
    scene._wall.change = lambda cell, portrait, now: changed.update({cell: portrait})
    scene.draw(None, 0.3)
    scene.draw(None, 0.6)
    assert name not in scene._shown[cell].genome.founders
    assert cell in changed


def test_a_disk_that_is_full_for_a_while_stops_no_birth(small, tmp_path, monkeypatch, caplog):
    caplog.set_level("INFO", "narcissus")
    now = [1000.0]
    nursery = Nursery(small, Colony(tmp_path / "wall.sqlite"), 12, 0, clock=lambda: now[0])
    settle, full = Colony.settle, ColonyError("the disk is full")

    def refuse(self, creatures):
        raise full

    monkeypatch.setattr(Colony, "settle", refuse)
    for _ in range(5):
        nursery.bear()
    assert len([line for line in caplog.messages if "memory alone" in line]) == 1
    monkeypatch.setattr(Colony, "settle", settle)
    now[0] = 2000.0
    nursery.bear()
    assert {one.born for one in nursery.colony.alive()} == {1000.0, 2000.0}, "who was known keeps the hour of birth"
    assert [one.name for one in nursery.colony.alive()] == [being.name for being in nursery.population.beings]
    assert "kept again" in caplog.text


def test_what_the_wall_itself_deletes_goes_too(nursery):
    """As the guest does when somebody's time is over: in the worker, on the same connection."""
    name = adopted(nursery).birth.being.name
    assert nursery.look() is NOTHING
    nursery.colony.expire()
    assert name in [change.was for change in nursery.look().anew]
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


def test_a_wall_that_stands_still_shows_nobody_who_was_deleted(small, tmp_path):
    scene = opened(small, store=str(tmp_path / "wall.sqlite"))
    newborn = adopted(scene._nursery)
    scene._show(newborn, 0.0)
    scene.draw(None, 0.0)
    box = scene._wall.layout.boxed(newborn.birth.cell)
    shown = scene.draw(None, 0.99).image[box]
    scene.obey("freeze")
    with Colony(tmp_path / "wall.sqlite") as page:
        page.delete(CODE)
    scene.draw(None, 20.0)
    gone = scene.draw(None, 20.3).image[box]
    assert (gone != shown).any()
    assert np.array_equal(scene.draw(None, 30.0).image[box], gone), "at once, and it stands still again"


def test_who_is_deleted_while_the_disk_is_full_does_not_come_back_with_the_others(small, tmp_path, monkeypatch):
    path = tmp_path / "wall.sqlite"
    nursery = Nursery(small, Colony(path), 12, 0)
    name = adopted(nursery).birth.being.name
    born = Colony.born

    def refuse(self, creature):
        raise ColonyError("the disk is full")

    monkeypatch.setattr(Colony, "born", refuse)
    nursery.bear()
    monkeypatch.setattr(Colony, "born", born)
    with Colony(path) as page:
        assert page.delete(CODE)
    nursery.bear()
    assert nursery.colony.creature(name) is None
    nursery.look()
    assert name not in {founder for one in nursery.colony.alive() for founder in one.genome.founders}


@pytest.fixture
def orphaned(small, tmp_path):
    """A nursery, its file, and a deleted visitor whose child was born since: in the file's log and in no row."""
    path = tmp_path / "wall.sqlite"
    nursery = Nursery(small, Colony(path), 12, 0)
    name = adopted(nursery).birth.being.name
    with Colony(path) as page:
        assert page.delete(CODE)
    while name not in nursery.bear().birth.being.genome.founders:
        pass
    assert name.encode() in on_disk(path), "the control"
    yield nursery, path, name
    nursery.colony.close()


def on_disk(path) -> bytes:
    """The file with its log."""
    return b"".join(part.read_bytes() for part in sorted(path.parent.glob("wall.sqlite*")))


def test_a_child_that_is_born_while_its_visitor_is_deleted_leaves_no_name_in_the_log(orphaned):
    nursery, path, name = orphaned
    nursery.look()
    assert name.encode() not in on_disk(path)


def test_a_wall_that_ended_before_it_looked_has_nothing_of_the_deleted_when_it_begins_again(small, orphaned):
    _, path, name = orphaned
    with Colony(path) as colony:
        again = Nursery(small, colony, 12, 0)
        assert name.encode() not in on_disk(path)
        assert name not in {founder for being in again.population.beings for founder in being.genome.founders}
        assert len(colony.alive()) == 12


def test_a_deletion_that_the_disk_refuses_is_done_with_the_next_look(orphaned, monkeypatch):
    nursery, _, name = orphaned
    held, remove = nursery._visitors[name], Colony.remove

    def refuse(self, name):
        raise ColonyError("another process writes")

    monkeypatch.setattr(Colony, "remove", refuse)
    assert nursery.look() is NOTHING
    assert not held.any()
    monkeypatch.setattr(Colony, "remove", remove)
    assert name in nursery.look().gone
    assert name not in {founder for one in nursery.colony.alive() for founder in one.genome.founders}
    assert name not in {founder for being in nursery.population.beings for founder in being.genome.founders}
    assert nursery._visitors == {}


def test_a_child_that_is_born_while_its_visitor_is_deleted_does_not_keep_the_name(small, orphaned):
    """The wall looks four times a second, and a birth may come before it has looked."""
    nursery, _, name = orphaned
    nursery.look()
    assert name not in {founder for one in nursery.colony.alive() for founder in one.genome.founders}
    again = Nursery(small, nursery.colony, 12, 0)
    assert name not in {founder for being in again.population.beings for founder in being.genome.founders}
