"""The network may be left and entered again between its blocks, and a creature's body is put together there."""

import numpy as np
import pytest
from pggan_parts import Witness, drawn_weights, latents_for

from narcissus.breeding.crossing import crossed, immigrant
from narcissus.breeding.genome import Genome
from narcissus.core.errors import DeviceLost, NotFinite, OutOfMemory
from narcissus.networks import chimera
from narcissus.networks.pggan import Generator, backend

ARGUMENTS = {"resolution": 64, "fmap_base": 256, "fmap_max": 16}
WEIGHTS = drawn_weights(**ARGUMENTS)
LATENTS = latents_for(WEIGHTS, 3)


@pytest.fixture(scope="module")
def generator() -> Generator:
    return Generator(WEIGHTS, precision="float32")


@pytest.mark.parametrize("resolution", [4, 8, 16, 32, 64])
def test_who_leaves_the_network_and_goes_on_draws_the_same_picture(generator, resolution):
    seam = generator.seam
    picture = seam.picture(seam.features(LATENTS, resolution))
    np.testing.assert_allclose(picture, generator.synthesize(LATENTS), atol=1e-3)


def test_blocks_between_two_resolutions_are_passed(generator):
    seam = generator.seam
    np.testing.assert_allclose(
        seam.onward(seam.features(LATENTS, 8), 32), seam.features(LATENTS, 32), rtol=1e-3, atol=1e-4
    )


@pytest.mark.parametrize("more", [{"fused_scale": False}, {"lod": 0.4}, {"lod": 1.0}, {"label_size": 3}])
def test_every_kind_of_network_has_a_seam(more):
    weights = drawn_weights(**(ARGUMENTS | more))
    generator = Generator(weights, precision="float32")
    latents = latents_for(weights, 1)
    labels = np.zeros((1, weights.arguments.label_size)) if weights.arguments.label_size else None
    drawn = generator.seam.picture(generator.seam.features(latents, 8))
    np.testing.assert_allclose(drawn.transpose(0, 3, 1, 2), Witness(weights).draw(latents, labels), atol=1e-3)


def test_the_seam_computes_in_float32_whatever_the_generator_draws_in():
    rough = Generator(WEIGHTS, precision="bfloat16")
    exact = Witness(WEIGHTS).draw(LATENTS[:1]).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(rough.seam.picture(rough.seam.features(LATENTS[:1], 8)), exact, atol=1e-3)
    assert np.abs(rough.synthesize(LATENTS[:1]) - exact).max() > 1e-3, "the control"


def test_a_creature_of_one_founder_is_that_founders_picture(generator):
    drawn = chimera.drawn(generator.seam, Genome.of("#1"), LATENTS[:1])
    np.testing.assert_allclose(drawn, generator.synthesize(LATENTS[:1])[0], atol=1e-3)


def test_a_body_is_put_together_cell_by_cell_and_channel_by_channel():
    features = np.random.default_rng(0).standard_normal((2, 16, 16, 8)).astype(np.float32)
    alleles = np.zeros((8, 8, 4), np.uint8)
    alleles[:, 4:, 3] = 1
    sources = np.arange(64, dtype=np.uint8).reshape(8, 8)
    sources[0] = sources[7]
    body = chimera._composed(features, alleles, sources)[0]
    np.testing.assert_array_equal(body[2:, :8], features[0, 2:, :8])
    np.testing.assert_array_equal(body[:2, :8], features[0, 14:, :8])
    np.testing.assert_array_equal(body[2:, 8:, :6], features[0, 2:, 8:, :6])
    np.testing.assert_array_equal(body[2:, 8:, 6:], features[1, 2:, 8:, 6:])


def halves(finest: int) -> Genome:
    """Left one founder, right the other, down to a level."""
    whole = Genome.of("#1")
    alleles = whole.alleles.copy()
    alleles[0, :, 4:] = 1
    alleles[1 : finest + 1, :, 4:] = 1
    return Genome(("#1", "#2"), alleles, whole.sources)


