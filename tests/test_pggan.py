"""The generator draws what G_paper draws, however it is stored, and never shows what is no picture.

Compiling a network takes TensorFlow a good part of a second; that is where the time of these tests goes.
"""

import ast
import logging
import threading
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from conftest import ROOT
from pggan_parts import Witness, drawn_weights, latents_for

from narcissus.core.errors import DeviceLost, NotFinite, OutOfMemory
from narcissus.core.processor import multiplies_bfloat16
from narcissus.networks.pggan import Generator, backend, legacy, network
from narcissus.networks.pggan.weights import Weights

NETWORKS = {
    "fused": {},
    "unfused": {"fused_scale": False},
    "plain": {"use_wscale": False, "use_pixelnorm": False, "use_leakyrelu": False, "normalize_latents": False},
    "plain, unfused": {"use_wscale": False, "use_pixelnorm": False, "use_leakyrelu": False, "fused_scale": False},
    "grey": {"num_channels": 1, "fused_scale": False},
    "labels": {"label_size": 3, "latent_size": 7},
    "epsilon": {"pixelnorm_epsilon": 0.3},
    "decay": {"fmap_decay": 1.7, "fmap_base": 90.5, "fmap_max": 40},
    "4 px": {"resolution": 4},
    "growing": {"lod": 0.3},
    "growing, unfused": {"lod": 1.75, "fused_scale": False},
    "grown half-way": {"lod": 1.0},
}


@pytest.mark.parametrize("arguments", NETWORKS.values(), ids=NETWORKS.keys())
def test_the_compiled_network_draws_what_plain_arithmetic_draws(arguments):
    weights = drawn_weights(**arguments)
    latents = latents_for(weights)
    labels = np.eye(3, weights.arguments.label_size, dtype=np.float32)
    drawn = Generator(weights, precision="float32").synthesize(latents, labels)
    expected = Witness(weights).draw(latents, labels).transpose(0, 2, 3, 1)
    assert drawn.dtype == np.float32
    assert drawn.shape == expected.shape
    assert np.abs(drawn - expected).max() < 1e-4 * max(1, np.abs(expected).max())


def test_the_largest_network_is_drawn_too():
    # No pixel norm: of two or three maps some pixel is nearly nothing, and a division by it measures only rounding.
    weights = drawn_weights(resolution=1024, fmap_base=1024, fmap_max=3, use_pixelnorm=False)
    latents = latents_for(weights, 1)
    drawn = Generator(weights, precision="float32").synthesize(latents)
    expected = Witness(weights).draw(latents).transpose(0, 2, 3, 1)
    assert np.abs(drawn - expected).max() < 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize("stored", ["fused", "unfused", "plain"])
def test_it_draws_what_the_reference_drew(shared, stored):
    official = legacy.read(shared / "vectors" / f"pggan-32-{stored}.pkl")
    recorded = np.load(shared / "vectors" / f"pggan-32-{stored}.npz")
    weights = Weights(official.arguments, official.variables, stored, "", "")
    drawn = Generator(weights, precision="float32").synthesize(recorded["latents"])
    assert np.abs(drawn.transpose(0, 3, 1, 2) - recorded["images"]).max() < 1e-4


def test_a_kernel_rewritten_from_one_storage_to_the_other_draws_the_same():
    unfused = drawn_weights(fused_scale=False)
    fused = {
        name.replace("Conv0", "Conv0_up"): network.transposed(array) if name.endswith("Conv0/weight") else array
        for name, array in unfused.variables.items()
    }
    rewritten = replace(unfused, arguments=replace(unfused.arguments, fused_scale=True), variables=fused)
    latents = latents_for(unfused)
    assert np.abs(Witness(unfused).draw(latents) - Witness(rewritten).draw(latents)).max() < 1e-9


@pytest.mark.parametrize("channels", [1, 3])
def test_a_rendered_picture_is_the_drawn_one_in_256_steps(channels):
    weights = drawn_weights(num_channels=channels)
    weights.variables["ToRGB_lod0/bias"][:] = 0.8  # so that something is clipped
    generator, latents = Generator(weights, precision="float32"), latents_for(weights)
    drawn = generator.synthesize(latents)
    picture = generator.render(latents)
    assert drawn.max() > 1
    assert picture.dtype == np.uint8
    assert picture.shape == (3, 16, 16, 3)
    steps = np.clip(np.rint(drawn * 127.5 + 127.5), 0, 255)
    assert np.abs(picture - steps).max() <= 1  # one step where float32 falls on the edge
    assert (picture == steps).mean() > 0.99


