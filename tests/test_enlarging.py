"""Enlarging is measured so that what the eye minds is a number; the way that ships takes a generator's grid away."""

from itertools import pairwise

import numpy as np
import pytest

from narcissus.lab import enlarging
from narcissus.sinks.enlarge import SOFT_FROM, cubic, enlarge


def faces(count: int = 3) -> list[np.ndarray]:
    """Soft blobs with an edge through them, uint8 (224, 224, 3): in place of portraits."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:224, :224] / 224
    pictures = []
    for _ in range(count):
        shade = 90 + 60 * np.sin(x * random.uniform(2, 9)) + 40 * np.cos(y * random.uniform(2, 9))
        pictures.append(np.repeat(np.clip(shade + 50 * (x + y > 1), 0, 255).astype(np.uint8)[..., None], 3, axis=2))
    return pictures


def test_the_real_face_is_at_no_distance_from_itself_and_a_blurred_one_is():
    import cv2

    real = faces()
    assert enlarging.distance(real, real) == 0
    assert enlarging.beyond(real[0], real[0]) == 0
    blurred = [cv2.GaussianBlur(face, (0, 0), 3) for face in real]
    assert enlarging.distance(blurred, real) > 0.01
    assert enlarging.slope(blurred) < 0.9 * enlarging.slope(real)


def test_ringing_is_what_lies_beyond_the_real_face():
    real = np.full((32, 32, 3), 100, np.uint8)
    ringing = real.copy()
    ringing[:, 10] = 108
    assert enlarging.beyond(ringing, real) == pytest.approx(8 / 32)


def test_soft_takes_away_half_of_the_grid_that_cubic_keeps_and_is_no_duller():
    found = dict(enlarging.measured(faces()))
    assert found["soft"][5] < 0.6 * found["cubic"][5]
    assert found["soft"][1] >= found["cubic"][1]


def test_a_flat_picture_stays_what_it_is_to_the_last_step():
    for grey in (0, 1, 90, 128, 254, 255):
        assert (enlarge(np.full((32, 32, 3), grey, np.uint8), 32 * SOFT_FROM) == grey).all()


def test_between_two_like_faces_the_enlarged_ones_are_as_like(generator):
    """No shimmer: what is enlarged changes as what the network draws; a little more only as its edges are steeper."""
    start, aim = np.random.default_rng(0).standard_normal((2, generator.latent_size)).astype(np.float32)
    steps = [generator.render((start + share * (aim - start))[None])[0] for share in (0.0, 0.01, 0.02)]
    for first, second in pairwise(steps):
        size = 6 * first.shape[0]
        change = [np.abs(way(first, size).astype(int) - way(second, size)).mean() for way in (cubic, enlarge)]
        assert change[1] <= 1.2 * change[0]
