"""What the figures of assumed colours promise: the right arithmetic, honest baselines, a training that ends well."""

import json
import os
import signal
import sys

import cv2
import keras
import numpy as np
import pytest
from conftest import ROOT

from narcissus.features.spatial import MEAN_SHAPE
from narcissus.lab.attributes.portraits import Portraits
from narcissus.lab.colour import baselines, ledger_page, measures, piles, realness
from narcissus.lab.colour.ageing import aged
from narcissus.lab.colour.evaluation import BEST_OF_ONE, GUESSES, Findings
from narcissus.lab.colour.finish import AS_COLOURFUL, chosen
from narcissus.lab.colour.measures import REGIONS
from narcissus.lab.likeness.bootstrap import Figure
from narcissus.networks.colour import store
from narcissus.networks.colour.slices import SLICES

sys.path.insert(0, str(ROOT / "scripts"))
import evaluate_colour
import train_colour


def test_differences_are_those_that_sharma_published():
    """Three rows of Sharma, Wu, Dalal 2005, table 1, whose lightnesses agree: a guess has that of the truth."""
    pairs = [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.5, 0.0), (50.0, 3.1736, 0.5854), 1.0000),
    ]
    truth, guess, expected = (np.array(column) for column in zip(*pairs, strict=True))
    found = measures.differences(truth.reshape(3, 1, 1, 3), guess.reshape(3, 1, 1, 3))
    np.testing.assert_allclose(found.ravel(), expected, atol=1e-4)


def test_lightness_is_no_error_of_colour():
    truth = np.full((1, 2, 2, 3), (60.0, 10.0, 10.0))
    guess = truth.copy()
    guess[..., 0] = 20
    assert measures.differences(truth, guess).max() == 0


def test_a_region_that_is_not_there_is_not_counted():
    values = np.stack([np.full((4, 4), 1.0), np.full((4, 4), 5.0)])
    mask = np.zeros((2, 4, 4), bool)
    mask[0, 0, 0] = True
    by = measures.by_region(values, {"cheek": mask})
    assert np.isnan(by["cheek"][1])
    assert measures.figure(by["cheek"]).value == 1
    assert measures.ratio(by["cheek"], by["all"]).value == 1


def test_regions_of_a_picture_are_apart():
    found = measures.regions_of([(MEAN_SHAPE * 40 + (64, 62)).astype(np.float32)], 128, 64)
    assert tuple(found) == REGIONS
    assert np.sum(list(found.values()), axis=0).max() == 1
    assert all(mask.any() for mask in found.values())


def test_grey_has_no_colourfulness_and_a_paler_picture_has_less():
    image = np.random.default_rng(0).integers(60, 200, (32, 32, 3), dtype=np.uint8)
    grey = np.repeat(image[..., :1], 3, axis=2)
    pale = (0.5 * image + 0.5 * image.mean(axis=2, keepdims=True)).astype(np.uint8)
    full, half, none = measures.colourfulness([image, pale, grey])
    assert none == 0
    assert half == pytest.approx(full / 2, rel=0.05)


def test_the_nearest_neighbour_finds_a_picture_by_its_lightness():
    rng = np.random.default_rng(0)
    learned = [cv2.blur(rng.integers(0, 255, (64, 64, 3), dtype=np.uint8), (9, 9)) for _ in range(5)]
    darker = (learned[3] * 0.8).astype(np.uint8)
    found = baselines.Nearest(learned).ab([darker])[0]
    np.testing.assert_allclose(found, baselines.Nearest(learned[3:4]).ab([darker])[0])
    assert found.shape == (64, 64, 2)


def test_the_classifier_guesses_where_there_is_no_difference_and_knows_where_there_is():
    rng = np.random.default_rng(0)
    real = rng.normal((50, 12, 15), 8, (60, 8, 8, 3))
    same = rng.normal((50, 12, 15), 8, (60, 8, 8, 3))
    assert 0.35 < realness.auc(real, same, 20)[0] < 0.65
    assert realness.auc(real, same * 0.5, 20)[0] > 0.95


