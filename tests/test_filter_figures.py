"""The figures of a filter say what they claim: checked on pictures and filters whose answer is known."""

import signal
import sys

import cv2
import numpy as np
import pytest
import tensorflow as tf
from conftest import ROOT
from style_parts import random_model, write_filter

from narcissus.core.errors import SourceMissing
from narcissus.lab.style import contents, evaluation, faces, figures, gpdm, loss, patches, style_picture
from narcissus.lab.style.drawings import cells, copper_circuit, landscape
from narcissus.lab.style.rows import Kept, Row
from narcissus.lab.style.style_picture import StylePicture
from narcissus.networks.style import Filter, store

sys.path.insert(0, str(ROOT / "scripts"))
import evaluate_filter


class Passing:
    """A filter that changes nothing, but for a number added."""

    name, strength, facts = "passing", 0.7, {}

    def __init__(self, gain=1.0):
        self.gain = gain

    def paint(self, pictures, strength=None):
        return np.clip(np.rint(pictures.astype(float) * self.gain), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def board():
    return copper_circuit(size=128)


def image(picture):
    return contents.as_image(picture[None])


def test_patches_of_a_picture_are_at_no_distance_from_themselves_wherever_they_lie(board):
    moved = np.roll(board, (31, 17), (0, 1))
    apart = figures.patch_distance(cells(size=128)[None], image(board))
    assert figures.patch_distance(board[None], image(board)) < 0.02 * apart
    assert figures.patch_distance(moved[None], image(board)) < 0.1 * apart


def test_patches_are_pooled_over_the_pictures(board):
    """Two halves of a style, each in a picture of its own, are together nearer than either."""
    halves = np.stack([board[:, :64], board[:, 64:]])
    together = figures.patch_distance(halves, image(board))
    alone = [figures.patch_distance(half[None], image(board)) for half in halves]
    assert together < min(alone)


def test_the_distance_is_that_of_sorted_projections(monkeypatch):
    """Against the definition, written out: one direction, two samples of equal size."""
    rng = np.random.default_rng(0)
    here, there = rng.normal(0, 1, (1, 20, 20, 3)), rng.normal(0.5, 2, (1, 20, 20, 3))
    along = patches.directions(rng, 1)
    style = [tf.constant(there, tf.float32)]
    flat = lambda picture: np.array(
        [(picture[0, y : y + 7, x : x + 7] * along[..., 0]).sum() for y in range(14) for x in range(14)]
    )
    wanted = np.square(np.sort(flat(here)) - np.sort(flat(there))).mean() / (flat(there).var() + patches.FLOOR)
    monkeypatch.setattr(patches, "STRIDES", (1,))
    (found,) = patches.distances(tf.constant(here, tf.float32), style, [along])
    assert float(found) == pytest.approx(wanted, rel=1e-4)


def test_whitened_directions_see_strokes_where_others_see_shade(board):
    axes = patches.whitening(image(board))
    assert axes.shape == (147, 147)
    rng = np.random.default_rng(0)
    white, plain = patches.directions(rng, 100, axes), patches.directions(rng, 100)  # (7, 7, 3, 100)
    np.testing.assert_allclose(np.square(white).sum((0, 1, 2)), 1, rtol=1e-4)
    shade = [np.square(found.mean((0, 1))).sum(0).mean() for found in (white, plain)]  # what is seen of a patch's mean
    assert shade[0] < 0.2 * shade[1]


def test_strokes_are_missed_in_the_half_that_has_none(board):
    """Pooled over the picture a bold half makes up for a plain one; strokes are wanted in both."""
    half = board.copy()
    half[:, :64] = board[:, :64].mean((0, 1))
    manner = loss.Manner.of(image(board))
    _, white, _ = manner.slices(np.random.default_rng(0), 32)
    at = lambda how: float(how(tf.constant(image(half)), manner.levels, white)[0])
    assert at(patches.stroke_distances) > 1.3 * at(patches.distances)


def test_content_is_kept_by_another_brightness_and_lost_by_another_picture():
    given = tf.constant(image(landscape(96)))
    assert float(loss.content(given, given)) == 0
    assert float(loss.content(given + 0.2, given)) < 1e-6
    assert float(loss.content(tf.reverse(given, [2]), given)) > 1e-3


def test_a_picture_drawn_the_same_wherever_it_lies_is_steady():
    given = tf.constant(image(landscape(96)))
    moved = tf.roll(given, (-2, 1), (1, 2))
    assert float(loss.unsteadiness(given, moved, (2, -1))) == 0
    assert float(loss.unsteadiness(given, moved, (0, 0))) > 1e-4


def test_gpdm_brings_a_picture_to_the_style(board):
    given = landscape(64)[None]
    style = StylePicture("board", "1" * 64, board)
    before = figures.patch_distance(given, style.image())
    free = gpdm.optimised(given, style, loss.Weights(strokes=0.0, content=0.0), steps=30)
    held = gpdm.optimised(given, style, loss.Weights(strokes=0.0, content=100.0), steps=30)
    assert figures.patch_distance(free, style.image()) < 0.7 * before
    kept = [float(loss.content(tf.constant(image(p[0])), tf.constant(image(given[0])))) for p in (free, held)]
    assert kept[1] < 0.5 * kept[0]


def test_noise_comes_out_as_large_as_it_went_in_or_half():
    pictures = np.full((2, 64, 64, 3), 120, np.uint8)
    assert figures.noise_ratio(Passing(), pictures, 1.0) == pytest.approx(1)
    assert figures.noise_ratio(Passing(0.5), pictures, 1.0) == pytest.approx(0.5, abs=0.08)


def test_a_film_that_boils_has_a_larger_warped_error_than_its_own():
    wide = landscape(200)
    frames = [np.ascontiguousarray(wide[20:148, 20 + 2 * n : 148 + 2 * n]) for n in range(4)]
    boiling = np.random.default_rng(0).normal(0, 12, (4, 128, 128, 3))
    boiled = [np.clip(frame + noise, 0, 255).astype(np.uint8) for frame, noise in zip(frames, boiling, strict=True)]
    assert figures.flicker(frames, frames) == pytest.approx(1)
    assert figures.flicker(frames, boiled) > 2


def test_faces_are_kept_by_a_filter_that_changes_nothing_and_lost_by_one_that_blackens():
    given = faces.drawn(4)
    assert faces.kept(given, given.pictures) == (1, 0)
    assert faces.kept(given, np.zeros_like(given.pictures)) == (0, 1)


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """The script before a filter `mine` from drawn cells, with few and small pictures."""
    (tmp_path / "contents").mkdir()
    cv2.imwrite(str(tmp_path / "contents" / "hills.png"), landscape(64))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(evaluation, "SIZES", ((16, 16),))
    monkeypatch.setattr(evaluation, "SIDE", 64)
    monkeypatch.setattr(evaluate_filter, "SHARED", tmp_path / "nowhere")
    monkeypatch.setattr(faces.drawn, "__defaults__", (3, 5))
    model = random_model("mine")
    facts = {"style size": [128, 128], "loss": {"weight of the content": 1.0}}
    kept = store.Model(model.name, model.weights, model.size, 0.5, facts)
    origin = {"style": "cells", "style_sha256": style_picture.drawn("cells", 128).sha256, "command": "tests"}
    store.save(tmp_path / "mine", kept, "none", origin)
    words = [str(tmp_path / "mine"), "--contents", str(tmp_path / "contents"), "--gpdm-steps", "2"]
    return lambda: evaluate_filter.main(
        [*words, "--work", str(tmp_path / "work"), "--markdown", str(tmp_path / "figures.md")]
    )


def test_the_figures_of_one_filter_are_written_and_those_of_others_stay(tool, tmp_path):
    page = tmp_path / "figures.md"
    page.write_text("# Filters\n\n## yours\nas it was\n\n## mine\nold\n\n## ours\nas well\n")
    assert tool() == 0
    text = page.read_text()
    for words in ("GPDM", "≤ 1.25", "still found", "out over in", "a second at 16 × 16", "evaluate_filter.py mine"):
        assert words in text
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Filters",
        "## yours",
        "## mine",
        "## ours",
    ]
    assert "as it was" in text
    assert "as well" in text
    assert "old" not in text
    assert not list((tmp_path / "work").rglob("*.json")), "the next time all is measured again"


