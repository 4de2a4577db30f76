"""Keys, presets and the saved file turn one value each, at once; what cannot be taken up is one line."""

import logging
import os
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
from conftest import ROOT

from narcissus.app.settings import LIVE, Settings, checked, flat, load, tuned
from narcissus.app.tuning import Tuning
from narcissus.app.tuning.file import GONE, SettingsFile
from narcissus.app.tuning.slots import Slots
from narcissus.app.tuning.tuning import RESTED
from narcissus.core.errors import ConfigError
from narcissus.core.journal import Journal
from narcissus.core.types import Frame
from narcissus.people import FaceFinder

PRESETS = """
presets:
  bold: {scenes: {mirror: {exaggeration: 1.8, calm: 0.1}}}
  quiet: {scenes: {mirror: {exaggeration: 0.4}}}
"""


@pytest.fixture(autouse=True)
def journal(caplog):
    caplog.set_level(logging.INFO, "narcissus")
    return lambda: [record.message for record in caplog.records if record.name == "narcissus"]


class Table:
    """A mirror's settings file, and the Tuning that watches it; every look at the file is asked for."""

    def __init__(self, folder, text="scenes: {mirror: {exaggeration: 1.0}}\n"):
        self.path, self.said, self.now, self.written = folder / "config.yaml", [], 0.0, 0
        self.write(text)
        self.journal = Journal()
        self.file = SettingsFile(self.path, lambda: load(self.path), self.journal)
        self.tuning = Tuning(load(self.path), self.journal, file=self.file, say=self.said.append)
        self.look(2)

    def look(self, times):
        for _ in range(times):
            self.file.look()
        return self.press()

    def save(self, text):
        self.write(text)
        return self.look(2)

    def write(self, text):
        """A second after it was written before: a coarse clock gives two writes the same time."""
        self.path.write_text(text)
        self.written += 1
        os.utime(self.path, ns=(0, self.written * 10**9))

    def press(self, *keys, after=0.1):
        self.now += after
        return self.tuning.turn(self.tuning.hear(list(keys)), self.now)

    @property
    def settings(self):
        return self.tuning.settings


@pytest.fixture
def table(tmp_path):
    return Table(tmp_path)


def test_the_keys_turn_the_exaggeration_within_its_range_and_say_so_on_the_wall(table):
    assert table.press("more").scenes.mirror.exaggeration == 1.1
    assert table.said == ["exaggeration 1.1"]
    table.press(*["more"] * 30)
    assert table.settings.scenes.mirror.exaggeration == 2.0
    assert table.press("more") is None, "at its end nothing changes"
    table.press(*["less"] * 30)
    assert table.settings.scenes.mirror.exaggeration == 0.0


def test_what_is_saved_in_the_file_is_taken_up_with_one_line(table, journal):
    changed = table.save("scenes: {mirror: {exaggeration: 0.5, calm: 0.9}}\n")
    assert (changed.scenes.mirror.exaggeration, changed.scenes.mirror.calm) == (0.5, 0.9)
    assert journal() == ["settings: scenes.mirror.exaggeration 1.0 → 0.5; scenes.mirror.calm 0.5 → 0.9"]
    assert table.look(5) is None


def test_what_cannot_change_at_once_is_named_and_stays_until_the_next_start(table, journal):
    table.save("source: demo\ncamera: {fps: 60}\nscenes: {mirror: {exaggeration: 0.5}}\n")
    assert journal() == ["settings: scenes.mirror.exaggeration 1.0 → 0.5; at the next start: source, camera.fps"]
    assert (table.settings.source, table.settings.camera.fps) == ("camera", 30)


def test_a_broken_file_is_one_line_and_the_mirror_goes_on_with_what_it_had(table, journal):
    assert table.save("scenes: {mirror: {exaggeration: much}}\n") is None
    table.look(20)
    assert len(journal()) == 1
    assert "line 1: 'scenes.mirror.exaggeration' should be a number, not 'much'; the mirror goes on" in journal()[0]
    table.save("scenes: {mirror: {exagerration: 1.0}}\n")
    assert "did you mean 'exaggeration'" in journal()[1], "each broken version has its line"
    assert table.save("scenes: {mirror: {exaggeration: 0.7}}\n").scenes.mirror.exaggeration == 0.7
    assert journal()[2:] == ["settings: well again", "settings: scenes.mirror.exaggeration 1.0 → 0.7"]