def test_the_temperature_makes_pictures_as_colourful_as_asked():
    assert chosen({0.1: 1.5, 0.5: AS_COLOURFUL, 1.0: 0.6}) == pytest.approx(0.5)
    assert 0.1 < chosen({0.1: 1.0, 0.5: 0.9, 1.0: 0.6}) < 0.5
    assert chosen({0.1: 0.7, 0.5: 0.5}) == pytest.approx(0.1), "the most vivid, where none is vivid enough"


def test_ageing_changes_a_picture_and_a_seed_repeats_it():
    image = np.random.default_rng(0).integers(0, 255, (32, 32, 3), dtype=np.uint8)
    looks = [aged(image, np.random.default_rng(seed)) for seed in (*range(30), 0)]
    np.testing.assert_array_equal(looks[0], looks[-1])
    assert len({look.tobytes() for look in looks}) > 10
    assert all(look.shape == (32, 32) and look.min() >= 0 and look.max() <= 100 for look in looks)


def test_slices_are_thirds_and_overlap_where_they_should():
    count = 30
    number = np.arange(count, dtype=np.float32)
    images = np.zeros((count, 8, 8, 3), np.uint8)
    faces = Portraits(images, np.zeros((count, 68, 2), np.float32), number, number % 2, np.zeros(count, np.int64))
    people = piles.ColourPortraits(faces, np.zeros((count, 8, 3)), -number)
    slices = piles.pile(people, [images[0]] * 4).slices
    assert [len(slices[name]) for name in ("lighter", "middle", "darker")] == [10, 10, 10]
    assert set(slices["lighter"]) == set(range(10)), "a higher angle is lighter"
    assert len(slices["younger"]) == len(slices["older"]) == 10
    assert slices["world"].tolist() == [30, 31, 32, 33]
    assert len(slices["all"]) == 34


def findings(cheek, shift) -> Findings:
    """Invented figures of one group and all slices."""
    figure = lambda value: Figure(value, value - 0.5, value + 0.5, 60)
    by = {"ΔE": figure(5.0), "hue": figure(shift), "chroma": figure(0.1)}
    groups = {"labelled Black": dict.fromkeys(SLICES, by), "labelled White": dict.fromkeys(SLICES, by)}
    return Findings(
        portraits={name: {r: figure(5.0) for r in (*REGIONS, "all")} for name in (*GUESSES, BEST_OF_ONE)},
        photographs={name: {"all": figure(9.0)} for name in GUESSES},
        over_mean_ab={"cheek": figure(cheek), "photographs": figure(0.8)},
        colourful={"portraits": figure(0.9), "photographs": figure(0.5)},
        auc=(0.9, 0.88, 0.92),
        auc_afar=(0.8, 0.78, 0.82),
        flicker=figure(0.3),
        groups={"labelled Black": 60, "labelled White": 5},
        matrix=groups,
        skin={group: {"hue": figure(50.0), "chroma": figure(20.0)} for group in groups},
    )


ABOUT = {"name": "pile", "temperature": 0.5, "command": "scripts/evaluate_colour.py", "portraits": 60, "photographs": 9}


@pytest.mark.parametrize(("cheek", "word"), [(0.55, "| reached |"), (0.65, "| not reached |")])
def test_the_ledger_says_what_was_reached_and_what_was_not(cheek, word):
    page = ledger_page.page(findings(cheek, 0.0), ABOUT)
    (line,) = [line for line in page.splitlines() if "cheek at most" in line]
    assert line.endswith(word)


@pytest.mark.parametrize(
    ("shift", "words"), [(9.0, "yellower by 9°"), (-9.0, "redder by 9°"), (0.2, "keep hue and chroma")]
)
def test_the_ledger_says_in_words_whose_skin_becomes_whose(shift, words):
    page = ledger_page.page(findings(0.5, shift), ABOUT)
    told = [line for line in page.splitlines() if line.startswith("- **")]
    assert len(told) == 1, "a group of five is not judged"
    assert words in told[0]


# ---- the whole way


@pytest.fixture
def folder(tmp_path, drawn):
    """Photographs to learn from: faces that nobody has."""
    (tmp_path / "pictures").mkdir()
    for number, image in enumerate(drawn[:24]):
        cv2.imwrite(str(tmp_path / "pictures" / f"{number:02d}.png"), image[..., ::-1])
    return tmp_path


