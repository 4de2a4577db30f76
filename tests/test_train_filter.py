"""A filter is learned from one picture: nearer to it step by step, the same after a stop, and never over another."""

import json
import os
import signal
import sys

import cv2
import numpy as np
import pytest
from conftest import ROOT, with_one_thread

from narcissus.core.errors import ConfigError, ModelMismatch, SourceError, SourceMissing
from narcissus.lab.stop import Stop
from narcissus.lab.style import contents, faces, finish, session, state, style_picture
from narcissus.lab.style.drawings import STYLES, copper_circuit, landscape
from narcissus.lab.style.learn import WARM_UP, Trainer
from narcissus.lab.style.loss import Weights
from narcissus.networks.style import Filter
from narcissus.networks.style.network import Size

sys.path.insert(0, str(ROOT / "scripts"))
import train_filter

TINY = Size(channels=8, blocks=1)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Small views and few directions: the same code, in milliseconds."""
    monkeypatch.setattr("narcissus.lab.style.contents.SIDE", 64)
    monkeypatch.setattr("narcissus.lab.style.learn.JUDGED_SIDE", 64)
    monkeypatch.setattr("narcissus.lab.style.learn.DIRECTIONS", 8)


@pytest.fixture(autouse=True)
def the_threads_of_the_suite_stay_as_they_are(monkeypatch):
    monkeypatch.setattr(train_filter, "keep_to", lambda threads: None)


@pytest.fixture(scope="module")
def style():
    pixels = style_picture.scaled(copper_circuit(), 128)
    return style_picture.StylePicture("copper", "1" * 64, pixels)


@pytest.fixture(scope="module")
def pile():
    return contents.parted([[landscape(160), landscape(120)[:, ::-1].copy(), landscape(200)]])


def test_the_style_comes_nearer_with_every_lesson(style, pile):
    trainer = Trainer(style, pile, 40, size=TINY)
    before = trainer.judge()
    list(trainer.learn())
    after = trainer.judge()
    assert after.style < 0.8 * before.style
    assert not np.array_equal(trainer.best["paint/bias"], np.zeros_like(trainer.best["paint/bias"]))


RESUMED = """
import sys
import numpy as np
from narcissus.lab.style import contents, learn, state, style_picture
from narcissus.lab.style.drawings import copper_circuit, landscape
from narcissus.networks.style.network import Size

contents.SIDE, learn.JUDGED_SIDE, learn.DIRECTIONS = 64, 64, 8
style = style_picture.StylePicture("copper", "1" * 64, style_picture.scaled(copper_circuit(), 128))
pile = contents.parted([[landscape(160), landscape(120)[:, ::-1].copy(), landscape(200)]])
trainer = lambda: learn.Trainer(style, pile, 6, size=Size(channels=8, blocks=1))
whole, first, second = trainer(), trainer(), trainer()
losses = list(whole.learn())
steps = first.learn()
begun = [next(steps) for _ in range(3)]
first.judge()
state.save_checkpoint(first, sys.argv[1])
assert state.load_checkpoint(second, sys.argv[1])
rest = list(second.learn())
assert begun + rest == losses, (begun, rest, losses)
assert second.diary == first.diary
for name, array in whole.average.items():
    np.testing.assert_array_equal(array, second.average[name], name)
    np.testing.assert_array_equal(whole.weights[name].numpy(), second.weights[name].numpy(), name)
