"""A training's report is one page that holds everything and asks for nothing; it says what was measured."""

import re
import zipfile
from html.parser import HTMLParser
from types import SimpleNamespace
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from narcissus.core.errors import SourceError, SourceMissing
from narcissus.features.portrait import COLUMNS, GROUPS
from narcissus.lab import training
from narcissus.lab.training import drawings, gap, groups, judge, pairs, report
from narcissus.lab.training.stages import Stages, told


@pytest.fixture(scope="module")
def portraits(generator, tmp_path_factory):
    """A zip file of drawn faces that play the real ones, and one file that is no picture."""
    path = tmp_path_factory.mktemp("portraits") / "faces.zip"
    faces = generator.render(np.random.default_rng(5).standard_normal((30, generator.latent_size)))
    with zipfile.ZipFile(path, "w") as archive:
        for index, face in enumerate(faces):
            archive.writestr(f"{index}.png", cv2.imencode(".png", face[..., ::-1])[1].tobytes())
        archive.writestr("broken.jpg", b"no picture")
        archive.writestr("notes.txt", b"no picture either")
    return path


@pytest.fixture(scope="module")
def made(generator, portraits, tmp_path_factory):
    """A whole training with few faces: its folder. Takes some ten seconds."""
    out = tmp_path_factory.mktemp("made")
    for name in report.FORMER:
        (out / name).write_text("what an earlier version left")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "CHUNK", 20)
        patch.setattr(training, "HELD", 30)  # a face is found in 18 at least: then best, median and worst are others
        plan = training.Plan(80, 0, 24, 1, "ridge", contest=False, portraits=portraits)
        training.train(generator, None, out, plan)
    return out


@pytest.fixture(scope="module")
def page(made):
    return (made / "report.html").read_text(encoding="utf-8")


class Tags(HTMLParser):
    """Every tag with its attributes; raises where tags do not close one another."""

    def __init__(self, text):
        super().__init__()
        self.tags, self._open = [], []
        self.feed(text)
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br", "link"):
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag


def test_it_is_whole_and_needs_nothing_else(page):
    tags = Tags(page).tags
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in tags}
    assert all(attrs["src"].startswith("data:image/") for tag, attrs in tags if tag == "img")
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on")]
    assert "://" not in page  # base64, which may spell any word, has no colon
    assert "url(" not in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_the_folder_holds_the_page_and_nothing_stale(made):
    assert sorted(path.name for path in made.iterdir() if path.is_file()) == [
        "faces.png",
        "inverter.joblib",
        "inverter.json",
        "report.html",
    ]


def test_it_says_how_it_was_made(page):
    for word in (
        "--pairs 80 --seed 0 --features 24 --estimator ridge",
        "scikit-learn",
        "tensorflow",
        "sha256",
        "utk-64",
    ):
        assert word in page
    for stage in (pairs.SEEING, training.FITTING, training.JUDGING):
        assert stage in page


def test_every_baseline_and_figure_stands_in_it(page):
    for name in ("shuffled features", "random latents", "the mean face", "nearest neighbour", "plain ridge"):
        assert name in page
    for name, _, _ in report.FIGURES.values():
        assert name in page


def test_it_tells_no_path_of_the_machine(page, made, portraits):
    assert str(made) not in page
    assert str(portraits.parent) not in page


def test_best_median_and_worst_are_ranked_by_landmark_error(page):
    parts = dict(re.findall(r"<h3>(Best|Median|Worst)</h3>(.*?)(?=<h3>|<h2>)", page, re.DOTALL))
    errors = {name: [float(e) for e in re.findall(r"landmark error ([\d.]+)", part)] for name, part in parts.items()}
    assert max(errors["Best"]) <= min(errors["Median"]) <= max(errors["Median"]) <= min(errors["Worst"])
    assert len(errors["Worst"]) == report.RANKED
    assert "landmark error" in page.split("not chosen")[1]  # beside the uncurated row


def test_the_gap_is_told_before_and_after_the_room(page):
    assert "in a room" in page
    assert "31 portraits" in page  # the broken one counts as one without a face
    for kind in gap.KINDS:
        assert f"<th>{kind}</th>" in page


def test_without_portraits_it_says_how_to_give_them():
    said = report._gap(None)
    assert "--portraits" in said
    assert "<table" not in said


def rows_of(count, seed=0):
    """Rows as of faces, made up."""
    from narcissus.features.spatial import MEAN_SHAPE

    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((count, len(COLUMNS))).astype(np.float32)
    rows[:, GROUPS["shape"]] = MEAN_SHAPE.ravel() + 0.02 * rows[:, GROUPS["shape"]]
    return rows


def test_a_gap_of_nothing_is_nothing_and_a_shift_is_found():
    real = rows_of(4000)
    same = gap.gaps(rows_of(4000, 1), real)["colours"]
    assert same.offset < 0.1
    assert same.spread == pytest.approx(1, abs=0.05)
    shifted = rows_of(4000, 1)
    shifted[:, GROUPS["colour"]] *= 0.5
    shifted[:, GROUPS["colour"].start] += 3
    found = gap.gaps(shifted, real)["colours"]
    assert found.spread == pytest.approx(0.5, abs=0.03)
    assert found.farthest[0] == COLUMNS[GROUPS["colour"].start]
    assert found.farthest[1] == pytest.approx(3, abs=0.1)
    assert found.offset == pytest.approx(3 / 24, abs=0.05)