def test_grey_is_red_green_and_blue_alike():
    weights = drawn_weights(num_channels=1)
    picture = Generator(weights).render(latents_for(weights))
    assert (picture == picture[..., :1]).all()


@pytest.mark.parametrize("arguments", NETWORKS.values(), ids=NETWORKS.keys())
def test_a_face_joined_of_one_latent_is_the_face_of_that_latent(arguments):
    weights = drawn_weights(**arguments)
    generator, latents = Generator(weights, precision="float32"), latents_for(weights)
    apart = generator.render(latents).astype(int) - generator.render(latents, above=latents)
    assert np.abs(apart).max() <= 1


def test_of_two_latents_one_has_what_lies_above_the_mouth_and_the_other_what_is_below(generator):
    """A convolution looks a few rows across the seam, so some rows about it belong to both."""
    one, other = np.random.default_rng(2).standard_normal((2, 6, 128)).astype(np.float32)
    above, below = (generator.render(latents).astype(float) for latents in (one, other))
    joined = generator.render(other, above=one).astype(float)
    rows = generator.resolution
    top, bottom = slice(0, rows // 3), slice(rows * 5 // 6, rows)
    differ = lambda a, b, part: np.abs(a[:, part] - b[:, part]).mean()
    assert differ(joined, above, top) < 0.2 * differ(joined, below, top)
    assert differ(joined, below, bottom) < 0.5 * differ(joined, above, bottom)


def test_latents_above_must_be_as_many(generator):
    with pytest.raises(ValueError, match="must have the same shape"):
        generator.render(np.zeros((2, 128), np.float32), above=np.zeros((1, 128), np.float32))


@pytest.mark.parametrize("count", [0, 1, 7])
def test_any_number_of_latents_is_drawn_each_for_itself(count):
    weights = drawn_weights()
    generator, latents = Generator(weights, precision="float32"), latents_for(weights, 7)[:count]
    together = generator.render(latents)
    assert together.shape == (count, 16, 16, 3)
    for one, picture in zip(latents, together, strict=True):
        assert np.abs(generator.render(one[None])[0].astype(int) - picture).max() <= 1


def test_only_the_direction_of_a_latent_counts(generator):
    latents = np.random.default_rng(0).standard_normal((1, 128)).astype(np.float32)
    assert np.abs(generator.synthesize(latents) - generator.synthesize(latents * 7)).max() < 0.1
    assert np.abs(generator.synthesize(latents) - generator.synthesize(-latents)).max() > 0.5


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["ToRGB_lod0/bias", "8x8/Conv1/weight"])
def test_nan_and_infinity_are_never_a_picture(bad, where):
    weights = drawn_weights()
    weights.variables[where].flat[0] = bad
    with pytest.raises(NotFinite, match="drawn"):
        Generator(weights).render(latents_for(weights))


def test_a_latent_that_is_no_number_is_never_a_picture(generator):
    with pytest.raises(NotFinite):
        generator.render(np.full((1, 128), np.nan, np.float32))


@pytest.mark.parametrize(("precision", "levels"), [("bfloat16", 4), ("float16", 1)])
def test_a_shorter_number_draws_nearly_the_same_face(generator, precision, levels):
    if precision == "bfloat16" and not multiplies_bfloat16():
        pytest.skip("this processor does not multiply bfloat16")
    latents = np.random.default_rng(2).standard_normal((4, 128)).astype(np.float32)
    path = ROOT / "models" / "pg_gan" / "utk-64.npz"
    exact, short = (Generator.load(path, precision=one).render(latents) for one in ("float32", precision))
    assert np.abs(exact.astype(int) - short).mean() < levels