@pytest.fixture
def train(folder, monkeypatch):
    monkeypatch.setattr(train_colour, "keep_to", lambda threads: None)
    kept = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    words = ["--photographs", str(folder / "pictures"), "--out", str(folder / "models"), "--work", str(folder / "work")]
    yield lambda *more: train_colour.main([*words, "--steps", "2", "--polish", "1", *more])
    for number, handler in zip((signal.SIGTERM, signal.SIGINT), kept, strict=True):
        signal.signal(number, handler)


def test_a_folder_of_pictures_becomes_a_model_with_its_card_and_report(train, folder):
    """Takes half a minute: it is the whole way, with compiling."""
    assert train() == 0
    model = store.load(folder / "models" / "pile.npz")
    assert model.facts["slices"] == ["all", "world"]
    assert model.facts["steps"] == 3
    card = (folder / "models" / "pile.md").read_text()
    assert "3 of 3 steps" in card
    assert "UTKFace" not in card + json.loads((folder / "models" / "pile.json").read_text())["licence"]
    assert cv2.imread(str(folder / "models" / "pile.jpg")) is not None
    assert "ΔE" in (folder / "work" / "report.html").read_text()
    assert not list(folder.rglob(".*")), "every file was written whole"


def test_a_network_of_ones_own_does_not_take_the_place_of_the_one_that_ships(folder, capsys):
    with pytest.raises(SystemExit):
        train_colour.main(["--photographs", str(folder / "pictures")])
    assert "name your own" in capsys.readouterr().err


def tiny(colours, dtype="float32"):
    """In the place of the network: as it is asked and as it answers, with a weight of each kind that a state keeps."""
    lightness, pile = keras.Input((None, None, 1)), keras.Input((len(SLICES),))
    x = keras.layers.Conv2D(4, 3, 2, "same", use_bias=False, dtype=dtype, name="stem")(lightness)
    x = keras.layers.BatchNormalization(dtype=dtype, name="stem_norm")(x)
    x = keras.layers.Conv2D(colours, 1, dtype="float32", name="colours")(x)
    prior = keras.layers.Dense(colours, use_bias=False, kernel_initializer="zeros", name="prior")(pile)
    return keras.Model([lightness, pile], x + keras.layers.Reshape((1, 1, colours))(prior))


def test_sigterm_keeps_what_there_is_and_the_same_command_goes_on(train, folder, monkeypatch, capsys):
    """With a network that is compiled soon; the one that ships is taken up again in test_colour_network.py."""
    from narcissus.lab.colour.learn import Trainer

    for owner in ("lab.colour.learn", "networks.colour.colourist"):
        monkeypatch.setattr(f"narcissus.{owner}.build", tiny)
    plain = Trainer.learn

    def interrupted(self):
        for loss in plain(self):
            os.kill(os.getpid(), signal.SIGTERM)
            yield loss

    monkeypatch.setattr(Trainer, "learn", interrupted)
    assert train() == 130
    assert "stopped after step 1 of 3" in capsys.readouterr().out
    assert store.load(folder / "models" / "pile.npz").facts["steps"] == 1
    monkeypatch.setattr(Trainer, "learn", plain)
    assert train() == 0
    assert "going on after step 1 of 3" in capsys.readouterr().out
    assert store.load(folder / "models" / "pile.npz").facts["steps"] == 3


@pytest.mark.parametrize("words", [["--faces", "nowhere"], ["--photographs", "nowhere"]])
def test_data_that_is_not_there_is_named(words, monkeypatch, capsys):
    monkeypatch.setattr(train_colour, "keep_to", lambda threads: None)
    monkeypatch.setattr(train_colour, "Stop", lambda: None)
    assert train_colour.main([*words, "--name", "mine"]) == 66
    said = capsys.readouterr().err
    assert "nowhere" in said
    assert said.count("\n") == 1


def test_figures_of_a_model_that_is_not_there_are_refused(tmp_path, capsys):
    assert evaluate_colour.main(["--model", str(tmp_path / "none.npz")]) == 78
    assert "none.npz" in capsys.readouterr().err
