"""What the training of a generator promises: the reference's networks, honest gradients, and a state to go on from."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import with_one_thread
from pggan_parts import Witness

from narcissus.core.errors import ConfigError, ModelCorrupt, ModelMismatch, NotFinite
from narcissus.lab.generator import augmentation, finish
from narcissus.lab.generator.adam import RATE, Adam
from narcissus.lab.generator.adversaries import LAZILY, Adversaries, Moment, arguments_for, r1_at
from narcissus.lab.generator.plan import Plan
from narcissus.lab.generator.training import Training
from narcissus.networks.pggan import Generator, discriminator, weights
from narcissus.networks.pggan.arguments import Arguments

SMALL = Arguments(resolution=16, num_channels=3, fmap_base=32, fmap_max=6, fused_scale=False)


def halves():
    """Forty pictures of 16 px, each of two colours."""
    rng = np.random.default_rng(0)
    return rng.integers(0, 255, (40, 1, 2, 3)).repeat(16, axis=1).repeat(8, axis=2).astype(np.uint8)


@pytest.fixture(scope="module")
def pictures():
    return halves()


@pytest.fixture(scope="module")
def begun():
    """Two networks, and what their variables were before any step; compiled steps are shared by the tests."""
    own = Adversaries(SMALL, 0, "float32")
    return own, [np.array(one) for part in own.variables.values() for one in part]


@pytest.fixture
def adversaries(begun):
    own, values = begun
    for variable, value in zip((one for part in own.variables.values() for one in part), values, strict=True):
        variable.assign(value)
    for optimizer in own.optimizers:
        optimizer.rate.assign(RATE)
    return own


def trained(pictures, adversaries, seconds=()):
    """A training after one step at each of these moments."""
    training = Training(pictures, adversaries, 7.0, fading=0)  # 4 px for 1 s, 8 px for 2, 16 px for 4
    training.last = training.plan.at(seconds[0])[0] if len(seconds) else 2
    learn(training, seconds)
    return training


def learn(training, seconds):
    for moment in seconds:
        training.seconds = moment
        training.learn()


def state_of(adversaries):
    return [np.array(one) for part in adversaries.variables.values() for one in part]


# --- the two networks -------------------------------------------------------------------------------------------------


def judged_by_the_reference(variables, images, arguments):
    """`D_paper` once more, word for word: NCHW, float64, the halving done after the convolution; (B,)."""
    plain = Witness.__new__(Witness)
    value = lambda name: variables[name].astype(np.float64)
    he = lambda name: value(name) * discriminator.gain(name, variables[name].shape)
    bend = lambda x: np.maximum(x, 0.2 * x)

    def layer(x, name):
        return plain.conv(x, he(f"{name}/weight")) + value(f"{name}/bias").reshape(1, -1, 1, 1)

    x = bend(layer(images, "FromRGB_lod0"))
    for log2 in range(arguments.log2, 2, -1):
        name, half = f"{2**log2}x{2**log2}", 2 ** (log2 - 1)
        x = layer(bend(layer(x, f"{name}/Conv0")), f"{name}/Conv1_down")
        x = bend(x.reshape(*x.shape[:2], half, 2, half, 2).mean(axis=(3, 5)))
    spread = np.sqrt(x.reshape(4, -1, *x.shape[1:]).var(axis=0) + 1e-8).mean(axis=(1, 2, 3))
    x = np.concatenate([x, np.tile(spread, 4).reshape(-1, 1, 1, 1) * np.ones((1, 1, 4, 4))], axis=1)
    x = bend(layer(x, "4x4/Conv")).transpose(0, 2, 3, 1).reshape(len(x), -1)
    x = bend(x @ he("4x4/Dense0/weight") + value("4x4/Dense0/bias"))
    return (x @ he("4x4/Dense1/weight") + value("4x4/Dense1/bias"))[:, 0]


def test_the_judge_judges_as_the_reference(adversaries):
    rng = np.random.default_rng(1)
    variables = {name: np.array(one) for name, one in adversaries.discriminator.items()}
    for name in variables:
        if name.endswith("/bias"):
            variables[name] = rng.standard_normal(variables[name].shape).astype(np.float32)
    images = rng.uniform(-1, 1, (8, 16, 16, 3)).astype(np.float32)
    ready = discriminator.folded({name: tf.constant(array) for name, array in variables.items()})
    said = np.array(discriminator.judge(ready, tf.constant(images), SMALL, 4))
    expected = judged_by_the_reference(variables, images.transpose(0, 3, 1, 2), SMALL)
    np.testing.assert_allclose(said, expected, atol=1e-4)


def test_a_resolution_that_has_not_faded_in_is_judged_by_the_one_before(adversaries):
    ready = discriminator.folded({name: tf.constant(np.array(one)) for name, one in adversaries.discriminator.items()})
    images = np.random.default_rng(2).uniform(-1, 1, (4, 8, 8, 3)).astype(np.float32)
    large = tf.constant(images.repeat(2, axis=1).repeat(2, axis=2))
    np.testing.assert_allclose(
        discriminator.judge(ready, large, SMALL, 4, 1.0),
        discriminator.judge(ready, tf.constant(images), SMALL, 3),
        atol=1e-5,
    )


@pytest.mark.parametrize("seconds", [0.5, 1.5, 6.9])
def test_what_is_written_draws_what_was_trained(pictures, adversaries, seconds, tmp_path):
    """Also while it is growing: the file says how far it has grown."""
    training = trained(pictures, adversaries, [seconds])
    place = finish.Place(tmp_path / "own.npz", tmp_path, "told", "pile", "none", None)
    made = finish.at_rest(training, place)
    weights.write(place.path, made)
    latents = np.random.default_rng(3).standard_normal((3, SMALL.latent_size)).astype(np.float32)
    stored = Generator(weights.read(place.path), precision="float32").render(latents)
    last, fade = training.growth
    own = training.adversaries.draw(latents, last, fade).astype(int)
    side = 16 // own.shape[1]
    assert np.abs(own.repeat(side, axis=1).repeat(side, axis=2) - stored).mean() < 0.5, "but for float16"


def test_the_networks_keep_maps_to_draw_with_at_every_size():
    for size in (8, 64, 128, 1024):
        assert arguments_for(size, 128).maps(arguments_for(size, 128).log2 - 1) >= 16
    assert arguments_for(128, 128).fmap_base == 1024, "the network that ships"


class HardStop(BaseException):
    """As of a power cut: nothing after it is done."""


@pytest.mark.parametrize("done", [False, True])
def test_a_hard_stop_while_it_is_written_leaves_the_name_its_own(pictures, adversaries, tmp_path, monkeypatch, done):
    """Before the weights are on the disk, or right after; the same command goes on."""
    write = weights.write
    monkeypatch.setattr(finish.samples, "sheet", lambda training: np.zeros((8, 8, 3), np.uint8))
    training, work = trained(pictures, adversaries), tmp_path / "work"
    place = finish.Place(tmp_path / "own.npz", work, "told", "pile", "none", None)
    finish.write(training, place)

    def stopped(path, made):
        if done:
            write(path, made)
        raise HardStop

    monkeypatch.setattr(weights, "write", stopped)
    adversaries.average["4x4/Conv/bias"].assign(np.full(6, 0.5, np.float32))
    for _ in range(2):
        with pytest.raises(HardStop):
            finish.write(training, place)
        finish.claim(place.path, work)
    monkeypatch.setattr(weights, "write", write)
    finish.write(training, place)
    finish.claim(place.path, work)
    place.path.write_bytes(b"somebody else's")
    with pytest.raises(ConfigError, match="already"):
        finish.claim(place.path, work)


# --- one step ---------------------------------------------------------------------------------------------------------


def test_r1_is_the_squared_slope_of_what_is_said_of_examples(adversaries):
    shown = np.random.default_rng(4).uniform(-1, 1, (4, 4, 4, 3)).astype(np.float32)
    weights = adversaries._judging(2)
    _, penalty = adversaries._penalised(weights, tf.constant(shown), 2, None)
    total, slopes = lambda x: float(tf.reduce_sum(adversaries._said(weights, tf.constant(x), 2, None))), []
    for index in np.ndindex(shown.shape):
        step = np.zeros_like(shown)
        step[index] = 1e-3
        slopes.append((total(shown + step) - total(shown - step)) / 2e-3)
    assert float(penalty) == pytest.approx(LAZILY * r1_at(2) / 2 * np.square(slopes).sum() / 4, rel=0.05)


def test_only_what_has_grown_is_taught(pictures, adversaries):
    fresh = {name: np.array(one) for name, one in adversaries.generator.items()}
    trained(pictures, adversaries, [0.5, 0.6])
    taught = {name for name, one in adversaries.generator.items() if not np.array_equal(one, fresh[name])}
    assert {"4x4/Dense/weight", "4x4/Conv/weight", "ToRGB_lod2/weight"} <= taught
    assert not any(name.startswith(("8x8", "16x16", "ToRGB_lod1", "ToRGB_lod0")) for name in taught)


def test_the_average_follows_the_generator(pictures, adversaries):
    name = "4x4/Conv/weight"
    training = trained(pictures, adversaries)
    training.seen = 10_000  # else the average is as young as the generator
    before = np.array(adversaries.generator[name])
    training.learn()
    walked, followed = (np.array(one[name]) - before for one in (adversaries.generator, adversaries.average))
    np.testing.assert_allclose(followed, walked * (1 - 0.5 ** (64 / 500)), atol=1e-6)
    assert np.abs(walked).min() > 1e-4


def test_the_judge_learns_to_tell(pictures, adversaries):
    """Fifteen steps at 4 px against a generator that stands still."""
    training = trained(pictures, adversaries)
    still, quick = adversaries.optimizers
    still.rate.assign(0.0)
    quick.rate.assign(0.02)
    losses = [adversaries.learn(training._examples(2), Moment(step, 0, 2, 0.0))[0] for step in range(15)]
    assert np.mean(losses[-3:]) < 0.85 * losses[0]


def test_losses_that_are_no_numbers_end_the_training(pictures, adversaries):
    training = trained(pictures, adversaries)
    adversaries.generator["4x4/Conv/bias"].assign(np.full(6, np.nan, np.float32))
    with pytest.raises(NotFinite, match="last state"):
        training.learn()


def test_adam_steps_as_in_keras():
    rng, ours, theirs = np.random.default_rng(8), keras.Variable(np.ones(5, np.float32)), keras.Variable(np.ones(5))
    adam, reference = Adam([ours]), keras.optimizers.Adam(RATE, beta_1=0.0, beta_2=0.99, epsilon=1e-8)
    for _ in range(4):
        gradient = tf.constant(rng.standard_normal(5).astype(np.float32))
        adam.apply([gradient], [ours])
        reference.apply([gradient], [theirs])
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    before = np.array(ours)
    adam.apply([None], [ours])
    assert np.array_equal(ours, before)


def test_a_variable_that_begins_late_takes_no_longer_a_first_step():
    """Those of a new resolution join an optimizer that has long been at work."""
    early, late = keras.Variable(np.zeros(3, np.float32)), keras.Variable(np.zeros(3, np.float32))
    adam, gradient = Adam([early, late]), tf.constant([0.3, -2.0, 5.0])
    for _ in range(200):
        adam.apply([gradient, None], [early, late])
    adam.apply([gradient, gradient], [early, late])
    np.testing.assert_allclose(late, -RATE * np.sign(gradient), rtol=1e-4)


# --- augmentation -----------------------------------------------------------------------------------------------------


def test_a_judge_too_sure_of_the_examples_sees_more_augmentation():
    up = augmentation.next_probability(tf.constant(0.2), tf.constant(0.9), 64)
    down = augmentation.next_probability(tf.constant(0.2), tf.constant(0.1), 64)
    assert float(down) < 0.2 < float(up)
    assert float(augmentation.next_probability(tf.constant(0.0), tf.constant(0.1), 64)) == 0
    assert float(augmentation.next_probability(tf.constant(1.0), tf.constant(0.9), 64)) == pytest.approx(0.8)


# --- growing and going on ---------------------------------------------------------------------------------------------


def test_the_last_resolution_has_half_of_the_time_and_nothing_ever_shrinks():
    plan = Plan(6, 3100.0)
    moments = [plan.at(second) for second in np.arange(0, 4000, 10)]
    sizes = [last for last, _ in moments]
    assert sizes == sorted(sizes)
    assert sizes[0] == 2
    assert sizes[-1] == 6
    assert plan.at(1490)[0] == 5
    assert plan.at(1510)[0] == 6
    assert plan.at(3999) == (6, None), "what has grown stays"
    for last in range(3, 7):
        fades = [1.0 if fade is None else 1 - fade for size, fade in moments if size == last]
        assert fades == sorted(fades)
        assert fades[0] < 0.3
        assert fades[-1] == 1.0


def test_a_resolution_is_not_hurried_through(pictures, adversaries):
    """On a slow machine the clock alone would grow what has seen nothing yet."""
    training = Training(pictures, adversaries, 7.0, fading=100)
    training.seconds, training.shown = 6.9, 99
    training._grow()
    assert training.growth == (2, 0.0)
    training.shown = 100
    training._grow()
    assert training.growth == (3, 1.0)
    training.shown = 75
    assert training.growth == (3, 0.25)
    training.shown = 100
    training._grow()
    training._grow()
    assert training.growth == (4, 1.0), "one after the other"
    training.shown = 100
    assert training.growth == (4, None)


def test_a_new_resolution_begins_with_the_colours_of_the_one_before(adversaries):
    """What `draw` shows is the average, which is what ships."""
    latents = np.random.default_rng(5).standard_normal((16, SMALL.latent_size)).astype(np.float32)
    away = lambda: np.abs(adversaries.draw(latents, 4, 0.0) - coarse).mean()
    coarse = adversaries.draw(latents, 4, 1.0).astype(float)
    by_lot, spread = away(), np.abs(coarse - coarse.mean(axis=(0, 1, 2))).mean()
    adversaries.fit_to_rgb(4)
    assert away() < min(by_lot / 2, spread), "nearer to the picture than its own mean colour is"


def test_it_hands_them_on_as_it_grows(pictures, adversaries):
    training = trained(pictures, adversaries, [0.5])
    before = np.array(adversaries.generator["ToRGB_lod1/weight"])
    training.seconds = 1.0
    training._grow()
    assert training.last == 3
    assert not np.array_equal(adversaries.generator["ToRGB_lod1/weight"], before)


def test_a_smaller_picture_is_penalised_less():
    assert [r1_at(last) / r1_at(7) for last in (7, 6, 3)] == [1, 0.5, 1 / 16]


RESUMED = """
import sys
import numpy as np
from test_train_generator import SMALL, Adversaries, Training, halves, learn, state_of, trained