def test_grey_portraits_say_nothing_of_colours():
    real = rows_of(50)
    real[:, GROUPS["colour"]] = np.nan
    found = gap.gaps(rows_of(50, 1), real)
    assert np.isnan(found["colours"].offset)
    assert np.isfinite(found["shape"].offset)


def test_portraits_that_cannot_be_used_are_refused_in_a_line(tmp_path):
    with pytest.raises(SourceMissing):
        gap.Portraits(tmp_path / "none")
    (tmp_path / "text.zip").write_text("no zip")
    with pytest.raises(SourceError, match="neither a folder nor a zip"):
        gap.Portraits(tmp_path / "text.zip")
    with pytest.raises(SourceError, match="no photographs"):
        gap.Portraits(tmp_path)
    nobody = np.full((50, len(COLUMNS)), np.nan, np.float32)
    with pytest.raises(SourceError, match="face was found in 0"):
        gap.gaps(rows_of(50), nobody)


def test_too_few_portraits_are_told_before_anything_is_drawn(generator, tmp_path, monkeypatch):
    """And not after the hours that a training takes, which would be lost."""
    nobody = cv2.imencode(".png", np.full((64, 64, 3), 128, np.uint8))[1].tobytes()
    for index in range(gap.FEW):
        (tmp_path / f"{index}.png").write_bytes(nobody)
    monkeypatch.setattr(training, "draw_pairs", lambda *words: pytest.fail("the training has begun"))
    plan = training.Plan(80, 0, 24, 1, "ridge", contest=False, portraits=tmp_path)
    with pytest.raises(SourceError, match="face was found in 0 of them; give at least 20"):
        training.train(generator, None, tmp_path / "out", plan)


def test_of_many_portraits_some_are_taken_at_even_distances(tmp_path, monkeypatch):
    monkeypatch.setattr(gap, "PORTRAITS", 5)
    for index in range(21):
        (tmp_path / f"{index:03d}.jpg").write_bytes(b"x")
    assert [name[-7:-4] for name in gap.Portraits(tmp_path)._names] == ["000", "005", "010", "015", "020"]


def test_a_perfect_reflection_has_no_landmark_error_and_a_lost_one_no_number():
    rows = rows_of(3)
    errors = judge.landmark_errors(rows, np.where(np.arange(3)[:, None] == 1, np.nan, rows))
    assert errors[0] == errors[2] == 0
    assert np.isnan(errors[1])


def test_each_kind_may_explain_more_than_those_before_it():
    """Latents that hang on colours alone: what comes before them explains nothing."""
    rows = rows_of(600)
    latents = rows[:, GROUPS["colour"]][:, :6].copy()
    columns = [i for group in ("pose", "colour", "guesses") for i in range(len(COLUMNS))[GROUPS[group]]]
    whole = groups.GreedyFeatures(tuple(columns), tuple(COLUMNS[i] for i in columns), limit=8).fit(rows, latents)
    found = {curve.name: curve.error for curve in groups.curves(rows, latents, whole)}
    assert list(found) == [*(name for name, _, _ in groups.STEPS), groups.EVERYTHING]
    assert found["+ pose"] > 0.95
    assert found["+ colours"] < 0.1
    assert [groups.kind_of(whole.names_[i], whole.pools_[i]) for i in range(6)] == ["colours"] * 6


def test_drawings_are_whole_svg():
    names = ("chin – nose tip, y", "log distance chin – nose tip", "yaw", "nose tip – chin, x")
    drawing = ElementTree.fromstring(drawings.features_on_a_face(names, np.array([4.0, 3.0, 2.0, 1.0])))
    assert len([node for node in drawing if node.tag.endswith("line") and node.tag != "polyline"]) == 3  # yaw has none
    one = groups.Curve("all", np.array([1, 4, 16]), np.array([0.99, 0.95, 0.93]), 4)
    assert one.error == 0.95
    ElementTree.fromstring(drawings.curves([one, one]))
    ElementTree.fromstring(drawings.shape(rows_of(1)[0]))
    strip = ElementTree.fromstring(drawings.strip(0.5, {"a < b": 0.2, "nothing": float("nan")}, (0, 1)))
    assert [node.get("class") for node in strip] == ["rule", "other", "own"]


def test_a_figure_that_cannot_be_measured_is_a_dash_and_wins_no_contest():
    unknown = float("nan")
    contest = {"ours": {"yaw r": 0.5, "age r": unknown}, "theirs": {"yaw r": 0.6, "age r": unknown}}
    said = report._table(contest, "ours", best=True)
    assert "<b>0.60</b>" in said
    assert said.count("–") == 2
    assert "<b>–</b>" not in said


def test_stages_have_names_and_take_the_time_they_take(capsys):
    times = iter([1.0, 4.0, 10.0, 130.0])
    stages = Stages(["seeing", "fitting"], clock=lambda: next(times))
    for name in ("seeing", "fitting"):
        with stages.stage(name, 2) as bar:
            bar.update(2)
    assert stages.seconds == {"seeing": 3.0, "fitting": 120.0}
    said = capsys.readouterr().err
    assert "1 of 2, seeing" in said
    assert "2 of 2, fitting: 100%" in said
    assert [told(3), told(120), told(3900 + 3600)] == ["3 s", "2 min", "2 h 5 min"]


def test_few_features_leave_out_what_needs_more():
    few = SimpleNamespace(features=(SimpleNamespace(count_=80), SimpleNamespace(count_=16)))
    assert not training.fits("pls", few)
    assert training.fits("ridge", few)
