"""One row for one face: everything in its named place, and NaN for what is not known."""

from types import SimpleNamespace

import numpy as np

from narcissus.features.portrait import COLUMNS, EXPRESSIONS, GROUPS, portray
from narcissus.features.spatial import MEAN_SHAPE, normalise, pose

LANDMARKS = (MEAN_SHAPE * 60 + 100).astype(np.float32)
RNG = np.random.default_rng(0)
IMAGE = RNG.integers(0, 255, (200, 200, 3), np.uint8)


def test_every_column_has_its_name_and_its_group():
    row = portray(IMAGE, LANDMARKS)
    assert row.dtype == np.float32
    assert len(row) == len(COLUMNS) == len(set(COLUMNS))
    covered = [i for group in GROUPS.values() for i in range(len(COLUMNS))[group]]
    assert covered == list(range(len(COLUMNS)))
    assert np.array_equal(row[GROUPS["shape"]], normalise(LANDMARKS).ravel())
    assert np.array_equal(row[GROUPS["pose"]], pose(LANDMARKS))


def test_guesses_that_were_not_made_are_not_known():
    assert np.isnan(portray(IMAGE, LANDMARKS)[GROUPS["guesses"]]).all()


def test_guesses_stand_under_their_names():
    expression = dict(zip(EXPRESSIONS, (0.1, 0.6, 0.2, 0.1), strict=True))
    row = portray(IMAGE, LANDMARKS, SimpleNamespace(age=41.0, female=0.25, expression=expression))
    assert row[COLUMNS.index("age")] == 41
    assert row[COLUMNS.index("female")] == np.float32(0.25)
    assert row[COLUMNS.index("happiness")] == np.float32(0.6)


def test_the_guesses_are_those_that_the_attributes_make():
    from narcissus.networks import attributes

    assert tuple(attributes.EXPRESSIONS) == EXPRESSIONS


def test_a_grey_picture_leaves_only_the_colours_open():
    grey = np.repeat(IMAGE[..., :1], 3, axis=2)
    row = portray(grey, LANDMARKS)
    assert np.isnan(row[GROUPS["colour"]]).all()
    assert np.isfinite(row[: GROUPS["colour"].start]).all()
