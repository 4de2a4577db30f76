"""Who somebody is grows firm: the first moments count, one odd frame does not."""

import numpy as np
import pytest

from narcissus.scenes.mirror.evidence import FIRM, LONGEST, Evidence


def shown(evidence: Evidence, values, seconds: float, clearness: float = 1.0, start: float = 0.0) -> None:
    for step in range(round(seconds * 30)):
        evidence.add(np.array(values, float), clearness, start + step / 30)


def test_the_mean_is_of_all_that_was_clear():
    evidence = Evidence()
    shown(evidence, [1.0, 4.0], 1.0)
    shown(evidence, [3.0, 4.0], 1.0, start=1.0)
    assert evidence.mean == pytest.approx([2.0, 4.0], abs=0.05)


def test_a_firm_mean_is_not_moved_by_an_odd_frame_and_a_new_one_is():
    new, firm = Evidence(), Evidence()
    shown(new, [0.0], 0.1)
    shown(firm, [0.0], 10.0)
    for one, now in ((new, 0.1), (firm, 10.0)):
        one.add(np.array([1.0]), 1.0, now)
    assert new.mean[0] > 0.15
    assert firm.mean[0] < 0.01


def test_what_is_seen_without_confidence_hardly_counts():
    evidence = Evidence()
    shown(evidence, [0.0], 1.0)
    shown(evidence, [1.0], 1.0, clearness=0.0, start=1.0)
    assert evidence.mean[0] < 0.05


def test_a_change_for_good_is_followed_in_the_end():
    evidence = Evidence()
    shown(evidence, [0.0], 60.0)
    shown(evidence, [1.0], 2 * LONGEST, start=60.0)
    assert evidence.mean[0] > 0.8


def test_unknown_numbers_wait_until_they_are_known():
    evidence = Evidence()
    shown(evidence, [1.0, np.nan], 1.0)
    assert np.isnan(evidence.mean[1])
    shown(evidence, [1.0, 7.0], 0.1, start=1.0)
    assert evidence.mean == pytest.approx([1.0, 7.0])


def test_it_is_firm_soon_and_asks_for_less_and_less():
    evidence = Evidence()
    asked = []
    for step in range(600):
        evidence.add(np.zeros(1), 1.0, step / 30)
        assert evidence.is_firm() == (evidence.seconds >= FIRM)
        asked.append(evidence.is_due())
    assert asked[0]
    assert sum(asked[:60]) > 3 * sum(asked[300:360])
