"""The creatures' file: whole after any crash, without a picture in it, and without a trace of whoever is deleted."""

import gc
import os
import select
import signal
import sqlite3
import threading
from contextlib import closing

import numpy as np
import pytest

from narcissus.breeding.genome import BELOW, Genome
from narcissus.breeding.names import named
from narcissus.colony import Colony, Creature
from narcissus.core.errors import ColonyError

LATENT = np.random.default_rng(5).standard_normal(128).astype(np.float32)
CODE = "amber river lantern seven"


def creature(integer: int, cell: int, mother: str = "", father: str = "", genome: Genome | None = None) -> Creature:
    return Creature(
        named(mother, father, integer), mother, father, integer, genome or Genome.of(f"#{integer}"), cell, integer
    )


def of_two(one: str, other: str) -> Genome:
    """Half of one founder, half of another."""
    genome = Genome.of(one)
    alleles = genome.alleles.copy()
    alleles[0, :, 4:] = 1
    return Genome((one, other), alleles, genome.sources)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "wall.sqlite"


@pytest.fixture
def colony(path):
    with Colony(path) as made:
        yield made


def written(path) -> bytes:
    return b"".join(part.read_bytes() for part in path.parent.iterdir())


def test_the_wall_comes_back_as_it_was(colony, path):
    for cell in range(12):
        colony.born(creature(cell, cell))
    colony.born(creature(99, 3, "a", "b", of_two("#1", "#2")))
    colony.close()
    with Colony(path) as again:
        alive = again.alive()
    assert [one.cell for one in alive] == list(range(12))
    assert alive[3].name == named("a", "b", 99)
    assert alive[3].genome.to_bytes() == of_two("#1", "#2").to_bytes()


def test_a_tree_names_parents_and_children(colony):
    mother, father = creature(1, 0), creature(2, 1)
    child = creature(3, 0, mother.name, father.name)
    for one in (mother, father, child):
        colony.born(one)
    tree = colony.tree(child.name)
    assert [parent.name for parent in tree.parents] == [mother.name, father.name]
    assert tree.alive
    assert not tree.parents[0].alive
    assert colony.tree(mother.name).children == (child.name,)
    assert colony.tree("nobody") is None


def test_the_dead_are_forgotten_unless_somebody_alive_descends_from_them(colony):
    line = [creature(0, 0)]
    for integer in range(1, 12):
        line.append(creature(integer, 0, line[-1].name, ""))
    stranger = creature(50, 1)
    for one in (stranger, *line, creature(51, 1)):
        colony.born(one)
    assert colony.prune() == 12 - 7 + 1
    assert colony.creature(line[5].name) is not None
    assert colony.creature(line[4].name) is None
    assert colony.creature(stranger.name) is None
    assert len(colony.alive()) == 2


def test_a_smaller_wall_leaves_the_cells_that_it_has(colony):
    for cell in range(6):
        colony.born(creature(cell, cell))
    colony.shrink(4)
    assert [one.cell for one in colony.alive()] == [0, 1, 2, 3]


def test_a_visitor_is_kept_until_its_time_is_over(path):
    colony = Colony(path, now=lambda: 199.0)
    name = colony.join(LATENT, {"volts": 12}, 7, CODE, until=200.0)
    (visitor,) = colony.visitors()
    assert (visitor.name, visitor.attributes, visitor.seed) == (name, {"volts": 12}, 7)
    np.testing.assert_array_equal(visitor.latent, LATENT)
    assert not colony.expire(199.0)
    assert colony.expire(200.0)
    assert colony.visitors() == []


def test_a_visitor_is_told_by_its_name(colony):
    name = colony.join(LATENT, {"volts": 12}, 7, CODE, until=2e11)
    assert colony.profile(name) == ({"volts": 12}, 2e11)
    assert colony.profile("nobody") is None
    for damaged in ("no JSON", "[1]"):
        colony._connection.execute("UPDATE visitors SET attributes = ?", (damaged,))
        with pytest.raises(ColonyError, match="damaged"):
            colony.profile(name)


def test_at_closing_time_all_visitors_go(colony):
    colony.join(LATENT, {}, 1, CODE)
    assert colony.expire()
    assert colony.visitors() == []


def test_the_code_deletes_and_no_other_does(colony):
    colony.join(LATENT, {}, 1, CODE)
    other = colony.join(LATENT + 1, {}, 2, "some other four words")
    assert not colony.delete("amber river lantern six")
    assert colony.delete(" Amber-River  lantern SEVEN ")
    assert [visitor.name for visitor in colony.visitors()] == [other]
    assert not colony.delete(CODE)


def test_nothing_of_a_deleted_visitor_is_in_the_file_or_its_log(colony, path):
    name = colony.join(LATENT, {"kind": "moth of glass"}, 12345, CODE)
    colony.born(creature(4, 1))
    colony.born(Creature(name, "", "", 12345, Genome.of(name), 0))
    colony.born(creature(5, 2, name, "b", of_two(name, "#4")))
    assert name.encode() in written(path)
    assert b"moth of glass" in written(path), "the control: it was there"
    sealed = colony._connection.execute("SELECT latent FROM visitors").fetchone()[0]
    assert sealed in written(path)
    assert colony.delete(CODE)
    left = written(path)
    for trace in (name.encode(), b"moth of glass", sealed[:16], sealed[16:48], LATENT.tobytes()[:16]):
        assert trace not in left


