"""What the training of the guesses promises: honest splits, honest figures, and nothing lost on the way."""

import csv
import json
import sys
import zipfile

import cv2
import numpy as np
import pytest
from conftest import ROOT

from narcissus.core.errors import SourceError, SourceMissing
from narcissus.features.spatial import MEAN_SHAPE
from narcissus.lab.attributes import figures, plots, portraits, study
from narcissus.lab.attributes.augmentation import augmented
from narcissus.lab.attributes.learn import Trainer
from narcissus.lab.attributes.portraits import Portraits
from narcissus.networks.attributes import Attributes

sys.path.insert(0, str(ROOT / "scripts"))
import train_attributes

PLACE = MEAN_SHAPE * 34.5 + (31.5, 33.0)  # (68, 2): the mean face in a portrait of 64 px


@pytest.fixture(autouse=True)
def the_threads_of_the_suite_stay_as_they_are(monkeypatch):
    monkeypatch.setattr(train_attributes, "keep_to", lambda threads: None)


@pytest.fixture
def few(monkeypatch):
    """Data sets of a handful of portraits are enough."""
    monkeypatch.setattr(portraits, "HELD_OUT", 10)
    monkeypatch.setattr(portraits, "VALIDATION", 6)


@pytest.fixture(scope="module")
def data(tmp_path_factory, drawn):
    """A folder of 32 drawn portraits and 600 drawn expressions, laid out as the real one."""
    folder = tmp_path_factory.mktemp("faces")
    with zipfile.ZipFile(folder / "train-00.zip", "w") as shard:
        for number, image in enumerate(drawn):
            shard.writestr(f"{number:05d}.webp", cv2.imencode(".png", image[..., ::-1])[1].tobytes())
    with open(folder / "index.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["shard", "name", "age", "gender", "race"])
        rows.writerows(
            ["train-00.zip", f"{number:05d}.webp", 3 * number, number % 2, number % 5] for number in range(32)
        )
    np.savez(folder / "landmarks.npz", landmarks=np.stack([PLACE * 10] * 32).round().astype(np.int16))
    press = expressions(600)
    names = np.array(["neutral", "happiness", "surprise", "anger"])
    np.savez(folder / "expressions.npz", landmarks=press.landmarks, label=press.label, person=press.person, names=names)
    return folder


def expressions(count):
    """Mean faces whose mouths say which of the four they are, with a little noise."""
    rng = np.random.default_rng(0)
    label = rng.choice(4, count, p=(0.4, 0.3, 0.15, 0.15))
    shapes = MEAN_SHAPE + rng.normal(0, 0.01, (count, 68, 2))
    shapes[label == 1, 54, 0] += 0.1
    shapes[label == 2, 57, 1] += 0.15
    shapes[label == 3, 19, 1] += 0.1
    return study.Press((shapes * 100).astype(np.float32), label, rng.integers(0, count // 3, count))


def imagined(count):
    """Portraits that only their age tells apart."""
    empty = np.zeros((count, 64, 64, 3), np.uint8)
    number = np.arange(count)
    places = np.stack([PLACE] * count).astype(np.float32)
    return Portraits(empty, places, number.astype(np.float32), (number % 2).astype(np.float32), number % 5)


@pytest.mark.parametrize("seed", [0, 1])
def test_held_out_portraits_are_the_last_and_nobody_is_in_two_parts(few, seed):
    parts = portraits.split(imagined(40), seed)
    assert [len(part) for part in parts] == [24, 6, 10]
    assert parts[2].age.tolist() == list(range(30, 40))
    assert sorted(np.concatenate([part.age for part in parts])) == list(range(40))


def test_another_print_of_a_held_out_photograph_is_not_learned_from(few):
    """The last portrait stands among the first three times: as it is, darker, and mirrored."""
    faces = imagined(40)
    faces.images[:] = np.random.default_rng(0).integers(0, 256, faces.images.shape, np.uint8)
    faces.images[3], faces.images[4], faces.images[5] = (
        faces.images[-1],
        faces.images[-1] // 2,
        faces.images[-1][:, ::-1],
    )
    learn, validation, held_out = portraits.split(faces, 0)
    assert [len(learn), len(validation), len(held_out)] == [21, 6, 10]
    assert not {3, 4, 5} & {*learn.age, *validation.age}


def test_too_few_portraits_are_refused(few):
    with pytest.raises(SourceError, match="16 portraits are too few"):
        portraits.split(imagined(16), 0)


def test_portraits_are_read_in_their_order_and_colours(data, drawn):
    faces = portraits.read(data)
    np.testing.assert_array_equal(faces.images, drawn)
    assert faces.age.tolist() == [3 * number for number in range(32)]
    np.testing.assert_allclose(faces.landmarks[0], PLACE, atol=0.11)
    last = portraits.read(data, slice(-2, None))
    np.testing.assert_array_equal(last.images, drawn[-2:])
    assert last.female.tolist() == [0, 1]


@pytest.mark.parametrize("name", ["index.csv", "landmarks.npz", "train-00.zip"])
def test_missing_and_damaged_data_are_named(data, tmp_path, name):
    for file in data.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / name).write_bytes(b"neither, nor")
    with pytest.raises(SourceError, match="not a folder of labelled portraits"):
        portraits.read(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(SourceMissing, match=name):
        portraits.read(tmp_path)


def test_the_script_says_what_is_missing_and_leaves_66(tmp_path, capsys):
    assert train_attributes.main(["--data", str(tmp_path)]) == 66
    assert "expressions.npz" in capsys.readouterr().err


def test_weather_changes_a_face_and_a_seed_repeats_it(drawn):
    looks = [augmented(drawn[0], PLACE, np.random.default_rng(seed)) for seed in (*range(60), 0)]
    assert {look.shape for look in looks} == {(64, 64, 3)}
    assert {look.dtype for look in looks} == {np.dtype(np.uint8)}
    np.testing.assert_array_equal(looks[0], looks[-1])
    assert len({look.tobytes() for look in looks}) == 60


def test_ctrl_c_keeps_the_best_network_so_far(few, data, tmp_path, monkeypatch, capsys):
    """Takes seconds: a training step is compiled. It is also the whole way from data to a model that opens."""

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(train_attributes, "_tell", interrupt)
    assert train_attributes.main(["--data", str(data), "--out", str(tmp_path), "--epochs", "50"]) == 0
    assert "best network so far" in capsys.readouterr().out
    held_out = portraits.read(data, slice(-10, None))
    rows = Attributes.open(tmp_path).guess_many(held_out.images, held_out.landmarks)
    error = json.loads((tmp_path / "attributes.json").read_text())["facts"]["figures"]["age error"]
    assert error["value"] == pytest.approx(np.abs(rows[:, 0] - held_out.age).mean(), abs=1e-3)
    card = (tmp_path / "README.md").read_text()
    assert "1 epochs" in card
    for line in card.splitlines():
        if line.startswith("!["):
            assert cv2.imread(str(tmp_path / line.split("(")[1][:-1])) is not None


def test_ctrl_c_before_the_first_epoch_writes_nothing(few, data, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "learn", interrupt)
    assert train_attributes.main(["--data", str(data), "--out", str(tmp_path / "new")]) == 130
    assert not (tmp_path / "new").exists()


def test_the_time_given_ends_the_training(monkeypatch):
    """The step itself is left out; the clock moves on by itself."""
    trainer = Trainer(imagined(300), imagined(4), 0)
    trainer._step = lambda *_: 0.0
    ticks = iter(range(100))
    diary = list(trainer.learn(1000, 5.0, lambda: float(next(ticks))))
    assert [entry.share for entry in diary] == [0.8, 1.0]


def test_the_best_epoch_is_kept_not_the_last(monkeypatch):
    trainer = Trainer(imagined(8), imagined(4), 0)
    truth = trainer._validation
    answers = iter([(truth.age + 9, truth.female), (truth.age, truth.female), (truth.age + 5, truth.female)])
    monkeypatch.setattr(
        "narcissus.lab.attributes.learn.guess", lambda *_: (lambda pair: (pair[0], None, pair[1]))(next(answers))
    )
    trainer._step = lambda *_: trainer._average.get_layer("female").bias.assign_add([1.0]) is None
    list(trainer.learn(3, np.inf, lambda: 0.0))
    assert trainer.best["female/bias"] == [2.0]


def test_expressions_are_learned_from_the_displacements_that_show_them():
    press = expressions(900)
    arrays, found = train_attributes.learn_expressions(press)
    accuracy, balanced = study.scores(press.label, found.probabilities)
    assert min(accuracy, balanced) > 0.95
    told = {int(point) // 2 for side in ("first", "second") for point in arrays[side][:4]}
    assert told & {54}
    assert told & {57}
    assert told & {19}


def test_expressions_without_a_word_of_their_own_are_pooled(tmp_path):
    np.savez(
        tmp_path / "e.npz",
        landmarks=np.zeros((3, 68, 2), np.int16),
        label=np.array([0, 1, 2], np.uint8),
        person=np.arange(3),
        names=np.array(["anger", "neutral", "fear"]),
    )
    assert study.read(tmp_path / "e.npz").label.tolist() == [3, 0, 3]


def test_people_and_not_photographs_are_resampled():
    """One person's hundred alike photographs are one witness: the interval must be wide."""
    person = np.r_[np.zeros(100, int), np.arange(1, 11)]
    label = np.r_[np.zeros(100, int), np.tile([0, 1], 5)]
    certain = np.eye(4)[np.r_[np.ones(100, int), label[100:]]]
    accuracy, _ = figures.of_expressions(study.Press(np.zeros((110, 68, 2)), label, person), certain)
    assert accuracy.n == 11
    assert accuracy.high - accuracy.low > 0.5


def test_a_figure_stands_between_its_bounds():
    values = np.random.default_rng(0).normal(5, 2, 400)
    figure = figures.mean(values)
    assert figure.low < values.mean() < figure.high
    assert figure.high - figure.low == pytest.approx(2 * 1.96 * 2 / 20, rel=0.15)
    assert figures.mean(np.ones(3)).table() == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 3}


def test_figures_are_given_for_every_part_that_somebody_belongs_to():
    faces = imagined(30)
    rows = np.stack([faces.age + 2, np.ones(30), np.ones(30)], axis=1)
    table = figures.by_division(faces, rows)
    assert table["all"]["age shift"].value == 2
    assert table["labelled female"]["gender right"].value == 1
    assert table["labelled male"]["called female"].value == 1
    assert table["10–19 years"]["age error"].n == 10
    assert "80 and older" not in table


def test_two_errors_of_three_lie_within_a_calibrated_spread():
    rng = np.random.default_rng(0)
    error, spread = rng.normal(0, 6, 2000), np.full(2000, 2.0)
    assert figures.within(error, spread) == pytest.approx(3, rel=0.05)


def test_a_confusion_table_has_labels_in_its_rows():
    assert figures.confusion(np.array([0, 0, 1]), np.array([1, 1, 1]), 2).tolist() == [[0, 2], [0, 1]]


def test_a_plot_shows_its_line():
    rising = cv2.imdecode(np.frombuffer(plots.lines("t", "x", [0, 1], {"y": [0, 1]}), np.uint8), 1)
    level = cv2.imdecode(np.frombuffer(plots.lines("t", "x", [0, 1], {"y": [1, 1]}), np.uint8), 1)
    assert rising.shape == level.shape
    assert (rising != level).any()