def test_two_threads_draw_what_one_draws(generator):
    latents = np.random.default_rng(3).standard_normal((2, 20, 1, 128)).astype(np.float32)
    alone = [[generator.render(one) for one in mine] for mine in latents]
    found = [None, None]

    def draw(which):
        found[which] = [generator.render(one) for one in latents[which]]

    threads = [threading.Thread(target=draw, args=(which,)) for which in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(
        np.array_equal(a, b) for mine, ours in zip(alone, found, strict=True) for a, b in zip(mine, ours, strict=True)
    )


@pytest.mark.parametrize("shape", [(128,), (1, 127), (1, 1, 128)])
def test_latents_of_another_shape_are_refused_in_words(generator, shape):
    with pytest.raises(ValueError, match=r"takes \(batch, 128\)"):
        generator.render(np.zeros(shape, np.float32))


def test_labels_that_the_network_does_not_have_are_refused(generator):
    with pytest.raises(ValueError, match="labels have shape"):
        generator.synthesize(np.zeros((1, 128), np.float32), np.zeros((1, 2), np.float32))


def test_no_labels_are_zeros():
    weights = drawn_weights(label_size=3)
    generator, latents = Generator(weights), latents_for(weights)
    assert np.array_equal(generator.synthesize(latents), generator.synthesize(latents, np.zeros((3, 3))))


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="bfloat16"):
        Generator(drawn_weights(), precision="half")


@pytest.mark.parametrize(
    ("fault", "told"), [(tf.errors.ResourceExhaustedError, OutOfMemory), (tf.errors.InternalError, DeviceLost)]
)
def test_a_fault_of_the_device_is_told_by_its_name(fault, told):
    weights = drawn_weights()
    generator = Generator(weights)

    def broken(_inputs):
        raise fault(None, None, "the device says so")

    generator._render = broken
    with pytest.raises(told, match="drawn"):
        generator.render(latents_for(weights))


def test_what_does_not_fit_into_memory_is_drawn_in_smaller_pieces():
    weights = drawn_weights()
    generator, latents = Generator(weights), latents_for(weights, 20)
    whole, render = generator.render(latents), generator._render

    def narrow(inputs):
        if len(inputs) > 4:
            raise tf.errors.ResourceExhaustedError(None, None, "too much")
        return render(inputs)

    generator._render = narrow
    assert (
        np.abs(generator.render(latents).astype(int) - whole).max() <= 8
    )  # bfloat16 rounds otherwise in other batches


def test_threads_are_set_once_and_a_later_wish_is_said_to_come_too_late(generator, caplog):
    generator.render(np.zeros((1, 128), np.float32))  # now at the latest TensorFlow computes
    with caplog.at_level(logging.WARNING):
        assert backend.use_threads(generator.threads) == generator.threads
        assert not caplog.records
        assert backend.use_threads(99) == generator.threads
    assert "99" in caplog.text


def test_the_network_is_written_in_keras_ops_alone():
    tree = ast.parse((ROOT / "narcissus" / "networks" / "pggan" / "network.py").read_text())
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {f"{n.module}.{a.name}" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
    assert modules == {"numpy", "keras.ops", "narcissus.networks.pggan.arguments.Arguments"}


@pytest.mark.parametrize("coarser", [1, 2, 9])
def test_a_coarser_picture_is_the_whole_one_with_less_detail(generator, coarser):
    """Drawn by the embedded generator, which has long forgotten how to colour its smaller maps."""
    latents = np.random.default_rng(7).standard_normal((8, 128)).astype(np.float32)
    path = ROOT / "models" / "pg_gan" / "utk-64.npz"
    whole = generator.render(latents).astype(float)
    coarse = Generator.load(path, precision="float32", coarser=coarser).render(latents).astype(float)
    size = min(2**coarser, 16)  # of the squares that are left
    squares = coarse.reshape(8, 64 // size, size, 64 // size, size, 3)
    assert (np.ptp(squares, axis=(2, 4)) == 0).all()
    means = whole.reshape(squares.shape).mean((2, 4))
    assert np.abs(squares[:, :, 0, :, 0] - means).mean() < 24  # of 255; 59 to 76 with the colours it was stored with


def test_a_network_of_4_px_has_nothing_to_leave_out():
    weights = drawn_weights(resolution=4)
    latents = latents_for(weights)
    whole, coarse = Generator(weights, precision="float32"), Generator(weights, precision="float32", coarser=1)
    assert np.abs(whole.synthesize(latents) - coarse.synthesize(latents)).max() < 0.01


def test_a_loaded_generator_is_compiled_already(monkeypatch):
    traced, draw = [], network.draw

    def counted(*arguments, **named):
        traced.append(1)
        return draw(*arguments, **named)

    monkeypatch.setattr(network, "draw", counted)
    loaded = Generator.load(ROOT / "models" / "pg_gan" / "utk-64.npz")
    before = len(traced)
    loaded.render(np.ones((1, 128), np.float32))
    assert before
    assert len(traced) == before