def test_no_latent_and_no_code_is_ever_written_as_it_is(colony, path):
    colony.join(LATENT, {}, 1, CODE)
    assert LATENT.tobytes()[:16] not in written(path)
    assert b"amber" not in written(path)


def test_descendants_of_a_deleted_visitor_hang_on_without_what_they_had_from_it(colony):
    name = colony.join(LATENT, {}, 1, CODE)
    child = creature(5, 2, name, "b", of_two(name, "#4"))
    colony.born(child)
    colony.delete(CODE)
    (left,) = colony.alive()
    assert left.name == child.name
    assert left.mother == ""
    assert left.genome.founders[1] == "#4"
    assert left.genome.founders[0].startswith("#")


def test_another_process_sees_what_was_deleted(path):
    with Colony(path) as wall, Colony(path) as page:
        wall.join(LATENT, {}, 1, CODE)
        before = wall.version()
        assert wall.version() == before
        assert page.delete(CODE)
        assert wall.version() != before
        assert wall.visitors() == []


def test_two_threads_may_write(colony):
    each = lambda first: [colony.born(creature(first + n, (first + n) % 12)) for n in range(40)]
    threads = [threading.Thread(target=each, args=(1000 * k,)) for k in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(colony.alive()) == 12


def test_a_birth_that_fails_leaves_the_wall_as_it_was(colony):
    colony.born(creature(1, 0))
    broken = Creature("x", "", "", "no number".encode, Genome.of("#1"), 0)
    with pytest.raises(ColonyError):
        colony.born(broken)
    assert [one.integer for one in colony.alive()] == [1]


def test_a_kill_in_the_middle_of_births_loses_at_most_the_one_under_way(path):
    """The short form of scripts/evaluate_creatures.py --kills 1000."""
    Colony(path).close()
    for _ in range(8):
        reading, writing = os.pipe()
        if (child := os.fork()) == 0:
            with Colony(path) as colony:
                for integer in range(10_000):
                    colony.born(creature(integer, integer % 12))
                    os.write(writing, integer.to_bytes(4, "big"))
            os._exit(1)
        os.close(writing)
        with os.fdopen(reading, "rb") as said:
            assert select.select([said], [], [], 60)[0], "a child that hangs tells of no birth"
            said.read(4 * 30)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            last = 29 + len(said.read()) // 4
        with Colony(path) as colony:
            alive = colony.alive()
        assert len(alive) == 12
        assert last <= max(one.integer for one in alive) <= last + 1


@pytest.mark.parametrize("content", [b"this is no database, but a text" * 40, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_colony_is_refused_by_its_name(path, content):
    path.write_bytes(content)
    with pytest.raises(ColonyError, match=r"wall\.sqlite"):
        Colony(path)


DAMAGE = [
    "UPDATE creatures SET genome = 'x'", "UPDATE creatures SET genome = 7", "UPDATE creatures SET cell = 'x'",
    "UPDATE creatures SET integer = 'x'", "UPDATE creatures SET born = 'x'", "UPDATE visitors SET latent = x'00'",
    "UPDATE visitors SET latent = 7", "UPDATE visitors SET attributes = '['", "UPDATE visitors SET attributes = '[1]'",
    "UPDATE visitors SET until = 'x'", "UPDATE facts SET value = 7", "DROP TABLE visitors; CREATE TABLE visitors (x)",
    "DROP INDEX one_in_a_cell; DROP TABLE creatures; CREATE TABLE creatures (x)",
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_colony_with_something_else_in_its_tables_is_refused_by_its_name(path, damage):
    with Colony(path) as colony:
        colony.born(creature(1, 0))
        colony.join(LATENT, {}, 1, CODE)
    with closing(sqlite3.connect(path)) as rows:
        rows.executescript(damage)
    with pytest.raises(ColonyError, match=r"wall\.sqlite"):
        looked_through(path)


def looked_through(path):
    with Colony(path) as colony:
        colony.alive()
        colony.visitors()


def test_a_visitor_is_deleted_though_another_creatures_genome_is_damaged(path):
    with Colony(path) as colony:
        name = colony.join(LATENT, {}, 1, CODE)
        colony.born(creature(1, 0))
        colony.born(creature(2, 1))
        colony._connection.execute("UPDATE creatures SET genome = x'00' WHERE cell = 0")
        assert colony.delete(CODE)
        assert [one.cell for one in colony.alive()] == [1]
        assert name not in {one.name for one in colony.visitors()}


def test_a_file_that_is_refused_is_not_held_open(path):
    path.write_bytes(b"this is no database, but a text" * 40)
    gc.collect()  # what others have left open is closed now, and not in between
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(ColonyError):
            Colony(path)
    assert len(os.listdir("/proc/self/fd")) <= before


def test_bytes_that_are_no_genome_are_refused():
    whole = of_two("#1", "#2")
    data = whole.to_bytes()
    assert Genome.from_bytes(data).to_bytes() == data
    alleles = whole.alleles.copy()
    alleles[0, 0, 0, 0] = BELOW
    for broken in (
        data[:-1],
        data.replace(b"\x01", b"\x07"),
        Genome(whole.founders, alleles, whole.sources).to_bytes(),
    ):
        with pytest.raises(ValueError, match="these bytes"):
            Genome.from_bytes(broken)
