"""What the network that colours promises: honest bins, any size, any slice, and a training that can be put down."""

import keras
import numpy as np
import pytest
from conftest import ROOT, with_one_thread

from narcissus.core.errors import ModelCorrupt, ModelMismatch, SourceError, SourceMissing
from narcissus.features.spatial import MEAN_SHAPE
from narcissus.lab.colour import piles, state
from narcissus.lab.colour.batches import batch
from narcissus.lab.colour.learn import Trainer
from narcissus.networks.colour import bins, emulsion, store
from narcissus.networks.colour.colourist import Colourist, fitting
from narcissus.networks.colour.faces import alignment_of, cropped, laid_in, rim
from narcissus.networks.colour.network import build
from narcissus.networks.colour.palette import likeliest, shares
from narcissus.networks.colour.regions import masks
from narcissus.networks.colour.slices import SLICES
from narcissus.networks.learned import weights_of

CENTRES = np.array([(a, b) for a in (-20, -10, 0, 10, 20) for b in (-20, -10, 0, 10, 20)], np.float32)


@pytest.fixture(scope="module")
def network():
    """The same in every run: by chance half precision changes another's colours by more."""
    keras.utils.set_random_seed(2)
    return build(len(CENTRES))


@pytest.fixture(scope="module")
def colourist(network):
    return Colourist.of(weights_of(network), CENTRES, 0.5)


@pytest.fixture
def pile():
    """Twelve little pictures, of which four are photographs."""
    pictures = list(np.random.default_rng(0).integers(0, 255, (12, 70, 80, 3), dtype=np.uint8))
    faces, world = np.arange(8), np.arange(8, 12)
    return piles.Pile(pictures, {"all": np.arange(12), "faces": faces, "world": world, "darker": faces[:3]})


def test_a_colour_between_the_bins_survives_encoding_and_decoding():
    true = np.random.default_rng(0).uniform(-15, 15, (200, 2)).astype(np.float32)
    encoded = np.asarray(bins.soft(true, CENTRES))
    np.testing.assert_allclose(encoded.sum(axis=-1), 1, atol=1e-5)
    decoded = np.asarray(bins.annealed(np.log(encoded + 1e-9), CENTRES, 1.0))
    assert np.abs(decoded - true).max() < 2.5


def test_the_soft_encoding_is_the_gaussian_of_the_paper():
    true = np.array([[3.0, -8.0]], np.float32)
    plain = np.exp(-np.square(CENTRES - true).sum(axis=1) / (2 * bins.SPREAD**2))
    np.testing.assert_allclose(np.asarray(bins.soft(true, CENTRES))[0], plain / plain.sum(), atol=1e-5)


def test_a_lower_temperature_is_more_vivid():
    logits = np.zeros(len(CENTRES), np.float32)
    logits[-1] = 2.0  # (20, 20)
    strengths = [np.linalg.norm(bins.annealed(logits, CENTRES, warmth)) for warmth in (0.2, 0.5, 1.0)]
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[0] == pytest.approx(np.hypot(20, 20), rel=0.01)


def test_bins_are_where_the_colours_are_and_rare_ones_weigh_more():
    ab = np.concatenate([np.full((9000, 2), 10.0), np.full((1000, 2), -30.0)])
    centres, common = bins.chosen(ab)
    assert centres.tolist() == [[-30, -30], [10, 10]]
    weights = bins.balance(common, 0.5)
    assert weights[0] > weights[1]
    assert (weights * common).sum() == pytest.approx(1)
    np.testing.assert_allclose(bins.balance(common, 1.0), 1, rtol=1e-6)


