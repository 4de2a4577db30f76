"""The inverter's promises, on a made-up world in which latents and rows are tied by known rules.

The world is fitted once (some seconds: the pool of candidates is always the whole 2,429 columns).
"""

import json

import numpy as np
import pytest
from conftest import ROOT

from narcissus.core.errors import ModelCorrupt, ModelMismatch, ModelMissing
from narcissus.features.portrait import COLUMNS, GROUPS
from narcissus.features.spatial import MEAN_SHAPE, normalise, pose
from narcissus.inverter import Imputer, Inverter
from narcissus.lab.training.fit import build, prepare
from narcissus.lab.training.pairs import Pairs

SIZE = 24  # of the made-up latents
ROLL = COLUMNS.index("roll")
COLOUR, SHAPE, GUESSES = GROUPS["colour"], GROUPS["shape"], GROUPS["guesses"]


class World:
    """Eight axes of a latent move the shape, four the colours, one tilts the face; eleven cannot be seen."""

    name, sha256 = "world", "0" * 64

    def __init__(self):
        rng = np.random.default_rng(11)
        self._shape = 0.03 * rng.standard_normal((8, 136)).astype(np.float32)
        self._colour = 6 * rng.standard_normal((4, 24)).astype(np.float32)

    def rows(self, latents):
        shapes = normalise((MEAN_SHAPE.ravel() + latents[:, :8] @ self._shape).reshape(-1, 68, 2))
        rows = np.full((len(latents), len(COLUMNS)), np.nan, np.float32)
        rows[:, SHAPE] = shapes.reshape(-1, 136)
        rows[:, GROUPS["pose"]] = pose(shapes)
        rows[:, ROLL] = 1 + 2 * latents[:, 12]
        rows[:, COLOUR] = 50 + latents[:, 8:12] @ self._colour
        return rows

    def render(self, latents):
        """Pictures as large as the generator's, of one colour each, which says as little as the colours do."""
        shades = np.clip(128 + 20 * latents[:, None, None, 8:11], 0, 255).astype(np.uint8)
        return np.ascontiguousarray(np.broadcast_to(shades, (len(latents), 16, 16, 3)))


