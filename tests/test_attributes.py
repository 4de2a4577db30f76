"""What the attributes room promises the mirror."""

import hashlib
import json
import shutil

import cv2
import numpy as np
import pytest
from conftest import ROOT

from narcissus.core.errors import ModelCorrupt, ModelMismatch
from narcissus.features.spatial import MEAN_SHAPE, normalise
from narcissus.lab.attributes.portraits import HELD_OUT, read
from narcissus.networks.attributes import EXPRESSIONS, NAMES, Attributes, store
from narcissus.networks.attributes.crop import ANCHORS, SIZE, aligned, similarity
from narcissus.networks.attributes.expression import ExpressionReader, softmax
from narcissus.store import sidecar_of

FOLDER = ROOT / "models" / "attributes"
# The mark-up seen in a mirror: the jaw backwards, left and right brows, eyes, and lips changed over.
MIRRORED = np.r_[
    16:-1:-1, 26:16:-1, 27:31, 35:30:-1, 45:41:-1, 47, 46, 39:35:-1, 41, 40, 54:47:-1, 59:54:-1, 64:59:-1, 67:64:-1
]


@pytest.fixture(scope="module")
def attributes():
    return Attributes.open(FOLDER)


@pytest.fixture
def landmarks():
    """The mean face where a drawn portrait of 64 px has its own: float32 (68, 2)."""
    return MEAN_SHAPE * 34.5 + (31.5, 33.0)


@pytest.fixture
def folder(tmp_path):
    """A copy of the model that a test may spoil."""
    return shutil.copytree(FOLDER, tmp_path / "attributes")


def vouch(folder):
    """Make the sidecar agree with the bytes that lie there."""
    sidecar, data = sidecar_of(folder / store.ARRAYS), (folder / store.ARRAYS).read_bytes()
    facts = json.loads(sidecar.read_text()) | {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    sidecar.write_text(json.dumps(facts))


def respell(folder, change):
    """Store the arrays anew as `change` leaves them, with a sidecar that agrees."""
    parts = {
        part: {name: array.copy() for name, array in members.items()} for part, members in store.load(folder).items()
    }
    change(parts)
    store.save(folder, parts, name="respelt", licence="none", command="none", figures={})


def test_guesses_are_years_and_probabilities(attributes, drawn, landmarks):
    rows = attributes.guess_many(drawn, np.stack([landmarks] * len(drawn)))
    age, spread, female = rows[:, :3].T
    assert rows.shape == (32, len(NAMES))
    assert rows.dtype == np.float32
    assert ((age >= 0) & (age <= 100) & (spread > 0)).all()
    assert ((female >= 0) & (female <= 1)).all()
    np.testing.assert_allclose(rows[:, 3:].sum(axis=1), 1, atol=1e-5)


def test_different_faces_are_guessed_differently(attributes, drawn, landmarks):
    rows = attributes.guess_many(drawn, np.stack([landmarks] * len(drawn)))
    assert np.ptp(rows[:, 0]) > 15
    assert rows[:, 2].min() < 0.2
    assert rows[:, 2].max() > 0.8


def test_one_face_and_many_get_the_same_guesses(attributes, drawn, landmarks):
    many = attributes.guess_many(drawn[:3], np.stack([landmarks] * 3))
    one = attributes.guess(drawn[1], landmarks)
    np.testing.assert_allclose(one.row(), many[1], atol=1e-3)
    assert tuple(one.expression) == EXPRESSIONS
    assert attributes.guess_many([], np.empty((0, 68, 2))).shape == (0, len(NAMES))


def test_a_face_and_its_mirror_image_get_the_same_guess(attributes, drawn, landmarks):
    mirrored = landmarks[MIRRORED] * (-1, 1) + (63, 0)
    there = attributes.guess(np.ascontiguousarray(drawn[0][:, ::-1]), mirrored)
    here = attributes.guess(drawn[0], landmarks)
    np.testing.assert_allclose(there.row()[:3], here.row()[:3], rtol=0.01)


def test_a_render_and_a_webcam_face_get_the_same_guess(attributes, drawn, landmarks):
    """64 px, and the same face 350 px wide, aslant, in a frame of 1280 × 720."""
    angle = np.radians(12)
    matrix = 5.5 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    move = np.array([600.0, 100.0])
    faces, frames = drawn[:12], []
    for face in faces:
        frames.append(cv2.warpAffine(face, np.c_[matrix, move], (1280, 720), flags=cv2.INTER_CUBIC))
    small = attributes.guess_many(faces, np.stack([landmarks] * 12))
    large = attributes.guess_many(frames, np.stack([landmarks @ matrix.T + move] * 12))
    assert np.abs(small[:, 0] - large[:, 0]).mean() < 1.5
    assert np.abs(small[:, 2] - large[:, 2]).mean() < 0.05
    np.testing.assert_allclose(small[:, 3:], large[:, 3:], atol=1e-4)


def test_eyes_and_mouth_come_to_lie_on_their_anchors():
    points = (ANCHORS - (3 - 2j)) / (0.3 * np.exp(0.4j))
    turn, shift = similarity(points, ANCHORS)
    np.testing.assert_allclose([turn, shift], [0.3 * np.exp(0.4j), 3 - 2j])


def test_a_crop_is_the_picture_itself_where_nothing_needs_to_move():
    image = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), np.uint8)
    landmarks = np.zeros((68, 2))
    for part, anchor in zip((slice(36, 42), slice(42, 48), slice(48, 68)), ANCHORS, strict=True):
        landmarks[part] = anchor.real, anchor.imag
    np.testing.assert_array_equal(aligned(image, landmarks), image)