@pytest.mark.parametrize("shape", [(64, 64), (16, 160), (96, 32)])
def test_a_picture_of_any_fitting_size_is_coloured_at_half_of_it(colourist, shape):
    said = colourist.assume(np.full(shape, 50, np.float32))
    assert said.ab.shape == (1, shape[0] // 2, shape[1] // 2, 2)
    assert said.logits.shape[-1] == len(CENTRES)
    assert fitting(*shape, 256) == fitting(*np.array(shape) * 3, 256)


def test_slices_answer_for_themselves(pile):
    trainer = Trainer(pile, CENTRES, np.full(25, 1 / 25, np.float32), 3, 0, 0)
    next(iter(trainer.learn()))
    taught = Colourist.of(weights_of(trainer.model), CENTRES, 0.5)
    light = np.random.default_rng(0).uniform(0, 100, (32, 32)).astype(np.float32)
    answers = {name: taught.assume(light, name).logits.tobytes() for name in ("all", "faces", "world", "darker")}
    assert len(set(answers.values())) == 4


@pytest.mark.parametrize(("pile_name", "temperature"), [("nobody", 0.5), ("all", 0.0), ("all", float("nan"))])
def test_a_wish_that_makes_no_sense_is_refused(colourist, pile_name, temperature):
    with pytest.raises(ValueError, match=r"slice|temperature"):
        colourist.assume(np.zeros((16, 16)), pile_name, temperature)


def test_the_network_is_small_enough(network):
    assert network.count_params() < 1_500_000


def test_a_model_survives_the_store_and_fits_into_3_mb(network, tmp_path):
    model = store.Model(weights_of(network), CENTRES, 0.4, {"slices": list(SLICES), "limits": {}})
    store.save(tmp_path / "m.npz", model, "none", {"data": "none"})
    assert (tmp_path / "m.npz").stat().st_size < 3_000_000
    opened = Colourist.open(tmp_path / "m.npz")
    assert opened.temperature == pytest.approx(0.4)
    light = np.random.default_rng(0).uniform(0, 100, (48, 48)).astype(np.float32)
    before = Colourist.of(weights_of(network), CENTRES, 0.4).assume(light).ab
    assert np.abs(opened.assume(light).ab - before).max() < 0.5  # half precision


def test_a_model_of_another_network_is_refused(tmp_path, network):
    weights = weights_of(network)
    weights["stem/kernel"] = weights["stem/kernel"][..., :3]
    store.save(tmp_path / "m.npz", store.Model(weights, CENTRES, 0.4, {"slices": [], "limits": {}}), "none", {})
    with pytest.raises(ModelMismatch, match="another network"):
        Colourist.open(tmp_path / "m.npz")


def test_film_sees_red_lips_as_it_did():
    lips, sky = np.full((1, 1, 3), (190, 60, 70), np.uint8), np.full((1, 1, 3), (120, 170, 230), np.uint8)
    told = {
        name: [float(emulsion.exposed(x, weights)[0, 0]) for x in (lips, sky)]
        for name, weights in emulsion.FILMS.items()
    }
    assert told["orthochromatic"][0] < told["modern"][0] - 5
    assert told["blue-sensitive"][1] > told["modern"][1] + 5


def test_modern_film_is_the_lightness_of_cie():
    """Second witness: OpenCV's Lab."""
    import cv2

    image = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    theirs = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 0]
    assert np.abs(emulsion.exposed(image) - theirs).max() < 0.3


def test_a_face_comes_back_to_where_it_was_taken_from():
    landmarks = (MEAN_SHAPE * 60 + (150, 110)).astype(np.float32)
    place = alignment_of(landmarks)
    gradient = np.tile(np.linspace(0, 100, 300, dtype=np.float32), (220, 1))
    crop = cropped(gradient, place)
    chroma = np.dstack([crop[::2, ::2], crop[1::2, 1::2]])
    back = laid_in(np.zeros((220, 300, 2), np.float32), chroma, place)
    x, y = landmarks[30].round().astype(int)
    assert back[y, x].mean() == pytest.approx(gradient[y, x], abs=2)
    assert back[0, 0].tolist() == [0, 0], "the rest of the picture is not the face's"


def test_a_face_has_no_seam():
    weight = rim(64)
    assert weight.max() == 1
    assert max(weight[0].max(), weight[:, -1].max()) == 0
    assert np.abs(np.diff(weight, axis=0)).max() < 0.2


def test_regions_lie_where_they_are_called():
    found = masks((MEAN_SHAPE * 40 + (64, 60)).astype(np.float32), 160, 128)
    middle = {region: np.argwhere(mask).mean(axis=0) for region, mask in found.items()}
    assert middle["hair"][0] < middle["cheek"][0] < middle["lip"][0] < middle["cloth"][0]


def test_the_likeliest_colour_comes_first_and_near_bins_are_one_colour():
    logits = np.full((4, 4, len(CENTRES)), -9.0, np.float32)
    near = np.flatnonzero((CENTRES == (10, 10)).all(axis=1) | (CENTRES == (20, 10)).all(axis=1))
    far = np.flatnonzero((CENTRES == (-20, -20)).all(axis=1))
    logits[..., near], logits[..., far] = 2.0, 2.2
    first, second, *_ = likeliest(shares(logits, np.ones((4, 4), bool)), CENTRES)
    assert np.linalg.norm(np.array(first.ab) - (15, 10)) < 1
    assert first.probability == pytest.approx(2 * np.exp(2) / (2 * np.exp(2) + np.exp(2.2)), abs=0.01)
    assert np.linalg.norm(np.array(second.ab) - (-20, -20)) < 1