@pytest.mark.parametrize("finest", [0, 1, 2])
def test_each_side_looks_like_its_founder(generator, finest):
    drawn = chimera.drawn(generator.seam, halves(finest), LATENTS[:2])
    one, other = generator.synthesize(LATENTS[:2])
    unlike = lambda part, whole, side: np.abs(part[:, side] - whole[:, side]).mean()
    left, right = slice(0, 16), slice(48, 64)
    assert unlike(drawn, one, left) < 0.5 * unlike(drawn, other, left)
    assert unlike(drawn, other, right) < 0.5 * unlike(drawn, one, right)


def test_the_finer_the_crossing_the_harder_its_edge(generator):
    other = generator.synthesize(LATENTS[1:2])[0]

    def foreign(finest):
        drawn = chimera.drawn(generator.seam, halves(finest), LATENTS[:2])
        return np.abs(drawn[:, 32:40] - other[:, 32:40]).mean()

    assert foreign(2) < foreign(0)


def test_the_same_name_draws_the_same_picture_as_the_reference_does():
    """A second witness for blended features too: G_paper once more in float64, entered with the same cells."""
    genome = crossed(immigrant(1), immigrant(2), "x")
    coarse = Genome(
        genome.founders, np.where(np.arange(3)[:, None, None, None] == 0, genome.alleles, 255), genome.sources
    )
    drawn = chimera.drawn(Generator(WEIGHTS, precision="float32").seam, coarse, LATENTS[:2])
    np.testing.assert_allclose(drawn, reference(coarse), atol=1e-3)


def reference(genome: Genome) -> np.ndarray:
    """float64 (H, W, C), of a genome that is crossed at 8 px alone."""
    witness = Witness(WEIGHTS)
    maps = witness.block(witness.first(LATENTS[:2].astype(np.float64)), "8x8")  # (founders, maps, 8, 8)
    maps = chimera._composed(maps.transpose(0, 2, 3, 1), genome.alleles[0], genome.sources).transpose(0, 3, 1, 2)
    maps = witness.pixel_norm(maps)
    for size in (16, 32, 64):
        maps = witness.block(maps, f"{size}x{size}")
    image = witness.biased(witness.conv(maps, witness.weight("ToRGB_lod0", gain=1)), "ToRGB_lod0")
    return image[0].transpose(1, 2, 0)


def test_a_small_network_leaves_out_the_finer_levels():
    weights = drawn_weights(resolution=16)
    drawn = chimera.drawn(Generator(weights, precision="float32").seam, halves(2), latents_for(weights, 2))
    assert drawn.shape == (16, 16, 3)


def test_a_portrait_is_a_picture_and_nan_is_none(generator):
    portrait = chimera.portrait(generator.seam, halves(1), LATENTS[:2])
    assert (portrait.dtype, portrait.shape) == (np.uint8, (64, 64, 3))
    grey = Generator(drawn_weights(resolution=16, num_channels=1), precision="float32")
    assert chimera.portrait(grey.seam, Genome.of("#1"), np.ones((1, grey.latent_size))).shape == (16, 16, 3)
    with pytest.raises(NotFinite):
        chimera.portrait(generator.seam, Genome.of("#1"), np.full((1, generator.latent_size), np.nan))


@pytest.mark.parametrize(("faults", "told"), [(backend.OUT_OF_MEMORY, OutOfMemory), (backend.DEVICE_LOST, DeviceLost)])
def test_a_device_that_fails_while_a_creature_is_drawn_is_told_as_when_a_face_is(generator, faults, told, monkeypatch):
    def fail(maps):
        raise faults(None, None, "gone")

    monkeypatch.setattr(generator.seam, "_finishing", lambda resolution: fail)
    with pytest.raises(told):
        chimera.portrait(generator.seam, Genome.of("#1"), LATENTS[:1])