def test_a_crop_of_a_finer_picture_is_its_mean():
    image = np.random.default_rng(0).integers(0, 256, (4 * SIZE, 4 * SIZE, 3), np.uint8)
    landmarks = np.zeros((68, 2))
    for part, anchor in zip((slice(36, 42), slice(42, 48), slice(48, 68)), ANCHORS, strict=True):
        landmarks[part] = 4 * np.array([anchor.real, anchor.imag]) + 1.5
    mean = image.reshape(SIZE, 4, SIZE, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(aligned(image, landmarks).astype(float), mean, atol=1)


def test_points_that_coincide_still_give_a_crop(drawn):
    assert aligned(drawn[0], np.full((68, 2), 20.0)).shape == (SIZE, SIZE, 3)


def test_a_grey_photo_is_guessed_like_a_coloured_one(attributes, drawn, landmarks):
    grey = [np.repeat(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2) for face in drawn]
    places = np.stack([landmarks] * len(drawn))
    colour, plain = attributes.guess_many(drawn, places), attributes.guess_many(grey, places)
    assert np.abs(colour[:, 0] - plain[:, 0]).mean() < 4
    assert np.mean((colour[:, 2] > 0.5) == (plain[:, 2] > 0.5)) > 0.9


def test_expressions_follow_the_mouth(attributes, drawn):
    calm = MEAN_SHAPE.copy()
    smile = calm.copy()
    smile[[48, 60]] += (-0.05, -0.05)
    smile[[54, 64]] += (0.05, -0.05)
    gape = calm.copy()
    gape[[55, 56, 57, 58, 59, 65, 66, 67]] += (0, 0.25)
    gape[5:12] += (0, 0.2)
    gape[17:27] -= (0, 0.06)
    gape[[37, 38, 43, 44]] -= (0, 0.02)
    rows = attributes.guess_many([drawn[0]] * 3, np.stack([calm, smile, gape]) * 35 + 32)
    happiness, surprise = (rows[:, NAMES.index(name)] for name in ("happiness", "surprise"))
    assert happiness[1] > happiness[0] + 0.2
    assert surprise[2] > surprise[0] + 0.2


def test_expressions_do_not_depend_on_place_size_and_roll(attributes, drawn, landmarks):
    turned = landmarks @ (3 * np.array([[0.8, 0.6], [-0.6, 0.8]])) + (100, -40)
    rows = attributes.guess_many([drawn[0]] * 2, np.stack([landmarks, turned]))
    np.testing.assert_allclose(rows[0, 3:], rows[1, 3:], atol=1e-5)


def test_expressions_measure_the_shape_that_the_geometry_room_normalises(landmarks):
    """Two rooms align a face, for neither may import the other: they must do the same."""
    rng = np.random.default_rng(1)
    faces = landmarks + rng.normal(0, 2, (5, 68, 2))
    first, second = np.array([0, 7, 90]), np.array([33, 111, 2])
    weights, bias = rng.normal(size=(3, 4)), rng.normal(size=4)
    shapes = normalise(faces).reshape(5, 136)
    expected = softmax((shapes[:, first] - shapes[:, second]) @ weights + bias)
    reader = ExpressionReader(MEAN_SHAPE, first, second, weights, bias)
    np.testing.assert_allclose(reader.probabilities(faces), expected, atol=1e-5)


def test_the_model_that_ships_is_small():
    assert (FOLDER / store.ARRAYS).stat().st_size < 1_000_000


def test_bytes_that_are_no_arrays_are_refused_even_when_vouched_for(folder):
    (folder / store.ARRAYS).write_bytes(b"PK\x03\x04 not really")
    vouch(folder)
    with pytest.raises(ModelCorrupt):
        Attributes.open(folder)


def test_a_program_in_the_file_is_never_run(folder, tmp_path):
    class Program:
        def __reduce__(self):
            return open, (str(tmp_path / "ran"), "w")

    np.savez(folder / store.ARRAYS, **{"network/years/bias": np.array([Program()], object)})
    vouch(folder)
    with pytest.raises(ModelCorrupt):
        Attributes.open(folder)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts.pop("network"),
        lambda parts: parts["network"].pop("years/bias"),
        lambda parts: parts["network"].update({"years/bias": np.zeros(7, np.float16)}),
        lambda parts: parts["network"]["years/bias"].fill(np.nan),
        lambda parts: parts.pop("calibration"),
        lambda parts: parts["calibration"].update(spread=np.float32(np.nan)),
        lambda parts: parts["expression"].pop("bias"),
        lambda parts: parts["expression"]["bias"].fill(np.inf),
        lambda parts: parts["expression"]["first"].fill(136),
        lambda parts: parts["expression"].update(weights=np.zeros((2, 4))),
        lambda parts: parts["expression"].update(strange=np.zeros(1)),
    ],
)
def test_arrays_of_another_model_are_refused(folder, change):
    respell(folder, change)
    with pytest.raises(ModelMismatch, match=r"scripts/train_attributes\.py"):
        Attributes.open(folder)


def test_the_guesses_meet_their_aims_on_portraits_never_trained_on(attributes, shared):
    """Takes seconds: it looks at all 1,500 held-out portraits."""
    portraits = read(shared / "faces", slice(-HELD_OUT, None))
    rows = attributes.guess_many(portraits.images, portraits.landmarks)
    assert np.abs(rows[:, 0] - portraits.age).mean() <= 6.0
    assert np.mean((rows[:, 2] > 0.5) == (portraits.female > 0.5)) >= 0.93


def test_the_card_tells_the_figures_of_the_model_that_ships(attributes):
    figures = json.loads(sidecar_of(FOLDER / store.ARRAYS).read_text())["facts"]["figures"]
    card = (FOLDER / "README.md").read_text()
    assert f"| all | 1500 | {figures['age error']['value']:.1f} (" in card
    assert f"{figures['gender right']['value']:.1%}" in card
    assert figures["expression accuracy"]["value"] >= 0.80
    assert figures["expression balanced accuracy"]["value"] >= 0.60
