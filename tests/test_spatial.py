"""Geometry: what moving, scaling and turning a face changes, what it does not, and that names mean what they say."""

import numpy as np
import pytest
from sklearn.base import clone

from narcissus.features.greedy import forward
from narcissus.features.spatial import (
    COORDINATE_NAMES,
    DISPLACEMENT_NAMES,
    DISPLACEMENTS,
    FORMS,
    MEAN_SHAPE,
    POINT_NAMES,
    GreedyFeatures,
    forms,
    log_distances,
    normalise,
    pose,
)
from narcissus.features.spatial.shape import _MEAN

# Which point each becomes in the mirror.
MIRROR = np.r_[16:-1:-1, 26:16:-1, 27:31, 35:30:-1, 45:41:-1, 47:45:-1, 39:35:-1, 41:39:-1]
MIRROR = np.r_[MIRROR, 54:47:-1, 59:54:-1, 64:59:-1, 67:64:-1]


def turned(yaw=0.0, pitch=0.0):
    """The mean face, its head turned, seen from far away."""
    y, p = np.radians([yaw, pitch])
    around_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    around_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    return (_MEAN @ (around_y @ around_x).T)[:, :2].astype(np.float32)


def test_place_size_and_tilt_do_not_count():
    rng = np.random.default_rng(0)
    face = MEAN_SHAPE + 0.02 * rng.standard_normal((68, 2))
    tilt = np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
    assert normalise(40 * face @ tilt.T + [300, 200]) == pytest.approx(normalise(face), abs=1e-4)


def test_the_mean_face_is_the_unit():
    assert np.linalg.norm(MEAN_SHAPE[36] - MEAN_SHAPE[45]) == pytest.approx(1, abs=1e-3)
    assert normalise(MEAN_SHAPE) == pytest.approx(MEAN_SHAPE, abs=1e-3)
    assert MEAN_SHAPE[MIRROR] * [-1, 1] == pytest.approx(MEAN_SHAPE, abs=1e-3)


def test_points_that_coincide_have_no_shape():
    assert np.isnan(normalise(np.full((68, 2), 7.0))).all()


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (20, 0), (-35, 0), (0, 15), (0, -15), (25, 10)])
def test_the_turn_of_the_head_is_read_in_degrees(yaw, pitch):
    assert pose(turned(yaw, pitch) * 100)[:2] == pytest.approx([yaw, pitch], abs=2)


def test_tilting_the_head_is_roll_and_nothing_else():
    tilt = np.radians(12)
    around = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    assert pose(turned(15) @ around.T)[2] - pose(turned(15))[2] == pytest.approx(12, abs=0.1)
    assert pose(turned(15) @ around.T)[0] == pytest.approx(pose(turned(15))[0], abs=0.1)


def test_a_mouth_that_opens_and_an_eye_that_shuts_are_seen():
    face = MEAN_SHAPE.copy()
    face[[65, 66, 67], 1] += 0.2
    face[[37, 38], 1] = face[[41, 40], 1]
    before, after = forms(MEAN_SHAPE), forms(face)
    assert after[FORMS.index("mouth inside aspect")] > before[FORMS.index("mouth inside aspect")] + 0.2
    assert after[FORMS.index("eye left aspect")] < 0.1 * before[FORMS.index("eye left aspect")]
    assert after[FORMS.index("eye right aspect")] == before[FORMS.index("eye right aspect")]


def test_there_are_4556_displacements_and_each_is_what_its_name_says():
    assert len(DISPLACEMENTS) == len(set(DISPLACEMENT_NAMES)) == 4556
    shape = np.random.default_rng(1).standard_normal((68, 2))
    values = DISPLACEMENTS.of(shape.reshape(1, 136))[0]
    index = DISPLACEMENT_NAMES.index("chin – mouth corner left, y")
    assert values[index] == shape[POINT_NAMES.index("chin"), 1] - shape[POINT_NAMES.index("mouth corner left"), 1]
    assert COORDINATE_NAMES[17] == "chin, y"


def test_log_distances_are_logarithms_of_distances():
    pairs = np.array([[36, 45], [0, 16]])
    expected = [np.log(np.linalg.norm(MEAN_SHAPE[a] - MEAN_SHAPE[b])) for a, b in pairs]
    assert log_distances(MEAN_SHAPE, pairs) == pytest.approx(expected, abs=1e-5)
    assert np.isfinite(log_distances(np.zeros((68, 2)))).all()


@pytest.fixture(scope="module")
def rows():
    """400 made-up faces whose targets are a displacement, a log-distance, a form and one further column."""
    rng = np.random.default_rng(5)
    shapes = MEAN_SHAPE + 0.04 * rng.standard_normal((400, 68, 2)).astype(np.float32)
    further = rng.standard_normal((400, 3)).astype(np.float32)
    rows = np.hstack([shapes.reshape(400, 136), further])
    noise = 0.1 * rng.standard_normal((400, 4))
    told = [
        shapes[:, 8, 1] - shapes[:, 48, 1],
        log_distances(shapes, np.array([[36, 45]]))[:, 0],
        forms(shapes)[:, 3],
        further[:, 1],
    ]
    targets = np.stack([(t - t.mean()) / t.std() for t in told], axis=1)
    return rows, targets + noise


def selector(**changes):
    return GreedyFeatures(
        **{"columns": (136, 137, 138), "names": ("one", "two", "three"), "limit": 8, "folds": 2} | changes
    )


def test_what_was_told_is_found_whatever_kind_it_is(rows):
    """A second's work: the Gram matrix of 2,429 columns."""
    features = selector().fit(*rows)
    assert {"chin – mouth corner left, y", "two", "mouth inside aspect"} <= set(features.names_[:4])
    assert "log distance eye left outer corner – eye right outer corner" in features.names_[:6]
    assert set(features.pools_[:4]) >= {"displacements", "forms", "columns"}
    assert list(features.get_feature_names_out()) == list(features.names_)


def test_a_row_is_transformed_into_the_numbers_that_were_judged(rows):
    features = selector(pools=("displacements", "columns")).fit(*rows)
    X, _ = rows
    everything = np.hstack([DISPLACEMENTS.of(X[:, :136]), X[:, 136:]])
    names = [*DISPLACEMENT_NAMES, "one", "two", "three"]
    expected = everything[:, [names.index(name) for name in features.names_]]
    assert features.transform(X) == pytest.approx(expected, abs=1e-6)


def test_selection_stops_where_more_features_say_no_more(rows):
    features = selector(pools=("columns",), tolerance=0.01).fit(*rows)
    assert features.count_ <= 2
    assert features.names_[0] == "two"
    counts, errors = features.curve_
    assert len(counts) == len(errors)
    assert errors.min() < errors[0] * 1.01


def test_it_is_a_scikit_learn_transformer(rows):
    features = selector(pools=("columns",))
    assert clone(features).get_params() == features.get_params()
    assert not hasattr(clone(features.fit(*rows)), "names_")


def test_real_faces_have_rank_132(shared):
    """Of 136 coordinates, place, size and tilt take four; selection ends by itself."""
    landmarks = np.load(shared / "faces" / "landmarks.npz")["landmarks"][:600] / 10
    shapes = normalise(landmarks).reshape(600, 136).astype(np.float64)
    centred = shapes - shapes.mean(axis=0)
    order, _ = forward(centred.T @ centred, centred.T @ centred[:, :5], DISPLACEMENTS, 200)
    assert 130 <= len(order) <= 136