print("the same", len(losses))
"""


def test_three_steps_and_three_more_are_six(tmp_path):
    """A training step is compiled three times: a quarter of a minute."""
    assert with_one_thread(RESUMED, tmp_path / "state.npz") == "the same 6\n"


def test_another_training_is_not_gone_on_with(style, pile, tmp_path):
    state.save_checkpoint(Trainer(style, pile, 6, size=TINY), tmp_path / "state.npz")
    with pytest.raises(ModelMismatch, match="--work"):
        state.load_checkpoint(Trainer(style, pile, 6, seed=1, size=TINY), tmp_path / "state.npz")


def test_the_minutes_decide_how_many_steps_there_will_be(style, pile):
    trainer = Trainer(style, pile, size=TINY)
    trainer.step, trainer.seconds, trainer._times = WARM_UP, 20.0, [10.0, 0.25, 0.25, 0.25]
    trainer.fit(minutes=2)
    assert trainer.steps == WARM_UP + 400, "100 seconds are left, and the step that was compiled does not count"
    trainer.fit(minutes=0.001)
    assert trainer.steps == WARM_UP + 1


@pytest.fixture
def painting(tmp_path):
    """A picture as people have them: odd sides, 16 bits, half transparent."""
    noise = np.random.default_rng(0).integers(0, 65535, (201, 157, 4), dtype=np.uint16)
    noise[:, :, 3] = np.linspace(0, 65535, 157).astype(np.uint16)
    path = tmp_path / "My Painting (1).png"
    cv2.imwrite(str(path), cv2.GaussianBlur(noise, (0, 0), 2))
    return path


@pytest.fixture
def asked(tmp_path, painting, monkeypatch):
    """The words of a short training on own pictures, and the small network."""
    monkeypatch.setattr(Trainer.__init__, "__defaults__", (None, 0, TINY, Weights(), None))
    monkeypatch.setattr(faces.drawn, "__defaults__", (3, 5))
    folder = tmp_path / "contents"
    folder.mkdir()
    cv2.imwrite(str(folder / "hills.png"), landscape(120))
    cv2.imwrite(str(folder / "grey.jpg"), landscape(90)[..., 0])
    (folder / "notes.txt").write_text("no picture")
    words = [str(painting), "--contents", str(folder), "--steps", "4", "--size", "128"]
    return [*words, "--out", str(tmp_path / "filters"), "--work", str(tmp_path / "work")]


def test_a_painting_becomes_a_filter_with_card_sample_and_report(asked, tmp_path, capsys):
    assert train_filter.main(asked) == 0
    folder = tmp_path / "filters" / "my-painting-1"
    painter = Filter.load(folder)
    assert painter.apply(np.zeros((1, 40, 30, 3), np.uint8)).shape == (1, 40, 30, 3)
    said = json.loads((folder / "filter.json").read_text())
    assert said["origin"]["style"] == "the picture My Painting (1).png"
    assert len(said["origin"]["style_sha256"]) == 64
    assert str(tmp_path) not in json.dumps(said), "whose machine it was is nobody's business"
    assert said["facts"]["steps"] <= 4
    assert cv2.imread(str(folder / "samples.jpg")) is not None
    assert "my-painting-1" in (folder / "README.md").read_text()
    assert "<svg" in (tmp_path / "work" / "report.html").read_text()
    assert cv2.imread(str(tmp_path / "work" / "preview.jpg")) is not None
    before = (folder / "filter.npz").read_bytes()
    assert train_filter.main(asked) == 78
    assert "--name" in capsys.readouterr().err
    assert (folder / "filter.npz").read_bytes() == before


def test_a_training_that_is_stopped_keeps_its_best_and_is_gone_on_with(asked, tmp_path, monkeypatch, capsys):
    learn = Trainer.learn

    def stopped(self):
        for number, loss in enumerate(learn(self)):
            if number == 1:
                os.kill(os.getpid(), signal.SIGTERM)
            yield loss

    monkeypatch.setattr(Trainer, "learn", stopped)
    assert train_filter.main(asked) == 130
    assert "goes on" in capsys.readouterr().out
    assert not (tmp_path / "filters").exists()
    assert Filter.load(tmp_path / "work" / "best").name == "best"
    with np.load(tmp_path / "work" / "state.npz") as state:
        assert list(state["diary"][:, 0]) == [0], "a look that an unbroken training does not take changes nothing"
    monkeypatch.setattr(Trainer, "learn", learn)
    assert train_filter.main(asked) == 0
    assert "going on after step 2" in capsys.readouterr().out
    assert (tmp_path / "filters" / "my-painting-1" / "filter.npz").exists()


def test_what_is_no_style_is_refused_in_one_line(tmp_path):
    (tmp_path / "text.jpg").write_text("no picture")
    cv2.imwrite(str(tmp_path / "white.png"), np.full((200, 200, 3), 255, np.uint8))
    cv2.imwrite(str(tmp_path / "thread.png"), np.random.default_rng(0).integers(0, 255, (9, 600, 3)))
    for name, error, words in [
        ("none.jpg", SourceMissing, "no such picture"),
        ("text.jpg", SourceError, "not a picture"),
        ("white.png", SourceError, "one colour"),
        ("thread.png", SourceError, "too narrow"),
        (".", SourceError, "one picture"),
    ]:
        with pytest.raises(error, match=words) as told:
            style_picture.read(tmp_path / name)
        assert "\n" not in str(told.value)


@pytest.mark.parametrize("shape", [(70, 90), (70, 90, 3), (1500, 1200, 3), (90, 70, 4)])
def test_any_picture_is_brought_to_the_size_that_is_learned_at(tmp_path, shape):
    cv2.imwrite(str(tmp_path / "a.png"), np.random.default_rng(0).integers(0, 255, shape, dtype=np.uint8))
    found = style_picture.read(tmp_path / "a.png", 256)
    assert max(found.pixels.shape[:2]) == 256
    assert found.pixels.shape[2] == 3
    assert np.abs(found.image()).max() <= 1


def test_a_transparent_style_lies_on_white_paper(tmp_path):
    picture = np.random.default_rng(0).integers(0, 255, (128, 128, 4), dtype=np.uint8)
    picture[:64, :, 3] = 0
    picture[64:, :, 3] = 255
    cv2.imwrite(str(tmp_path / "a.png"), picture)
    found = style_picture.read(tmp_path / "a.png", 128).pixels
    assert (found[:64] == 255).all()
    assert np.array_equal(found[64:], picture[64:, :, 2::-1])


def test_contents_that_are_not_there_are_named(tmp_path):
    with pytest.raises(SourceMissing, match="--contents"):
        contents.own(tmp_path / "none")
    with pytest.raises(SourceError, match="--contents"):
        contents.own(tmp_path)


def test_without_the_shared_pictures_drawn_faces_are_learned_from(tmp_path):
    found = contents.shared(tmp_path)
    assert len(found.learned[0]) + len(found.held_out[0]) == contents.DRAWN
    assert found.learned[0][0].shape == (128, 128, 3)


def test_nothing_that_is_held_out_is_learned_from():
    pictures = [np.full((20, 20, 3), number, np.uint8) for number in range(30)]
    found = contents.parted([pictures])
    assert {int(p[0, 0, 0]) for p in found.learned[0]} == {int(contents.lit(p)[0, 0, 0]) for p in pictures[:27]}
    assert {int(p[0, 0, 0]) for p in found.held_out[0]} == {27, 28, 29}


def test_the_moved_view_is_the_first_one_moved(pile, monkeypatch):
    monkeypatch.setattr(contents, "NOISE", 0.0)
    for step in range(6):
        seen = contents.views(pile, 0, step, 64)
        down, right = seen.shift
        back = np.roll(seen.moved[0], (down, right), (0, 1))[8:-8, 8:-8]
        np.testing.assert_allclose(back, seen.plain[0, 8:-8, 8:-8], atol=1e-6)


@pytest.mark.parametrize("name", STYLES)
def test_a_drawn_style_is_always_the_same_and_has_strokes(name):
    picture = STYLES[name](size=128)
    assert picture.shape == (128, 128, 3)
    assert np.array_equal(picture, STYLES[name](size=128))
    assert not np.array_equal(picture, STYLES[name](1, 128))
    assert picture.std(axis=(0, 1)).min() > 15


def test_a_filter_that_is_there_is_refused(tmp_path):
    finish.refuse_taken(tmp_path)
    (tmp_path / "filter.npz").write_bytes(b"")
    with pytest.raises(ConfigError, match="--name"):
        finish.refuse_taken(tmp_path)


def test_a_picture_to_look_at_is_renewed(style, pile, tmp_path, monkeypatch):
    monkeypatch.setattr(session, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(session, "LINE_EVERY", 1)
    monkeypatch.setattr(session, "SHOWN_SIDE", 32)
    seen = []
    write = session.write_whole
    monkeypatch.setattr(session, "write_whole", lambda path, data: (seen.append(path.name), write(path, data)))
    trainer = Trainer(style, pile, 2, size=TINY)
    assert session.train(trainer, tmp_path, None, Stop())
    assert seen.count("preview.jpg") == 3
    assert [line.step for line in trainer.diary][:2] == [0, 1]


def test_a_training_may_begin_with_another_filter(style, pile):
    other = Trainer(style, pile, 6, size=TINY)
    list(other.learn())
    begun = Trainer(style, pile, 6, size=TINY, begin=other.average)
    assert begun.judge().style == pytest.approx(other.judge().style)