def test_a_file_is_read_when_it_is_whole(table, journal):
    table.path.write_text("scenes: {mirror: {exaggeration: 0.")
    table.look(1)
    table.path.write_text("scenes:\n  mirror: {exaggeration: 0.3}\nfram")
    table.look(1)
    table.path.write_text("scenes: {mirror: {exaggeration: 0.3, calm: 0.2}}\n")
    assert table.look(1) is None
    assert table.look(1).scenes.mirror.calm == 0.2
    assert len(journal()) == 1, "nothing was said of the halves"


def test_an_empty_moment_is_no_version(table, journal):
    table.path.write_text("")
    assert table.look(GONE - 1) is None
    assert journal() == []
    table.look(20)
    assert [line.split("; ")[-1] for line in journal()] == ["the mirror goes on with what it had"]
    assert table.save("scenes: {mirror: {exaggeration: 0.6}}\n").scenes.mirror.exaggeration == 0.6


def test_a_file_that_was_gone_and_comes_back_as_it_was_is_well_again(table, journal, tmp_path):
    away = table.path.rename(tmp_path / "away")
    table.look(GONE)
    assert "settings" in table.journal.faults
    away.rename(table.path)
    table.look(2)
    assert table.journal.faults == {}
    assert journal()[1:] == ["settings: well again"]


@pytest.mark.parametrize("how", ["replace", "remove and create"])
def test_an_editor_may_put_another_file_in_its_place(table, tmp_path, how):
    new = tmp_path / "config.yaml~"
    new.write_text("scenes: {mirror: {exaggeration: 0.2}}\n")
    if how == "remove and create":
        table.path.unlink()
        table.look(2)
    os.replace(new, table.path)
    assert table.look(2).scenes.mirror.exaggeration == 0.2


def test_the_same_size_and_time_in_another_file_is_another_version(table, tmp_path):
    new = tmp_path / "new"
    new.write_text("scenes: {mirror: {exaggeration: 0.2}}\n")
    shutil.copystat(table.path, new)
    os.replace(new, table.path)
    assert table.look(2).scenes.mirror.exaggeration == 0.2


def test_a_file_saved_while_it_is_read_is_read_again(table):
    read, halves = table.file._read, [table.path]

    def saved_meanwhile():
        found = read()
        if halves:
            halves.pop().write_text("scenes: {mirror: {exaggeration: 0.9}}\n")
        return found

    table.file._read = saved_meanwhile
    assert table.save("scenes: {mirror: {exaggeration: 0.8}}") is None
    assert table.look(2).scenes.mirror.exaggeration == 0.9


