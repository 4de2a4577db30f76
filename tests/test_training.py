"""Training: the same seed gives the same pairs, whoever works and whatever interrupts; nothing is left half written."""

import _thread
import os
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import ROOT
from joblib import Parallel, delayed
from sklearn.neural_network import MLPRegressor

from narcissus.core.errors import ConfigError, ModelMismatch
from narcissus.features.colour import patches
from narcissus.features.portrait import COLUMNS
from narcissus.lab.training import cluster, judge, needs, pairs, room
from narcissus.lab.training.fit import interruptible
from narcissus.lab.training.pairs import draw_pairs
from narcissus.lab.training.room import through_camera
from narcissus.people import find_portrait


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
        self.latent_size, self.sha256, self.precision = generator.latent_size, generator.sha256, generator.precision
        self._generator, self._left = generator, 2

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


@pytest.mark.parametrize(
    "spoil", [lambda whole: b"", lambda whole: whole[:-1], lambda whole: whole[:-700] + bytes(700), lambda whole: b"?"]
)
def test_pairs_that_lie_there_half_written_are_drawn_again(generator, small, tmp_path, spoil):
    """Of this house they are written whole; a full disk, a copy or a power cut may still leave a part of one."""
    whole = draw_pairs(generator, 8, 5, tmp_path, 1, None)
    first, _ = sorted(tmp_path.rglob("*.npy"))
    kept = first.read_bytes()
    first.write_bytes(spoil(kept))
    assert pairs.kept_pairs(generator, 8, 5, tmp_path, None) == 4
    again = draw_pairs(generator, 8, 5, tmp_path, 1, None)
    assert np.array_equal(again.rows, whole.rows, equal_nan=True)
    assert first.read_bytes() == kept


def test_painted_colours_are_those_of_the_drawing_before_any_lamp(generator, small, tmp_path):
    seen = draw_pairs(generator, 8, 5, tmp_path, 1, None)
    apart = []
    for latent, painted in zip(seen.latents, seen.painted, strict=True):
        (picture,) = generator.render(latent[None])
        if (face := find_portrait(picture)) is not None:
            apart.append(np.abs(patches(picture, face.landmarks).ravel() - painted)[:9])  # cheeks and forehead
    assert len(apart) >= 3
    assert np.nanmedian(apart) < 2.0


SMALL = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background inherits one that is ignored
sys.path.insert(0, sys.argv.pop(1))
from narcissus.lab import cli as train_inverter
from narcissus.lab import training
from narcissus.lab.training import pairs
train_inverter.LEAST, training.HELD, pairs.CHUNK = 1, 16, 20
sys.exit(train_inverter.main())
"""


def start(out, *words):
    """The script itself, with few and small faces, in a group of processes of its own as a terminal makes one."""
    small = ["--generator", "utk-64", "--pairs", "80", "--features", "20"]
    command = [sys.executable, "-c", SMALL, str(ROOT), *small, "--out", str(out), *words]
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)


def until(run, word: str) -> str:
    """What the run says up to this word."""
    said = b""
    while word.encode() not in said:
        more = run.stderr.read1(1 << 16)
        assert more, said.decode()
        said += more
    return said.decode()


def test_stopped_again_and_again_it_comes_to_the_very_same_inverter(tmp_path):
    """The whole script five times, stopped while it sees, fits and judges: a minute."""
    cut, whole = tmp_path / "cut", tmp_path / "whole"
    for moment in ("seeing", "fitting", "judging"):
        run = start(cut, "--workers", "2")
        said = until(run, moment)
        while moment == "seeing" and not list(cut.rglob("*.npy")):
            time.sleep(0.01)
        os.killpg(run.pid, signal.SIGINT)  # Ctrl-C reaches every process of the group
        said += run.communicate()[1].decode()
        assert run.returncode == 130, said
        assert "goes on from there" in said
        assert "Traceback" not in said
        assert {path.suffix for path in cut.rglob("*") if path.is_file()} <= {".npy"}
    for out, workers in ((cut, "2"), (whole, "1")):
        run = start(out, "--workers", workers)
        run.communicate()
        assert run.returncode == 0
    assert (cut / "inverter.joblib").read_bytes() == (whole / "inverter.joblib").read_bytes()
    assert (cut / "inverter.json").read_text() == (whole / "inverter.json").read_text()


def masks_and_handlers():
    """Whether Ctrl-C is held back, and what it does: of each task in two workers."""
    asked = [delayed(signal.pthread_sigmask)(signal.SIG_BLOCK, ()), delayed(signal.getsignal)(signal.SIGINT)] * 4
    with cluster.here():
        told = Parallel(2)(asked)
    return {signal.SIGINT in mask for mask in told[::2]}, set(told[1::2])


def test_ctrl_c_is_left_to_the_parent_from_a_workers_first_moment(monkeypatch):
    """Two processes have to be started, twice: seconds."""
    assert masks_and_handlers() == ({False}, {signal.SIG_IGN})
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    monkeypatch.setattr(cluster, "end_with_parent", id)  # a worker that has not got as far
    assert masks_and_handlers()[0] == {True}


def test_ctrl_c_ends_a_networks_fit_instead_of_passing_half_of_it_on():
    """scikit-learn's networks swallow it. A suite in a shell's background inherits a Ctrl-C that is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    net = MLPRegressor(hidden_layer_sizes=(64,), max_iter=100_000, tol=0, n_iter_no_change=100_000)
    numbers = np.random.default_rng(0).standard_normal((500, 20))
    ctrl_c = threading.Timer(0.5, _thread.interrupt_main)
    try:
        with pytest.raises(KeyboardInterrupt), interruptible():  # noqa: PT012 (before it, it would end the suite)
            ctrl_c.start()
            net.fit(numbers, numbers)
    finally:
        signal.signal(signal.SIGINT, before)


