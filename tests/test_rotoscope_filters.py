"""Which filter paints: the one that is asked for, the schedule's in turn, and what happens where one cannot be used."""

import threading

import numpy as np
import pytest
from rotoscope_parts import Tint, Wall, colour, shelf
from viewer_parts import face

from narcissus.scenes.rotoscope import RotoscopeSettings
from narcissus.scenes.rotoscope.programme import Programme, Start, turn_at


def test_one_filter_leads_into_the_next_without_a_jump():
    wall = Wall(filter="blue")
    wall.live(3.0, [face()])
    wall.tune(filter="red", fade=2.0)
    before = len(wall.pictures)
    wall.live(3.0, [face()])
    reds = [colour(picture)[0] for picture in wall.pictures[before:]]
    assert reds[0] < 20
    assert reds[30] == pytest.approx(128, abs=20)
    assert reds[-1] == 255
    assert max(np.diff(reds)) <= 8


def test_a_collection_takes_turns_for_ever():
    schedule = [{"filter": "blue", "minutes": 0.1}, {"filter": "green", "minutes": 0.05}]
    settings = RotoscopeSettings(schedule=schedule, fade=0.0)
    assert [turn_at(settings.schedule, s) for s in (0, 5.9, 6.1, 8.9, 9.1, 16)] == ["blue"] * 2 + ["green"] * 2 + [
        "blue",
        "green",
    ]
    programme = Programme(shelf(), Start())
    names = [programme.at(settings, 50.0 + s)[0][0].name for s in (0, 7, 10)]
    assert names == ["blue", "green", "blue"]
    asked = settings.model_copy(update={"filter": "red"})
    assert programme.at(asked, 61.0)[0][0].name == "red", "a filter that is named goes before the schedule"


def test_viewer_and_dream_are_painted_in_the_same_filter_whoever_came_first():
    wall = Wall(schedule=[{"filter": name, "minutes": 0.1} for name in ("blue", "green")])
    seen = [colour(wall.live(seconds, faces)) for seconds, faces in [(4, ()), (4, [face()]), (8, ()), (3, [face()])]]
    assert seen == [(0, 0, 255), (0, 255, 0), (0, 0, 255), (0, 255, 0)]


def test_after_a_long_absence_no_filter_from_long_ago_fades():
    programme, settings = Programme(shelf(), Start()), RotoscopeSettings(filter="blue", fade=2.0)
    programme.at(settings, 0.0)
    shares = programme.at(settings.model_copy(update={"filter": "red"}), 100.0)
    assert [(one.name, share) for one, share in shares] == [("red", 1.0)]


def test_a_change_within_a_change_waits_for_its_end():
    programme, settings = Programme(shelf(), Start()), RotoscopeSettings(filter="blue", fade=4.0)
    programme.at(settings, 0.0)
    for now in np.arange(1.0, 12.0, 0.1):
        name = "red" if now < 3 else "green"
        shares = {one.name: share for one, share in programme.at(settings.model_copy(update={"filter": name}), now)}
        assert sum(shares.values()) == pytest.approx(1)
        assert ("green" in shares) == (now > 5.05)
    assert shares == {"green": 1.0}


def test_a_filter_that_is_not_there_is_said_and_the_one_before_it_stays(caplog):
    wall = Wall(filter="blue")
    wall.live(2.0, [face()])
    wall.tune(filter="no-such")
    wall.shelf._helper.shutdown(wait=True)
    assert colour(wall.live(1.0, [face()])) == (0, 0, 255)
    assert "no-such: no such filter" in caplog.text


@pytest.mark.parametrize("fault", [PermissionError("no such right"), MemoryError(), ZeroDivisionError("a bug")])
def test_whatever_keeps_a_filter_from_loading_is_said_in_one_line(caplog, fault):
    filters = shelf(more=())

    def load(name):
        raise fault

    filters._load = load
    filters.want(["green"])
    filters._helper.shutdown(wait=True)
    assert filters.refuses("green")
    assert [line for line in caplog.messages if f"green: {type(fault).__name__}" in line] == caplog.messages != []


@pytest.mark.parametrize("before", ["auto", "red"])
def test_a_filter_that_cannot_be_used_is_not_shown_as_the_one_that_paints(before):
    """The setting goes back to what it was, and may be tried again."""
    wall = Wall(filter=before)
    wall.live(0.1)
    asked = ("scenes.rotoscope.filter", before)
    for _ in range(2):
        held = threading.Event()
        wall.shelf._helper.submit(held.wait, 20)
        wall.tune(filter="no-such")
        wall.live(0.1)
        assert wall.asked == [], "it is not known yet"
        held.set()
        wall.shelf._helper.submit(lambda: None).result()
        wall.live(0.1)
        assert set(wall.asked) == {asked}
        wall.asked.clear()
        wall.tune(filter=before)
        wall.live(0.1)
        assert wall.asked == []


def test_before_anybody_came_a_schedule_of_filters_that_are_not_there_changes_nothing():
    programme = Programme(shelf(), Start())
    settings = RotoscopeSettings(schedule=[{"filter": "sunflowers"}])
    assert [(one.name, share) for one, share in programme.at(settings, 0.0)] == [("blue", 1)]


def test_a_filter_that_answers_nan_is_said_as_well(caplog):
    filters = shelf(more=())
    broken = Tint("green")
    broken.fails = 1
    filters._load = lambda name: broken
    filters.want(["green"])
    filters._helper.shutdown(wait=True)
    assert filters.get("green") is None
    assert "answered NaN" in caplog.text


def test_a_filter_that_is_named_while_the_wall_runs_is_loaded_beside_it():
    wall = Wall(filters=shelf(more=()), filter="blue")
    wall.live(2.0, [face()])
    wall.tune(filter="red")
    wall.shelf._helper.shutdown(wait=True)
    assert colour(wall.live(1.0, [face()])) == (255, 0, 0)
