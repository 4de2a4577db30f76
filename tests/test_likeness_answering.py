"""The reflection's answer is measured on what is shown, and only while somebody is followed."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from narcissus.core.types import Face, Frame, Picture
from narcissus.lab.likeness.answering import answer, answered, degrees_apart, rank_correlation
from narcissus.people import find_portrait
from narcissus.scenes.mirror.seen import Seen, Shown


@pytest.fixture(scope="module")
def sitters(drawn):
    """Drawn faces in which a face is found, with what is found."""
    found = [(image, find_portrait(image)) for image in drawn[:10]]
    return [(image, face) for image, face in found if face is not None]


def played(sitters, pictures, phase="following"):
    """Each sitter, and the picture that answered."""
    for i, ((image, face), shown) in enumerate(zip(sitters, pictures, strict=True)):
        viewer = Face(face.landmarks, face.box, identity=i)
        latent = np.eye(16, dtype=np.float32)[i]
        seen = Seen(Frame(image, float(i)), (viewer,), viewer, latent)
        yield seen, Picture(shown, float(i), state=Shown(latent, phase))


def test_a_reflection_that_does_as_its_viewer_does_answers_in_full(sitters):
    figures = answered([answer(played(sitters, [image for image, _ in sitters]))])
    assert figures["yaw"] == pytest.approx(1.0)
    assert figures["mouth"] == pytest.approx(1.0)
    assert figures["moments"] == figures["people"] == len(sitters)
    assert figures["degrees_apart"] == pytest.approx(90.0)


def test_a_reflection_that_does_something_else_does_not(sitters):
    figures = answered([answer(played(sitters, [sitters[0][0]] * len(sitters)))])
    assert figures["yaw"] is None
    assert figures["mouth"] is None


def test_the_way_to_a_viewer_and_pictures_without_a_face_do_not_count(sitters):
    on_the_way = answer(played(sitters, [image for image, _ in sitters], phase="arrival"))
    faceless = answer(played(sitters, [np.zeros_like(sitters[0][0])] * len(sitters)))
    assert len(on_the_way.viewers) == len(on_the_way.latents) == 0
    assert len(faceless.viewers) == 0
    assert len(faceless.latents) == len(sitters)
    assert answered([on_the_way, faceless])["yaw"] is None


def test_rank_correlation_is_spearmans_with_ties_too():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 9, 60), rng.integers(0, 9, 60)
    assert rank_correlation(x, y) == pytest.approx(spearmanr(x, y).statistic)


def test_one_reflection_alone_is_apart_from_nobody():
    assert degrees_apart(np.ones((1, 4))) is None
