"""The figures of the wall that breeds: each measure finds what it is there to find, and misses what is not there."""

import gc
import importlib.util
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

from narcissus.breeding.population import Population
from narcissus.colony import Colony, Creature
from narcissus.core.types import Picture
from narcissus.lab.creatures import crashes, heredity, names, pace, page

SCRIPT = ROOT / "scripts" / "evaluate_creatures.py"


@pytest.fixture(scope="module")
def landmarks(generator):
    return heredity.mean_landmarks(generator)


def test_a_child_put_together_of_two_is_explained_by_them(drawn):
    child = drawn[3].copy()
    child[32:] = drawn[7][32:]
    assert heredity.likest_pair(heredity.distances(child, drawn)) == (3, 7)
    assert heredity.distances(drawn[5], drawn).mean(axis=1).argmin() == 5
    assert heredity.likest_pair(heredity.distances(drawn[5][:, ::-1].copy(), drawn[:5])) != (3, 7)


def test_one_family_is_less_spread_than_strangers(drawn, landmarks):
    codes = heredity.descriptors(drawn[:8], landmarks)
    assert heredity.spread(np.repeat(codes[:2], 4, axis=0)) < 0.7 * heredity.spread(codes)


def test_faces_are_human_and_noise_is_not(drawn):
    noise = np.random.default_rng(0).integers(0, 255, (4, 64, 64, 3)).astype(np.uint8)
    assert heredity.humanity(drawn[:8]) > 0.8
    assert heredity.humanity(noise) == 0


def test_a_short_evaluation_has_every_figure(generator):
    found = heredity.measured(generator, 12, 40, 1, 2, 0, iter)
    assert found.looked_at == 12
    assert found.children >= 1
    assert 0.4 < found.spread / found.fresh_spread < 1.3
    assert 0 <= found.humanity <= 1 >= found.both_found >= 0
    assert found.fresh_humanity > 0.7


def test_the_same_names_are_drawn_the_same_by_other_kernels(generator):
    path = str(ROOT / "models" / "pg_gan" / "utk-64.npz")
    assert names.difference(generator, path, 12, 2, 0) < 1e-3


def test_after_kill_9_the_wall_is_whole(tmp_path):
    found = crashes.killed(tmp_path / "wall.sqlite", 6, 12, 0, iter)
    assert (found.kills, found.whole, found.lost) == (6, 6, 0)


def test_a_wall_with_a_hole_and_a_birth_that_was_lost_are_found(tmp_path, monkeypatch):
    """The positive control: a colony that tells of births before they are kept, and forgets a cell."""
    monkeypatch.setattr(crashes, "LONGEST", 2.0)  # in which one of the three tells of a birth on any machine
    monkeypatch.setattr(Colony, "born", lambda self, creature: None)
    settle = Colony.settle
    monkeypatch.setattr(Colony, "settle", lambda self, creatures: settle(self, creatures[1:]))
    found = crashes.killed(tmp_path / "wall.sqlite", 3, 12, 0, iter)
    assert found.whole == 0
    assert found.lost > 0


class Clockwork:
    """A scene with a birth every `period` seconds, and a picture that takes `held` once."""

    def __init__(self, watch, period, held=0.0):
        self.watch, self.period, self.held, self.begun, self.births = watch, period, held, None, 0
        self.pictures = 0

    def draw(self, seen, now):
        self.begun = now if self.begun is None else self.begun
        self.births = int((now - self.begun) / self.period)
        with self.watch("compose"):
            pace.time.sleep(self.held if self.pictures == 10 else 0.001)
        self.pictures += 1
        return Picture(np.zeros((2, 2, 3), np.uint8))

    def report(self):
        return {"births": self.births}


class Time:
    """A clock that only moves when somebody sleeps."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now

    perf_counter = thread_time = monotonic

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Time()
    monkeypatch.setattr(pace, "time", clock)
    wait = pace.Pace
    monkeypatch.setattr(pace, "Pace", lambda rate: wait(rate, clock.monotonic, clock.sleep))
    return clock


def test_the_clock_is_measured(clock):
    watch = pace.Stopwatch()
    found = pace.paced(Clockwork(watch, 1.0), watch, 5.5, iter)
    assert found.births == 5
    assert max(abs(period - 1000) for period in found.period_ms) < 20
    assert found.gaps == 0
    assert abs(found.drift_ms) < 20


def test_a_slow_clock_and_a_held_picture_are_found(clock):
    watch = pace.Stopwatch()
    found = pace.paced(Clockwork(watch, 1.2, held=0.1), watch, 5.5, iter)
    assert found.period_ms[1] > 1150
    assert found.gaps == 1
    assert found.longest_gap > 5
    assert found.drawn_ms == pytest.approx(100)


def test_a_walk_of_the_collector_is_found():
    with pace.Walks() as walks:
        gc.collect()
    assert walks.longest > 0
    assert walks._told not in gc.callbacks


def test_figures_take_their_place_in_the_page_and_nothing_else_changes(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(f"before\n\n{page.BEGIN}\nold\n{page.END}\nafter\n")
    page.put(path, page.of_names(2e-6, 12), "On a machine.")
    text = path.read_text()
    assert text.startswith("before\n\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| 1e-3 | 2e-06 |" in text
    page.put(path, page.of_crashes(crashes.Crashes(10, 9, 1, 70)), "On a machine.")
    text = path.read_text()
    assert "9 of 10" in text
    assert "| 1e-3 | 2e-06 |" in text, "what was not measured again stays"
    assert "another day" in text
    page.put(path, page.of_crashes(crashes.Crashes(20, 20, 0, 99)) + page.of_names(3e-6, 5), "On a machine.")
    text = path.read_text()
    assert text.count("kill -9") == text.count("same name") == 1
    assert "20 of 20" in text
    assert "another day" not in text
    path.write_text("no place")
    with pytest.raises(ValueError, match="no place for figures"):
        page.put(path, [], "")


def test_the_page_that_ships_has_a_place_for_figures():
    text = (ROOT / "docs" / "creatures.md").read_text()
    assert text.index(page.BEGIN) < text.index(page.END)


def test_the_command_kills_and_says_what_it_found():
    said = subprocess.run(
        [sys.executable, str(SCRIPT), "--only", "crashes", "--kills", "2", "--cells", "12"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "2 of 2" in said.stdout


@pytest.mark.parametrize("seconds", ["1", "-3600", "nan"])
def test_a_clock_that_is_not_watched_for_long_enough_is_refused(seconds, capsys):
    spec = importlib.util.spec_from_file_location("evaluate_creatures", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    with pytest.raises(SystemExit):
        script.arguments([f"--seconds={seconds}"])
    assert "--seconds: 5 or more" in capsys.readouterr().err


def test_a_population_is_taken_up_from_a_file_as_it_was(tmp_path):
    population = Population.new(12, 0)
    with Colony(tmp_path / "wall.sqlite") as colony:
        colony.settle([Creature.of(being, cell) for cell, being in enumerate(population.beings)])
        alive = {one.cell: one for one in colony.alive()}
    again = Population.resumed(alive, 12, 0)
    assert [one.name for one in again.beings] == [one.name for one in population.beings]
    assert again.next().being.name == population.next().being.name
