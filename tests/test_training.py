"""Training: the same seed gives the same pairs, whoever works and whatever interrupts; nothing is left half written."""

import _thread
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from conftest import ROOT
from sklearn.neural_network import MLPRegressor

from narcissus.portrait import COLUMNS
from narcissus.training import judge, pairs
from narcissus.training.drawings import curve, features_on_a_face
from narcissus.training.fit import interruptible
from narcissus.training.pairs import draw_pairs
from narcissus.training.webcam import through_webcam


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(pairs, "CHUNK", 4)


def test_the_same_seed_gives_the_same_pairs_for_any_number_of_workers(generator, small, tmp_path):
    """Two processes have to be started: seconds."""
    alone = draw_pairs(generator, 12, 5, tmp_path / "alone", 1, None)
    together = draw_pairs(generator, 12, 5, tmp_path / "together", 2, None)
    assert np.array_equal(alone.rows, together.rows, equal_nan=True)
    assert np.array_equal(alone.latents, together.latents)
    assert len(alone) == len(alone.latents) <= alone.drawn == 12
    assert np.linalg.norm(alone.latents, axis=1) == pytest.approx(np.sqrt(generator.latent_size), rel=1e-4)


class Interrupted:
    """A generator that is stopped with Ctrl-C while it draws its third batch."""

    def __init__(self, generator):
        self.latent_size, self.sha256, self._generator, self._left = (
            generator.latent_size,
            generator.sha256,
            generator,
            2,
        )

    def render(self, latents):
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        return self._generator.render(latents)


def test_stopped_and_started_again_it_comes_to_the_same_result(generator, small, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        draw_pairs(Interrupted(generator), 12, 5, tmp_path / "cut", 1, None)
    kept = sorted(path for path in (tmp_path / "cut").rglob("*") if path.is_file())
    assert kept
    assert all(path.suffix == ".npy" and len(np.load(path)) == 4 for path in kept)
    times = [path.stat().st_mtime_ns for path in kept]
    resumed = draw_pairs(generator, 12, 5, tmp_path / "cut", 1, None)
    assert [path.stat().st_mtime_ns for path in kept] == times
    whole = draw_pairs(generator, 12, 5, tmp_path / "whole", 1, None)
    assert np.array_equal(resumed.rows, whole.rows, equal_nan=True)


def test_ctrl_c_ends_a_networks_fit_instead_of_passing_half_of_it_on():
    """scikit-learn's networks swallow it. A suite in a shell's background inherits a Ctrl-C that is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    net = MLPRegressor(hidden_layer_sizes=(64,), max_iter=100_000, tol=0, n_iter_no_change=100_000)
    numbers = np.random.default_rng(0).standard_normal((500, 20))
    ctrl_c = threading.Timer(0.5, _thread.interrupt_main)
    ctrl_c.start()
    try:
        with pytest.raises(KeyboardInterrupt), interruptible():
            net.fit(numbers, numbers)
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_seed_is_another_folder_of_pairs(generator, small, tmp_path):
    first = draw_pairs(generator, 4, 1, tmp_path, 1, None)
    second = draw_pairs(generator, 4, 2, tmp_path, 1, None)
    assert len(list(tmp_path.iterdir())) == 2
    assert not np.allclose(first.latents[:1], second.latents[:1])


def test_a_webcam_changes_a_face_a_little_and_the_same_way_for_the_same_seed(drawn):
    seen = [through_webcam(drawn[0], np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert np.array_equal(seen[0], seen[1])
    assert seen[0].shape != seen[2].shape or not np.array_equal(seen[0], seen[2])
    for picture in seen:
        assert drawn[0].shape[0] <= picture.shape[0] <= 256
        assert abs(picture.mean() - drawn[0].mean()) < 40


def test_the_judge_knows_a_perfect_mirror_from_a_blind_one(generator, small, tmp_path):
    seen = draw_pairs(generator, 24, 3, tmp_path, 1, None)
    perfect = judge.echo(seen.rows, seen.rows)
    assert perfect["face rate"] == 1
    assert perfect["landmark skill"] == pytest.approx(1)
    assert perfect["yaw r"] == pytest.approx(1)
    assert perfect["skin slope"] == pytest.approx(1)
    blind = judge.echo(seen.rows, np.roll(seen.rows, 4, axis=0))
    assert blind["landmark skill"] < 0.3
    assert np.isnan(perfect["age r"])  # nobody guessed


def test_what_cannot_be_measured_is_not_a_number():
    nothing = np.full((3, len(COLUMNS)), np.nan, np.float32)
    figures = judge.echo(nothing, nothing)
    assert figures["face rate"] == 0
    assert all(np.isnan(value) for name, value in figures.items() if name != "face rate")


def test_pictures_of_the_report_are_whole_svg():
    from xml.etree import ElementTree

    names = ("chin – nose tip, y", "log distance chin – nose tip", "yaw", "nose tip – chin, x")
    drawing = ElementTree.fromstring(features_on_a_face(names, np.array([4.0, 3.0, 2.0, 1.0])))
    assert len([node for node in drawing if node.tag.endswith("line")]) == 3  # a yaw has no two ends
    ElementTree.fromstring(curve(np.array([1, 4, 16]), np.array([0.99, 0.95, 0.93]), 4))


@pytest.mark.parametrize("words", [["--pairs", "10"], ["--estimator", "magic"], ["--seed", "x"], ["--resolution", "3"]])
def test_wrong_words_are_refused_in_a_line(words):
    run = subprocess.run([sys.executable, ROOT / "train_inverter.py", *words], capture_output=True, text=True)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert words[0] in run.stderr


def test_a_generator_that_is_not_there_is_refused_by_name(tmp_path):
    """TensorFlow has to arrive: seconds."""
    words = ["--generator", str(tmp_path / "nobody.npz"), "--out", str(tmp_path / "out")]
    run = subprocess.run([sys.executable, ROOT / "train_inverter.py", *words], capture_output=True, text=True)
    assert run.returncode == 78
    assert "nobody" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "out").exists()