def test_who_is_stopped_goes_on_with_what_is_not_yet_measured(tool, tmp_path, monkeypatch, capsys):
    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(evaluation, "speed", stop)
        assert tool() == 130
    assert not (tmp_path / "figures.md").exists()
    assert "goes on" in capsys.readouterr().err
    for name in ("nearness", "likeness", "noise"):
        monkeypatch.setattr(evaluation, name, stop)
    assert tool() == 0
    text = (tmp_path / "figures.md").read_text()
    assert "the filter's over GPDM's" in text
    assert "a second at 16 × 16" in text


def test_rows_of_another_filter_or_command_are_not_gone_on_with(tmp_path):
    path = tmp_path / "figures.json"
    first = Kept(path, {"filter": "a"})
    assert first.part("noise", lambda: [Row("noise", "1.0")]) == [Row("noise", "1.0")]
    assert Kept(path, {"filter": "a"}).part("noise", lambda: []) == [Row("noise", "1.0")]
    assert Kept(path, {"filter": "b"}).part("noise", lambda: []) == []
    path.write_text('{"about": {"filter": "a"}, "parts": 3}')
    assert Kept(path, {"filter": "a"}).part("noise", lambda: []) == []


def test_a_style_that_it_was_not_trained_from_is_refused(tmp_path):
    (tmp_path / "other.png").write_bytes(b"another picture")
    options = evaluate_filter.arguments(["random", "--style", str(tmp_path / "other.png")])
    painter = Filter.load(write_filter(tmp_path))
    painter.facts["style size"] = [64, 64]
    with pytest.raises(SourceMissing, match="not what random was trained from"):
        evaluate_filter.style_of(painter, options)
    with pytest.raises(SystemExit):
        evaluate_filter.arguments(["--style", "other.png"])