pictures, adversaries = halves(), Adversaries(SMALL, 0, "float32")
moments = (0.5, 0.9, 1.2, 1.3)
straight = trained(pictures, adversaries, moments[:2])
straight.save_checkpoint(sys.argv[1])
halfway = state_of(adversaries)
learn(straight, moments[2:])
expected = state_of(adversaries)
other = Training(pictures, Adversaries(SMALL, 0, "float32"), 99.0, fading=0)
assert other.load_checkpoint(sys.argv[1])
learn(other, moments[2:])
assert other.plan == straight.plan, "it grows as it was begun"
assert (other.step, other.seen) == (straight.step, straight.seen) == (4, 256)
for one, another in zip(expected, state_of(other.adversaries), strict=True):
    np.testing.assert_array_equal(one, another)
assert not np.array_equal(expected[0], halfway[0])
print("the same")
"""


def test_four_steps_are_two_and_two(tmp_path):
    """Bit for bit, over a penalty and a new resolution."""
    assert with_one_thread(RESUMED, tmp_path / "state.npz") == "the same\n"


def test_a_diary_is_taken_up_too(pictures, adversaries, tmp_path):
    training = trained(pictures, adversaries)
    training.seconds, training.seen = 0.5, 64
    entry = training.note((1.25, 0.5))
    training.save_checkpoint(tmp_path / "state.npz")
    again = trained(pictures, adversaries)
    again.load_checkpoint(tmp_path / "state.npz")
    assert again.diary == [entry]


def test_the_state_of_another_training_is_refused(pictures, adversaries, tmp_path):
    trained(pictures, adversaries).save_checkpoint(tmp_path / "state.npz")
    others = [
        trained(pictures[:39], adversaries),
        trained(pictures, Adversaries(SMALL, 1, "float32")),
        trained(pictures, Adversaries(replace(SMALL, fmap_max=5, latent_size=5), 0, "float32")),
    ]
    for other in others:
        with pytest.raises(ModelMismatch, match="another --work"):
            other.load_checkpoint(tmp_path / "state.npz")


def test_a_broken_state_is_refused(pictures, adversaries, tmp_path):
    training = trained(pictures, adversaries)
    training.save_checkpoint(tmp_path / "state.npz")
    whole = (tmp_path / "state.npz").read_bytes()
    (tmp_path / "state.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelCorrupt, match="another --work"):
        training.load_checkpoint(tmp_path / "state.npz")


def test_it_trains_in_bfloat16_as_well(pictures):
    losses = trained(pictures, Adversaries(SMALL, 0, "bfloat16"), [0.5, 0.6]).learn()
    assert np.isfinite(losses).all()