def test_what_was_saved_while_the_mirror_was_loading_is_taken_up(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("scenes: {mirror: {exaggeration: 1.0}}\n")
    settings = load(path)
    path.write_text("scenes: {mirror: {exaggeration: 0.4}}\n")
    file = SettingsFile(path, lambda: load(path), Journal())
    tuning = Tuning(settings, Journal(), file=file)
    file.look()
    file.look()
    assert tuning.turn([], 0.0).scenes.mirror.exaggeration == 0.4


def test_the_file_takes_back_only_what_was_changed_in_it(table):
    table.press("more")
    table.save("scenes: {mirror: {exaggeration: 1.0, calm: 0.9}}\n")
    assert (table.settings.scenes.mirror.exaggeration, table.settings.scenes.mirror.calm) == (1.1, 0.9)
    table.save("scenes: {mirror: {exaggeration: 0.3, calm: 0.9}}\n")
    assert table.press("more").scenes.mirror.exaggeration == 0.4, "the keys go on from what the file says"


def test_a_preset_changes_what_it_names_and_its_name_stands_on_the_wall(tmp_path):
    table = Table(tmp_path, "scenes: {mirror: {calm: 0.8}}\n" + PRESETS)
    changed = table.press("preset 1")
    assert (changed.scenes.mirror.exaggeration, changed.scenes.mirror.calm) == (1.8, 0.1)
    changed = table.press("preset 2")
    assert (changed.scenes.mirror.exaggeration, changed.scenes.mirror.calm) == (0.4, 0.1)
    assert table.press("preset 7") is None
    assert table.said == ["bold", "quiet", "there is no preset 7"]


def test_presets_are_taken_up_when_they_are_saved(tmp_path, journal):
    table = Table(tmp_path)
    table.save("scenes: {mirror: {exaggeration: 1.0}}\n" + PRESETS)
    assert journal() == ["settings: presets"]
    assert table.press("preset 2").scenes.mirror.exaggeration == 0.4


PRESET, NAMED = "{bold: {scenes: {mirror: {%s}}}}", "presets.bold.scenes.mirror"
BROKEN = [
    (PRESET % "exaggeration: 7", f"line 1: '{NAMED}.exaggeration' should be less than or equal to 2, not 7"),
    (PRESET % "clam: 0.1", f"unknown setting '{NAMED}.clam'; did you mean 'calm'?"),
    (PRESET % "exagerration: 1.0", f"unknown setting '{NAMED}.exagerration'; did you mean 'exaggeration'?"),
    ("{bold: {motion: {calm: 0.1}}}", "'presets.bold.motion' has moved; write scenes.mirror.calm"),
    ("{bold: {scenes: {miror: {}}}}", "unknown setting 'presets.bold.scenes.miror'; did you mean 'mirror'?"),
    ("{bold: {source: demo}}", "line 1: 'source' of the preset 'bold' cannot change while the mirror runs"),
    ("{bold: loud}", "'presets.bold' should be"),
    ("[bold]", "'presets' should be a dictionary"),
    ("{'': {}}", "should have names of 1 to 40 letters"),
    ("{" + ", ".join(f"p{n}: {{}}" for n in range(10)) + "}", "should hold no more than 9"),
]


@pytest.mark.parametrize(("presets", "said"), BROKEN)
def test_a_broken_preset_is_refused_at_start_and_one_line_while_running(tmp_path, journal, presets, said):
    table = Table(tmp_path)
    assert table.save(f"presets: {presets}\n") is None
    assert len(journal()) == 1
    assert said in journal()[0]
    with pytest.raises(ConfigError) as refused:
        load(table.path)
    assert said in str(refused.value)


def test_the_journal_says_what_keys_turned_once_they_rest(table, journal):
    for _ in range(5):
        table.press("more")
    assert journal() == []
    table.press(after=RESTED)
    table.press(after=RESTED)
    assert journal() == ["settings: scenes.mirror.exaggeration 1.0 → 1.5"]
    table.press("more")
    table.press("less")
    table.press(after=RESTED)
    assert len(journal()) == 1, "there and back is nothing"


def test_a_key_that_freezes_says_what_it_means(table):
    assert table.tuning.hear(["freeze", "quit"]) == ["freeze", "quit"]
    assert table.tuning.hear(["freeze"]) == ["thaw"]
    assert table.tuning.hear(["freeze", "freeze"]) == ["freeze", "thaw"]


def test_a_slot_holds_the_newest_value_of_each_name_in_the_order_of_change():
    slots = Slots()
    for name, value in [("a", 1), ("b", 2), ("a", 3)]:
        slots.put(name, value)
    assert list(slots.take().items()) == [("b", 2), ("a", 3)]
    assert slots.take() == {}


@pytest.mark.parametrize("name", LIVE)
def test_every_live_setting_can_be_checked_and_tuned(name):
    settings = Settings()
    value = flat(settings)[name]
    assert checked(name, value) == value
    assert tuned(settings, {name: value}) == settings
    with pytest.raises(ConfigError, match=f"'{name}' should"):
        checked(name, [None])


def test_tuned_settings_differ_in_nothing_else():
    settings = Settings()
    other = tuned(settings, {"scenes.mirror.calm": 0.9, "scenes.mirror.exaggeration": 0.1})
    changed = {name for name, value in flat(other).items() if value != flat(settings)[name]}
    assert changed == {"scenes.mirror.calm", "scenes.mirror.exaggeration"}
    assert settings == Settings()


def test_a_thread_that_dies_is_not_passed_over(tmp_path):
    table = Table(tmp_path)
    table.file._read = lambda: 1 / 0
    table.path.write_text("scenes: {mirror: {exaggeration: 0.1}}\n")
    (worker,) = table.tuning._workers
    worker._step = table.file.look  # without its pauses
    with table.tuning:
        while worker.alive:
            time.sleep(0.001)
        with pytest.raises(ZeroDivisionError):
            table.press()


def test_nothing_is_watched_heard_or_loaded_where_nothing_is_asked_for():
    code = (
        "import sys, threading; from narcissus.app.settings import Settings;"
        "from narcissus.core.journal import Journal;"
        "from narcissus.app.tuning import Tuning;\n"
        "with Tuning.open(Settings(), Journal(), None, Settings) as tuning:\n"
        "    print(tuning.turn(tuning.hear([]), 0.0), threading.active_count(), 'pythonosc' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["None", "1", "False"]


def test_a_tuned_reach_searches_the_next_frame_accordingly():
    finder = FaceFinder(reach=1.0)
    empty = np.zeros((720, 1280, 3), np.uint8)
    finder.find(Frame(empty, 0.0))
    near = len(finder._search._tiles)
    finder.reach = 3.0
    finder.find(Frame(empty, 0.1))
    assert len(finder._search._tiles) > near
