"""The measuring stick: it measures what it says, and says so where it cannot measure. No test looks at a time."""

import json
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

import bench
from benchmark import report, selection
from benchmark.arithmetic import convolutions, operations
from benchmark.rows import Absent, Options, Row, measured
from benchmark.targets import Goal, judged
from benchmark.timing import Times, interleaved, ratio

from narcissus.networks.pggan.arguments import Arguments

OPTIONS = Options(quick=True, threads=None, shared=None)


def small(**kinds) -> Arguments:
    return Arguments(resolution=16, num_channels=3, fmap_base=64, fmap_max=16, fused_scale=False, **kinds)


def test_the_plain_network_draws_what_ours_draws():
    """A ratio means nothing when the two do not do the same."""
    from benchmark.generators import random_weights
    from benchmark.plain import plain

    from narcissus.networks.pggan import Generator

    weights = random_weights(16, fmap_base=64, fmap_max=16)
    latents = np.random.default_rng(1).standard_normal((3, weights.arguments.latent_size)).astype(np.float32)
    ours = Generator(weights, precision="float32").render(latents)
    theirs = plain(weights.arguments, weights.variables, "float32")(latents)
    assert np.abs(ours.astype(int) - theirs).max() <= 1
    assert np.ptp(ours) > 100


def test_operations_are_those_of_the_variables():
    """Second witness: every weight of a convolution is used once for each place of its map."""
    arguments = small()
    expected = 0
    for name, shape in arguments.shapes().items():
        if name.endswith("/weight"):
            side = {"4x4/Dense": 1}.get(name[:9]) or int(name.split("x")[0]) if name[0] in "1248" else 16
            if name.startswith("ToRGB"):
                side = 16 if name.startswith("ToRGB_lod0") else 0  # only the last picture is wanted
            expected += 2 * side**2 * int(np.prod(shape))
    assert operations(arguments, fused=False) == expected


def test_fusing_leaves_four_ninths_of_a_blocks_first_convolution():
    fused, plain = (convolutions(small(), fused=kind) for kind in (True, False))
    assert fused[2].operations * 9 == plain[2].operations * 4
    assert fused[3] == plain[3]


def test_functions_take_turns_after_a_warm_up():
    calls = []
    slow = lambda name: lambda: (calls.append(name), sum(range(3_000_000)))
    times = interleaved({"a": slow("a"), "b": slow("b")}, seconds=0.0, least=3, warm_up=1)
    assert len(times["a"].wall) == len(times["b"].wall) == 3
    turns = [name for name, before in zip(calls, [None, *calls], strict=False) if name != before]
    assert turns == ["a", "b"] * 4  # the warm-up and three rounds
    assert times["a"].figures().keys() == {"ms", "10 %", "90 %", "processor ms", "turns"}


def test_a_ratio_is_taken_within_each_round():
    """A machine that slows down half-way slows both, and the ratio stays."""
    fast = Times(wall=[1.0, 1.0, 9.0], processor=[1.0, 1.0, 1.0])
    slow = Times(wall=[2.0, 2.0, 18.0], processor=[3.0, 3.0, 3.0])
    assert ratio(slow, fast) == 2.0
    assert ratio(slow, fast, clock="processor") == 3.0


def test_what_is_missing_is_said_in_its_row_and_the_rest_goes_on():
    def half(options):
        yield Row("mirror", "one", {"ms": 1.0})
        raise Absent("the videos are not here")

    rows = list(measured("mirror", half, OPTIONS))
    assert [row.name for row in rows] == ["one", "not measured"]
    assert "the videos are not here" in report.table(rows)


def test_a_package_that_is_not_installed_is_named():
    def needing(options):
        import a_package_nobody_has

        yield a_package_nobody_has

    (row,) = measured("features", needing, OPTIONS)
    assert row.note == "a_package_nobody_has is not installed here"


def test_ctrl_c_keeps_the_finished_rows(monkeypatch, capsys):
    def interrupted(options):
        yield Row("machine", "finished", {"ms": 1.0})
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmark.ceiling.rows", interrupted)
    rows, whole = bench.collect(["machine", "generator"], OPTIONS)
    assert ([row.name for row in rows], whole) == (["finished"], False)


def test_the_three_ways_of_choosing_choose_the_same():
    small, candidates = selection.problem(100, 6, 3), selection.displacements(6)
    assert len(candidates) == 2 * 15
    answers = [
        set(way(*small, candidates, 4)) for way in (selection.ours, selection.brute_force, selection.scikit_learn)
    ]
    assert answers[0] == answers[1] == answers[2]


def test_the_worst_row_is_judged(monkeypatch):
    goal = Goal("perception", "640×480", "ms", least=False, bound=3.0)
    monkeypatch.setattr("benchmark.targets.GOALS", (goal,))
    rows = [Row("perception", "640×480, a", {"ms": 2.0}), Row("perception", "640×480, b", {"ms": 4.0})]
    assert list(judged(rows)) == [(goal, 4.0, False)]
    assert list(judged(rows[:1])) == [(goal, 2.0, True)]
    assert list(judged([Row("perception", "640×480, c", note="not measured")])) == []


@pytest.mark.parametrize(("figure", "words"), [(None, ""), (7, "7"), (0.01234, "0.0123"), (123.4, "123"), (1.5, "1.5")])
def test_figures_have_three_digits(figure, words):
    assert report.shown(figure) == words


def test_the_page_and_the_figures_are_written(tmp_path):
    """The whole program, on its shortest section."""
    page, figures = tmp_path / "page.md", tmp_path / "figures.json"
    flags = ["--quick", "--only", "selection", "--markdown", str(page), "--json", str(figures)]
    ran = subprocess.run([sys.executable, str(ROOT / "scripts" / "bench.py"), *flags], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    known = json.loads(figures.read_text())
    assert {row["section"] for row in known["rows"]} == {"selection"}
    assert known["machine"]["date"] in page.read_text()
    assert "extrapolated" in page.read_text()