def test_a_batch_is_the_same_for_whoever_resumes_and_another_at_each_step(pile):
    first, again, next_one = (batch(pile, 0, step, 32, 6) for step in (5, 5, 6))
    np.testing.assert_array_equal(first.lightness, again.lightness)
    assert (first.lightness != next_one.lightness).any()
    assert first.ab.shape == (6, 16, 16, 2)
    assert (first.slice.sum(axis=1) == 1).all()


RESUMED = """
import sys
import numpy as np
from narcissus.lab.colour import learn, piles, state
from narcissus.lab.colour.learn import Trainer
from narcissus.networks.learned import weights_of

pictures = list(np.random.default_rng(0).integers(0, 255, (12, 70, 80, 3), dtype=np.uint8))
pile = piles.Pile(pictures, {"all": np.arange(12), "faces": np.arange(8), "world": np.arange(8, 12)})
centres = np.array([(a, b) for a in (-20, 0, 20) for b in (-20, 0, 20)], np.float32)
learn.SIDES = (32, 48, 48)  # whoever polishes computes by a graph that is there
trainer = lambda: Trainer(pile, centres, np.full(9, 1 / 9, np.float32), 4, 2, 0)
kept = lambda who: [np.array(variable) for part in state._variables(who).values() for variable in part]
first, resumed = trainer(), trainer()
for _ in zip(range(3), first.learn()):
    pass
before = kept(first)
state.save_checkpoint(first, sys.argv[1])
assert all(map(np.array_equal, kept(first), before)), "whoever goes on after it has lost nothing by it"
losses = list(first.learn())
assert state.load_checkpoint(resumed, sys.argv[1])
rest = list(resumed.learn())
assert losses == rest, (losses, rest)
for path, weight in weights_of(first.average).items():
    np.testing.assert_array_equal(weight, weights_of(resumed.average)[path])
print("the same", len(rest))
"""


def test_a_training_put_down_and_taken_up_ends_where_it_would_have(tmp_path):
    """In a process of its own with one thread, as the script runs: several add up in another order each time.

    Takes a quarter of a minute: a training step is compiled three times.
    """
    assert with_one_thread(RESUMED, tmp_path / "state.npz") == "the same 3\n"


def test_the_state_of_another_training_is_refused(pile, tmp_path):
    common = np.full(25, 1 / 25, np.float32)
    trainer = Trainer(pile, CENTRES, common, 3, 0, 0)
    assert not state.load_checkpoint(trainer, tmp_path / "state.npz")
    state.save_checkpoint(trainer, tmp_path / "state.npz")
    with pytest.raises(ModelMismatch, match="another --work"):
        state.load_checkpoint(Trainer(pile, CENTRES, common, 4, 0, 0), tmp_path / "state.npz")
    (tmp_path / "state.npz").write_bytes(b"no state")
    with pytest.raises(ModelCorrupt, match="another --work"):
        state.load_checkpoint(trainer, tmp_path / "state.npz")


def test_grey_pictures_teach_nothing_and_others_are_read_from_folders_and_zips(tmp_path):
    import zipfile

    import cv2

    rng = np.random.default_rng(0)
    colour = rng.integers(0, 255, (40, 50, 3), dtype=np.uint8)
    grey = np.repeat(colour[..., :1], 3, axis=2)
    for name, image in (("a.png", colour), ("b.png", grey)):
        cv2.imwrite(str(tmp_path / name), image[..., ::-1])
    (tmp_path / "c.jpg").write_bytes(b"no picture")
    (found,) = piles.photographs(tmp_path)
    np.testing.assert_array_equal(found, colour)
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.write(tmp_path / "a.png", "a.png")
    (found,) = piles.photographs(tmp_path / "z.zip")
    np.testing.assert_array_equal(found, colour)
    with pytest.raises(SourceMissing, match="--photographs"):
        piles.photographs(tmp_path / "none")
    with pytest.raises(SourceError, match="in colour"):
        piles.pile(None, [])


def test_nothing_held_out_is_learned_from():
    world = [np.full((1, 1, 3), number, np.uint8) for number in range(100)]
    learn, choose, held_out = piles.split(world)
    assert [len(part) for part in (learn, choose, held_out)] == [80, 10, 10]
    assert [int(picture[0, 0, 0]) for part in (learn, choose, held_out) for picture in part] == list(range(100))


def test_the_shipped_network_is_whole():
    path = ROOT / "models" / "colour" / "pile.npz"
    said = Colourist.open(path).assume(np.full((64, 64), 60, np.float32), "older")
    assert np.isfinite(said.ab).all()
    assert store.load(path).facts["slices"] == list(SLICES)
