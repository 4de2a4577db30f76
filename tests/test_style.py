"""A filter redraws any picture, the same in tiles as in one, and not at all at strength 0."""

import numpy as np
import pytest
from style_parts import RANDOM, random_model, write_filter

from narcissus.core.errors import ModelMismatch, ModelMissing, NotFinite
from narcissus.networks.style import Filter, filters_in, store
from narcissus.networks.style.network import FOLD, Size


@pytest.fixture(scope="module")
def painter():
    return Filter(random_model(), precision="float32", threads=2)


def picture(height: int, width: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (1, height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (17, 61), (64, 33)])
@pytest.mark.parametrize("scale", [1.0, 1.7, 0.5])
def test_a_picture_keeps_its_size(painter, height, width, scale):
    given = picture(height, width)
    before = given.copy()
    drawn = painter.apply(given, 1.0, scale)
    assert drawn.dtype == np.uint8
    assert drawn.shape == given.shape
    assert np.array_equal(given, before)
    assert not np.array_equal(drawn, given)


def test_strength_0_leaves_a_picture_as_it_is_and_more_strength_changes_more(painter):
    given = picture(64, 64)
    changes = [np.abs(painter.apply(given, s).astype(float) - given).mean() for s in (0.0, 0.01, 0.3, 1.0)]
    assert changes[0] == 0
    assert changes == sorted(changes)
    assert changes[1] < 2


def test_many_pictures_are_drawn_as_one_by_one(painter):
    given = np.concatenate([picture(32, 40, seed) for seed in range(3)])
    alone = [painter.apply(given[i : i + 1], 0.7)[0] for i in range(3)]
    assert np.array_equal(painter.apply(given, 0.7), np.stack(alone))
    assert painter.apply(given[:0]).shape == (0, 32, 40, 3)


def test_a_tile_with_its_halo_is_drawn_as_in_the_whole(painter):
    given = picture(200, 240)
    whole, halo = painter.apply(given, 1.0), painter.halo
    assert halo % FOLD == 0
    top, left, side = 80, 84, 32
    part = given[:, top - halo : top + side + halo, left - halo : left + side + halo]
    tile = painter.apply(part, 1.0, corner=(top - halo, left - halo))
    inner = tile[:, halo:-halo, halo:-halo].astype(int)
    assert np.abs(inner - whole[:, top : top + side, left : left + side]).max() <= 1


@pytest.mark.parametrize(("height", "width"), [(64, 80), (61, 17)])
def test_a_rim_is_painted_as_the_same_place_inside_a_larger_picture(painter, height, width):
    """No frame shows where the network would see that the picture ends; here it goes on as its own reflection."""
    given, around = picture(height, width), 2 * painter.halo
    larger = np.pad(given, [(0, 0), (around, around), (around, around), (0, 0)], mode="reflect")
    drawn = painter.apply(larger, 1.0, corner=(-around, -around))[:, around : around + height, around : around + width]
    assert np.abs(painter.apply(given, 1.0).astype(int) - drawn).max() <= 1


def test_nothing_further_than_the_halo_matters(painter):
    given = picture(120, 240)
    other = given.copy()
    other[:, :, : 120 - painter.halo] = 255 - other[:, :, : 120 - painter.halo]
    assert np.array_equal(painter.apply(given, 1.0)[:, :, 120:], painter.apply(other, 1.0)[:, :, 120:])


def test_what_cannot_be_drawn_is_refused(painter):
    for given, words in [
        (picture(15, 40), "16 pixels"),
        (picture(32, 32)[0], "uint8"),
        (picture(32, 32).astype(float), "uint8"),
    ]:
        with pytest.raises(ValueError, match=words):
            painter.apply(given)
    for strength, scale in [(1.1, 1), (-0.1, 1), (float("nan"), 1), (0.5, 5), (0.5, 0.1), (0.5, float("nan"))]:
        with pytest.raises(ValueError, match="goes from"):
            painter.apply(picture(32, 32), strength, scale)


def test_a_network_that_answers_infinity_is_not_shown():
    model = random_model()
    model.weights["paint/bias"] = model.weights["paint/bias"] + np.float32(3e38)
    with pytest.raises(NotFinite, match="random"):
        Filter(model, precision="float32").apply(picture(32, 32), 1.0)


def test_a_filter_is_found_and_loaded_by_its_folder_its_file_or_its_name(tmp_path, monkeypatch):
    write_filter(tmp_path, "waves")
    write_filter(tmp_path, "cells", seed=1)
    monkeypatch.setattr(store, "FOLDER", tmp_path)
    assert filters_in(tmp_path) == ["cells", "waves"]
    given = picture(32, 32)
    drawn = [Filter.load(place).apply(given, 1.0) for place in (tmp_path / "waves", tmp_path / "waves" / "filter.npz")]
    assert np.array_equal(drawn[0], drawn[1])
    assert Filter.load("waves").name == "waves"
    assert filters_in(tmp_path / "nowhere") == []
    with pytest.raises(ModelMissing, match=r"train_filter\.py"):
        Filter.load("sunflowers")


def test_weights_of_another_network_are_refused(tmp_path):
    model = random_model(size=Size(8, 2))
    path = store.save(tmp_path / "odd", store.Model("odd", model.weights, Size(8, 1), 0.7), "none", RANDOM)
    with pytest.raises(ModelMismatch, match="another network"):
        store.load(path)


def test_a_shipped_size_keeps_its_promise_of_weights_and_bytes(tmp_path):
    assert sum(int(np.prod(shape)) for shape in Size().shapes().values()) <= 300_000
    assert (write_filter(tmp_path, size=Size()) / store.FILE).stat().st_size <= 700_000


@pytest.mark.parametrize("name", filters_in())
def test_a_filter_that_ships_loads_and_paints_and_brings_its_card_and_samples(name, drawn):
    painter = Filter.load(name)
    painted = painter.apply(drawn[:2])
    assert np.abs(painted.astype(int) - drawn[:2]).mean() > 4
    assert 0.3 <= painter.strength <= 1
    folder = store.FOLDER / name
    assert painter.origin["style_sha256"] in (folder / "README.md").read_text()
    assert (folder / "samples.jpg").stat().st_size > 10_000
    assert (folder / store.FILE).stat().st_size <= 700_000