def sphere(count, seed):
    latents = np.random.default_rng(seed).standard_normal((count, SIZE), np.float32)
    return latents * np.sqrt(SIZE) / np.linalg.norm(latents, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def world():
    return World()


@pytest.fixture(scope="module")
def inverter(world):
    latents = sphere(900, 1)
    rows = world.rows(latents)
    pairs = Pairs(latents, rows, rows[:, GROUPS["colour"]], 900)
    return build(prepare(pairs, limit=16, seed=0), world, "ridge")


@pytest.fixture(scope="module")
def rows(world):
    return world.rows(sphere(60, 2))


def compose(inverter, rows, exaggeration=1.0):
    return inverter.compose(inverter.explain(rows)[0], inverter.fill(rows), exaggeration)


def test_a_latent_has_the_length_of_the_sphere(inverter, rows):
    for exaggeration in (0.0, 1.0, 2.0):
        assert np.linalg.norm(compose(inverter, rows, exaggeration), axis=1) == pytest.approx(np.sqrt(SIZE), rel=1e-4)


def test_the_reflection_shows_what_the_viewer_showed(inverter, world, rows):
    shown = world.rows(compose(inverter, rows))
    own = np.abs(shown[:, SHAPE] - rows[:, SHAPE]).mean()
    strange = np.abs(np.roll(shown[:, SHAPE], 1, axis=0) - rows[:, SHAPE]).mean()
    assert own < 0.55 * strange
    assert np.corrcoef(shown[:, COLOUR].ravel(), rows[:, COLOUR].ravel())[0, 1] > 0.85


def test_what_is_explained_is_short_and_different_people_lie_far_apart(inverter, rows):
    explained, _ = inverter.explain(rows)
    assert np.linalg.norm(explained[:, :SIZE], axis=1).max() < np.sqrt(SIZE)
    latents = compose(inverter, rows)
    cosines = (latents @ latents.T / SIZE)[np.triu_indices(len(rows), 1)]
    assert np.degrees(np.arccos(cosines.mean())) > 25


def test_the_fill_is_a_unit_vector_outside_what_features_say(inverter, rows):
    fill = inverter.fill(rows)
    assert np.linalg.norm(fill, axis=1) == pytest.approx(1, abs=1e-4)
    assert np.abs(fill @ inverter.coloured.axes.T).max() < 1e-4


def test_the_way_back_undoes_what_the_fill_did(inverter, world, rows):
    """Two visitors with the same features and different fills still look alike to the machine."""
    explained, _ = inverter.explain(rows)
    fills = inverter.fill(np.roll(rows, 1, axis=0))
    ours = world.rows(inverter.compose(explained, fills))[:, COLOUR]
    raw = explained[:, :SIZE] + np.sqrt(SIZE - np.square(explained[:, :SIZE]).sum(1, keepdims=True)) * fills
    assert np.abs(ours - rows[:, COLOUR]).mean() < np.abs(world.rows(raw)[:, COLOUR] - rows[:, COLOUR]).mean()


def test_exaggeration_goes_from_one_face_to_a_caricature(inverter, world, rows):
    fill = np.repeat(inverter.fill(rows[:1]), len(rows), axis=0)
    explained, _ = inverter.explain(rows)
    spread = [
        world.rows(inverter.compose(explained, fill, t))[:, SHAPE].std(axis=0).mean() for t in (0.0, 0.5, 1.0, 1.5)
    ]
    assert spread == sorted(spread)
    assert spread[0] < 1e-4


def test_the_tilt_of_a_drawn_face_is_predicted(inverter, world):
    latents = sphere(300, 5)
    drawn, predicted = world.rows(latents)[:, ROLL], inverter.tilt(latents)
    assert np.corrcoef(drawn, predicted)[0, 1] > 0.9
    assert predicted.mean() == pytest.approx(drawn.mean(), abs=0.3)


def test_whoever_tilts_the_head_is_the_same_person(inverter, rows):
    tilting = rows.copy()
    tilting[:, ROLL] += 25
    assert np.allclose(compose(inverter, tilting), compose(inverter, rows), atol=1e-4)
    assert np.allclose(inverter.divide(tilting)[1], inverter.divide(rows)[1])
    assert np.allclose(inverter.confidence(tilting), inverter.confidence(rows))


def test_a_picture_without_colour_has_a_fit_of_its_own(inverter, world, rows):
    grey = rows.copy()
    grey[:, COLOUR] = np.nan
    shown = world.rows(compose(inverter, grey))
    assert np.isfinite(shown[:, SHAPE]).all()
    colourful = inverter.explain(rows)[0][:, :SIZE]
    assert not np.allclose(inverter.explain(grey)[0][:, :SIZE], colourful, atol=1e-2)
    assert all("L" not in name.split(", ") for name in inverter.grey.model[0].names_)


def test_one_patch_out_of_sight_changes_little(inverter, rows):
    open_ = rows.copy()
    open_[:, COLOUR.start + 18 : COLOUR.start + 21] = np.nan
    whole, part = compose(inverter, rows), compose(inverter, open_)
    assert np.degrees(np.arccos(np.clip((whole * part).sum(axis=1) / SIZE, -1, 1))).mean() < 10


def test_an_ordinary_face_is_trusted_and_a_monster_is_eased_towards_the_mean(inverter, rows):
    monster = rows[:1].copy()
    monster[:, SHAPE] += 0.3 * np.random.default_rng(0).standard_normal(136)
    assert inverter.confidence(rows).min() > 0.9
    explained, confidence = inverter.explain(monster)
    assert confidence[0] == 0
    assert not np.nan_to_num(explained).any()
    assert np.isfinite(inverter.compose(explained, inverter.fill(monster))).all()


def test_a_row_without_a_face_is_no_face(inverter):
    nobody = np.full((1, len(COLUMNS)), np.nan, np.float32)
    explained, confidence = inverter.explain(nobody)
    assert confidence[0] == 0
    assert np.isfinite(inverter.compose(explained, inverter.fill(nobody))).all()


def test_gaps_are_filled_with_what_is_likely():
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((500, 3))
    rows[:, 2] = 5 + rows[:, 0] - rows[:, 1]
    imputer = Imputer.from_rows(rows)
    filled = imputer.impute(np.array([[1.0, -1.0, np.nan], [np.nan, 0.0, 6.0]]))
    assert filled == pytest.approx(np.array([[1, -1, 7], [1, 0, 6]]), abs=0.1)


def test_it_is_saved_and_opened_unchanged(inverter, rows, tmp_path):
    inverter.save(tmp_path, {"pairs": 900})
    again = Inverter.open(tmp_path, World.sha256, COLUMNS)
    assert np.array_equal(compose(again, rows), compose(inverter, rows))
    assert json.loads((tmp_path / "inverter.json").read_text())["facts"]["pairs"] == 900
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inverter.joblib", "inverter.json"]


def test_a_changed_file_is_refused_and_never_run(inverter, tmp_path):
    inverter.save(tmp_path, {})
    canary = tmp_path / "it ran"
    (tmp_path / "inverter.joblib").write_bytes(b"cos\nsystem\n(S'touch \"" + str(canary).encode() + b"\"'\ntR.")
    with pytest.raises(ModelCorrupt, match="train_inverter"):
        Inverter.open(tmp_path, World.sha256, COLUMNS)
    assert not canary.exists()


@pytest.mark.parametrize(
    ("key", "value", "error"),
    [
        ("sklearn", "0.1", ModelMismatch),
        ("generator_sha256", "1" * 64, ModelMismatch),
        ("columns", ["another"], ModelMismatch),
        ("sha256", "2" * 64, ModelCorrupt),
        ("sha256", None, ModelCorrupt),
    ],
)
def test_a_sidecar_that_names_something_else_is_refused(inverter, tmp_path, key, value, error):
    inverter.save(tmp_path, {})
    sidecar = json.loads((tmp_path / "inverter.json").read_text())
    holder = next(part for part in (sidecar, sidecar["origin"], sidecar["facts"]) if key in part)
    holder[key] = value
    (tmp_path / "inverter.json").write_text(json.dumps(sidecar))
    with pytest.raises(error, match="train_inverter"):
        Inverter.open(tmp_path, World.sha256, COLUMNS)


def test_what_is_not_there_is_missed_by_name(inverter, tmp_path):
    for name in ("inverter.json", "inverter.joblib"):
        inverter.save(tmp_path, {})
        (tmp_path / name).unlink()
        with pytest.raises(ModelMissing, match=rf"{name}.*train_inverter.py --generator {tmp_path.name}$"):
            Inverter.open(tmp_path, World.sha256, COLUMNS)


def test_the_inverter_that_ships_fits_the_generator_that_ships(generator, drawn):
    from narcissus.features.portrait import portray
    from narcissus.people import find_portrait

    shipped = Inverter.open(ROOT / "models" / "inverter" / "utk-64", generator.sha256, COLUMNS)
    faces = [(image, find_portrait(image)) for image in drawn[:12]]
    rows = np.array([portray(image, face.landmarks) for image, face in faces if face])
    reflections = generator.render(compose(shipped, rows))
    found = [find_portrait(image) for image in reflections]
    assert sum(face is not None for face in found) >= 0.8 * len(rows)
    both = [(row, face) for row, face in zip(rows, found, strict=True) if face]
    yaw = np.array([(row[GROUPS["pose"]][0], pose(face.landmarks)[0]) for row, face in both])
    assert np.corrcoef(yaw.T)[0, 1] > 0.8


def test_the_inverter_that_ships_predicts_how_its_faces_tilt(generator, drawn):
    from narcissus.people import find_portrait

    shipped = Inverter.open(ROOT / "models" / "inverter" / "utk-64", generator.sha256, COLUMNS)
    latents = np.random.default_rng(0).standard_normal((len(drawn), shipped.latent_size)).astype(np.float32)
    latents *= np.sqrt(shipped.latent_size) / np.linalg.norm(latents, axis=1, keepdims=True)
    found = [(find_portrait(image), tilt) for image, tilt in zip(drawn, shipped.tilt(latents), strict=True)]
    tilts = np.array([(pose(face.landmarks)[2], tilt) for face, tilt in found if face])
    assert np.corrcoef(tilts.T)[0, 1] > 0.25
    assert np.std(tilts[:, 0] - tilts[:, 1]) < np.std(tilts[:, 0])
