"""What the house asks of every network: many at once are as one by one, none is no fault, nothing depends on before."""

import numpy as np
import pytest
from conftest import ROOT

from narcissus.features.spatial import MEAN_SHAPE
from narcissus.networks.attributes import Attributes


@pytest.fixture(scope="module")
def attributes():
    return Attributes.open(ROOT / "models" / "attributes")


@pytest.fixture(scope="module")
def landmarks():
    """float32 (68, 2): the mean face in the middle of a drawn one."""
    return (MEAN_SHAPE * 22 + 32).astype(np.float32)


def latents(generator, count, seed=3):
    return np.random.default_rng(seed).standard_normal((count, generator.latent_size)).astype(np.float32)


def test_a_generator_says_what_it_is(generator):
    assert generator.name
    assert len(generator.sha256) == 64
    assert generator.latent_size > 0
    assert generator.precision


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_a_generator_draws_as_many_as_it_is_asked_for(generator, count):
    images = generator.render(latents(generator, count))
    assert images.dtype == np.uint8
    assert images.shape == (count, generator.resolution, generator.resolution, 3)
    assert images.flags["C_CONTIGUOUS"]


def test_a_generator_draws_the_same_point_the_same_alone_and_among_others(generator):
    many = latents(generator, 5)
    together = generator.render(many).astype(int)
    alone = np.stack([generator.render(one[None])[0] for one in many]).astype(int)
    assert np.abs(together - alone).max() <= 3, "but for the rounding of bfloat16"
    assert np.array_equal(generator.render(many[:1]), generator.render(many[:1]))


def test_a_generator_leaves_what_it_was_given_as_it_was(generator):
    given = latents(generator, 2)
    before = given.copy()
    first = generator.render(given)
    kept = first.copy()
    generator.render(latents(generator, 2, seed=4))
    assert np.array_equal(given, before)
    assert np.array_equal(first, kept)


def test_the_attributes_are_the_same_alone_and_among_others(attributes, drawn, landmarks):
    places = np.repeat(landmarks[None], 4, axis=0)
    together = attributes.guess_many(list(drawn[:4]), places)
    alone = np.stack([attributes.guess(image, landmarks).row() for image in drawn[:4]])
    np.testing.assert_allclose(together, alone, atol=1e-3)
    assert len({round(float(row[0]), 2) for row in together}) == 4, "and four people are not one"


def test_the_attributes_are_years_and_probabilities(attributes, drawn, landmarks):
    for image in drawn[:8]:
        guesses = attributes.guess(image, landmarks)
        assert 0 <= guesses.age <= 120
        assert 0 <= guesses.female <= 1
        assert sum(guesses.expression.values()) == pytest.approx(1, abs=1e-3)
