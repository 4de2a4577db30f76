"""Before it is painted, a picture is lit as those that filters learn from: dim and bright ones are painted alike."""

import numpy as np
import pytest
from style_parts import random_model

from narcissus.networks.style import Filter, Light, SlowLight
from narcissus.networks.style.light import MEAN, PACE, SPREAD


def picture(mean, spread, seed=0, shape=(64, 80)):
    drawn = np.random.default_rng(seed).normal(mean, spread, (*shape, 3))
    return np.clip(np.rint(drawn), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("mean", "spread"), [(90, 48), (150, 50), (123, 68)])
def test_a_picture_gets_the_mean_and_the_spread_that_filters_know(mean, spread):
    given = picture(mean, spread)
    lit = Light.of(given).lit(given, 1.0).reshape(-1, 3)
    assert lit.mean(0) == pytest.approx(MEAN, abs=4)
    assert lit.std(0) == pytest.approx(SPREAD, rel=0.1), "a few are as black or as white as can be"


def test_the_less_strength_the_less_is_lit():
    given = picture(80, 30)
    light = Light.of(given)
    assert light.lit(given, 0.0) is given
    changes = [np.abs(light.lit(given, share).astype(int) - given).mean() for share in (0.1, 0.5, 1.0)]
    assert changes == sorted(changes)
    assert changes[0] < 6


@pytest.mark.parametrize("level", [0, 30, 255])
def test_one_colour_stays_one_colour_and_a_night_darker_than_a_day(level):
    given = np.full((16, 16, 3), level, np.uint8)
    lit = Light.of(given).lit(given, 1.0)
    assert (lit == lit[0, 0]).all()
    assert (lit[0, 0] < MEAN).all() if level < 50 else (lit[0, 0] > MEAN).all()


def test_a_part_is_lit_as_in_the_whole():
    given = picture(60, 25)
    light = Light.of(given)
    assert np.array_equal(light.lit(given[10:30, 5:40].copy(), 0.7), light.lit(given, 0.7)[10:30, 5:40])


def test_a_filter_paints_a_photograph_in_that_light():
    painter, dim = Filter(random_model(), precision="float32", threads=2), picture(60, 25)
    lit = Light.of(dim).lit(dim, 0.7)
    assert np.array_equal(painter.paint(dim[None]), painter.apply(lit[None], 0.7))
    assert painter.paint(dim[None][:0]).shape == (0, *dim.shape)
    assert np.array_equal(painter.paint(dim[None], 0.0)[0], dim)


@pytest.mark.parametrize("rate", [10, 60])
def test_a_lamp_that_goes_on_does_not_pump(rate):
    """The light of a film is followed slowly, at any rate of pictures; after a cut it is the picture's own."""
    slow, dim, bright = SlowLight(), picture(60, 25), picture(160, 60)
    before = slow.follow(dim, 7.0).mean
    means = [slow.follow(bright, 7.0 + n / rate).mean for n in range(1, round(PACE * rate) + 1)]
    assert before == pytest.approx(Light.of(dim).mean)
    share = (means[-1] - before) / (Light.of(bright).mean - before)
    assert share == pytest.approx([1 - np.exp(-1)] * 3, abs=0.01)
    assert np.abs(means[0] - before).max() < 100 / rate / PACE + 1
    slow.forget()
    assert slow.follow(dim, 20.0).mean == pytest.approx(before)
