"""A wall that stands still is said in the journal, whoever is to blame."""

from dataclasses import replace

import numpy as np
import pytest

from narcissus.app.wall_watch import SILENT, STILL, WallWatch
from narcissus.core.journal import Journal
from narcissus.core.types import Picture


@pytest.fixture
def journal():
    return Journal()


def picture(value, answers=0.0):
    return Picture(np.full((16, 16, 3), value, np.uint8), answers=answers)


def shown(watch, pictures, rate=10.0):
    for number, one in enumerate(pictures):
        watch.presented(one, number / rate)
        watch.look()


def seconds(count, rate=10.0):
    return round(count * rate)


def test_a_display_that_hangs_is_noticed_by_another_thread(journal):
    now = [0.0]
    watch = WallWatch(journal, clock=lambda: now[0])
    watch.presented(picture(1), 0.0)
    watch.look()
    assert not journal.faults
    now[0] = SILENT
    watch.look()
    assert "no picture" in journal.faults["wall"]


def test_the_same_picture_before_somebody_is_a_fault_even_where_it_is_copied(journal):
    watch = WallWatch(journal, clock=lambda: 0.0)
    shown(watch, [picture(7) for _ in range(seconds(STILL) + 2)])
    assert "same picture" in journal.faults["wall"]
    assert "body" not in journal.faults["wall"], "whether anybody was there is not for a journal"
    watch.presented(picture(8), STILL + 1)
    watch.look()
    assert not journal.faults


def test_nobody_or_a_picture_frozen_on_purpose_may_stand_still(journal):
    watch = WallWatch(journal, clock=lambda: 0.0)
    shown(watch, [replace(picture(7), answers=None)] * (seconds(STILL) + 2))
    watch.obey("freeze")
    shown(watch, [picture(7)] * (seconds(STILL) + 2))
    assert not journal.faults