def test_whatever_changes_a_row_changes_the_folder_of_pairs(generator, tmp_path, monkeypatch):
    about = SimpleNamespace(sha256=generator.sha256, precision=generator.precision)
    first = pairs._key(about, 0, None)
    assert pairs._key(SimpleNamespace(sha256="other", precision=about.precision), 0, None) != first
    assert pairs._key(SimpleNamespace(sha256=about.sha256, precision="float16"), 0, None) != first
    assert pairs._key(about, 1, None) != first
    names = {path.relative_to(ROOT).as_posix() for path in pairs._sources()}
    assert {
        "narcissus/lab/training/pairs.py",
        "narcissus/lab/training/room.py",
        "narcissus/features/colour.py",
    } < names
    for index, source in enumerate(pairs._sources()):
        changed = tmp_path / f"{index}.py"
        changed.write_bytes(source.read_bytes() + b"#")
        others = [path for path in pairs._sources() if path != source]
        with monkeypatch.context() as patch:
            patch.setattr(pairs, "_sources", lambda others=others, changed=changed: [*others, changed])
            assert pairs._key(about, 0, None) != first
    monkeypatch.setattr(pairs, "version", lambda _: "0")
    assert pairs._key(about, 0, None) != first


class Bedrooms:
    """A generator that draws no faces."""

    latent_size, sha256, precision, name = 8, "0", "float32", "lsun-bedroom"

    def render(self, latents):
        return np.full((len(latents), 32, 32, 3), 90, np.uint8)


def test_a_generator_that_draws_no_faces_is_known_early_and_may_dream(small, tmp_path, monkeypatch):
    monkeypatch.setattr(pairs, "TELLING", 8)
    with pytest.raises(ModelMismatch, match=r"0 of 8 .*--scene dream"):
        draw_pairs(Bedrooms(), 400, 0, tmp_path, 1, None)


ROOMY = {"latent_size": 128, "workers": 2, "chunk": 250, "pixels": 64, "forest": False}


def test_too_little_memory_is_known_before_anything_and_how_many_pairs_would_fit(tmp_path, monkeypatch):
    needed = needs.memory(50_000, **ROOMY)
    monkeypatch.setattr(needs.psutil, "virtual_memory", lambda: SimpleNamespace(available=needed))
    with pytest.raises(ConfigError, match="--pairs 50000, which would fit"):
        needs.check(tmp_path / "new" / "er", 50_500, 0, 1000, **ROOMY)
    assert "free" in needs.check(tmp_path / "new" / "er", 50_000, 0, 1000, **ROOMY)
    assert not (tmp_path / "new").exists()


def test_a_machine_too_small_for_any_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setattr(needs.psutil, "virtual_memory", lambda: SimpleNamespace(available=10_000_000))
    with pytest.raises(ConfigError, match="none would fit"):
        needs.check(tmp_path, 20_000, 0, 1000, **ROOMY)


def test_a_full_disk_is_known_before_anything_and_kept_pairs_count(tmp_path, monkeypatch):
    room = needs.disk(20_000)
    monkeypatch.setattr(needs.psutil, "virtual_memory", lambda: SimpleNamespace(available=1 << 40))
    monkeypatch.setattr(needs.shutil, "disk_usage", lambda _: SimpleNamespace(free=room))
    with pytest.raises(ConfigError, match=r"disk of .*--pairs 20000"):
        needs.check(tmp_path, 21_000, 0, 1000, **ROOMY)
    needs.check(tmp_path, 21_000, 1000, 1000, **ROOMY)


def test_another_seed_is_another_folder_of_pairs(generator, small, tmp_path):
    first = draw_pairs(generator, 4, 1, tmp_path, 1, None)
    second = draw_pairs(generator, 4, 2, tmp_path, 1, None)
    assert len(list(tmp_path.iterdir())) == 2
    assert not np.allclose(first.latents[:1], second.latents[:1])


def test_a_room_changes_a_face_the_same_way_for_the_same_seed(drawn):
    seen = [through_camera(drawn[0], np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert np.array_equal(seen[0], seen[1])
    assert seen[0].shape != seen[2].shape or not np.array_equal(seen[0], seen[2])
    assert all(drawn[0].shape[0] <= picture.shape[0] <= 256 for picture in seen)


def test_rooms_are_dim_and_bright_warm_and_cool_and_often_as_portraits_are():
    rng = np.random.default_rng(0)
    light = np.array([room.lamps(4, rng).reshape(-1, 3).mean(axis=0) for _ in range(600)])
    ordinary = np.abs(np.log(light)).max(axis=1) < 0.2
    assert 0.25 < ordinary.mean() < 0.6
    linear = light[:, 1] ** room.GAMMA
    assert np.quantile(linear, 0.05) < 0.4
    assert np.quantile(linear, 0.95) > 1.6
    warmth = light[:, 0] / light[:, 2]
    assert np.quantile(warmth, 0.95) > 1.2
    assert np.quantile(warmth, 0.05) < 0.97


def test_a_warm_lamp_is_redder_than_daylight_and_a_cool_one_bluer():
    warm, day, cool = (room.planck(kelvin) for kelvin in (2700, 6000, 9000))
    assert warm[0] / warm[2] > day[0] / day[2] > cool[0] / cool[2]


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
