"""The ledger counts what it says it counts, in words that its figures bear out."""

import numpy as np
import pytest

from narcissus.lab.likeness import charts, ledger
from narcissus.lab.likeness.ledger_page import ledger_page
from narcissus.lab.likeness.perception import AGE, FEMALE, Looks
from narcissus.lab.likeness.words import WORDS, figure_text
from narcissus.networks.attributes import NAMES

N = 40


def looks(tone=30.0, age=30.0, female=0.9, faceless=()):
    """N pictures with these numbers; tone in degrees of ITA."""
    some = Looks.nothing(N)
    some.landmarks[:] = 1
    angle = np.radians(np.broadcast_to(tone, N))
    some.skin[:] = np.stack([50 + 20 * np.sin(angle), np.full(N, 10.0), 20 * np.cos(angle)], axis=-1)
    some.guesses[:] = 1 / len(NAMES)
    some.guesses[:, AGE], some.guesses[:, FEMALE] = age, female
    for part in ("landmarks", "skin", "guesses"):
        getattr(some, part)[list(faceless)] = np.nan
    return some


def entries(viewers, reflections, own=None, labels=None):
    own = viewers if own is None else own
    return {
        "viewers": ledger.census(viewers),
        "training set": None,
        "random renders": ledger.census(looks(tone=48)),
        "reflections": ledger.census(reflections),
        "echo": ledger.echo(viewers, reflections, own),
        "transitions": ledger.transitions(viewers, reflections),
        "groups": ledger.groups(viewers, reflections, own, labels),
        "light": None,
    }


def test_shares_add_up_and_those_without_a_face_are_counted_apart():
    census = ledger.census(looks(age=np.linspace(0, 80, N), faceless=(0, 1)))
    assert census["faces"] == N - 2
    for trait in ledger.TRAITS:
        assert sum(band["n"] for band in census[trait].values()) == N - 2
        assert sum(band["value"] for band in census[trait].values()) == pytest.approx(1, abs=1e-3)


def test_none_of_ten_is_not_never():
    figure = ledger.share(np.zeros(10, bool), np.ones(10, bool))
    assert figure.value == 0
    assert figure.high == pytest.approx(0.278, abs=0.001)  # Wilson 1927, as tabulated by Newcombe 1998


def test_transitions_are_viewers_down_and_reflections_across():
    table = ledger.transitions(looks(tone=60), looks(tone=0))["tone"]
    assert table[0][4] == N  # very light to brown
    assert np.sum(table) == N


def test_who_vanishes_is_said_for_each_group():
    labels = ledger.Labels(np.full(N, 30.0), np.zeros(N), np.repeat([0.0, 1.0], N // 2))
    lines = ledger.groups(looks(), looks(faceless=range(N // 2, N // 2 + 5)), looks(), labels)
    by_group = {line["group"]: line for line in lines if line["by"] == "labelled group"}
    assert by_group["White"]["no face in the reflection"]["value"] == 0
    assert by_group["Black"]["no face in the reflection"]["value"] == pytest.approx(5 / 20)
    assert by_group["Black"]["no face in the photograph"]["value"] == 0


def test_the_estimator_is_held_against_itself_and_against_the_label():
    labels = ledger.Labels(np.full(N, 34.0), np.ones(N), np.zeros(N))
    line = ledger.groups(looks(age=30), looks(age=25), looks(age=31), labels)[0]
    assert line["age change"]["value"] == pytest.approx(-5)
    assert line["age, estimator's own"]["value"] == pytest.approx(1)
    assert line["age error against the label"]["value"] == pytest.approx(4)
    assert line["gender right against the label"]["value"] == 1


def test_labels_are_found_by_file_name_and_their_absence_is_no_label():
    labels = ledger.Labels.of(["a/1.png", "2.png"], {"1.png": {"age": 9.0, "gender": 1.0, "race": np.nan}})
    assert labels.age[0] == 9
    assert np.isnan(labels.race[0])
    assert np.isnan(labels.age[1])


def test_the_page_says_in_words_what_the_figures_say():
    varied = np.linspace(-20, 60, N)
    page = ledger_page(entries(looks(tone=varied, age=30), looks(tone=varied + 8, age=36)))
    assert "draws them lighter (+8.0°" in page
    assert "it keeps 100 %." in page
    assert "older by 6.0 years" in page
    assert "not given; name it with --trained-on" in page
    darker = ledger_page(entries(looks(tone=varied), looks(tone=varied / 2 - 12)))
    assert "draws them darker" in darker
    assert "it keeps 50 %." in darker


def test_a_grey_set_has_a_ledger_without_skin():
    grey = looks()
    grey.skin[:] = np.nan
    page = ledger_page(entries(grey, grey))
    assert "cannot be said of these pictures" in page
    assert "<b>Skin.</b>" not in page


def test_a_drawing_stays_in_its_box_and_names_its_marks():
    drawing = charts.whisker({"value": 9.0, "low": -9.0, "high": 99.0, "n": 3}, {"random <face>": 0.5}, (0, 1), 0.7)
    numbers = [float(part.split('"')[0]) for part in drawing.split('cx="')[1:]]
    assert all(0 <= x <= charts.WIDTH for x in numbers)
    assert "random &lt;face&gt;: 0.5" in drawing


def test_numbers_have_a_true_minus_and_nothing_is_less_than_none():
    assert charts.number(-1.26, 1) == "−1.3"
    assert charts.number(-0.01, 1) == "0.0"
    assert figure_text(None) == "–"
    assert figure_text({"value": 0.5, "low": None, "high": None}, 2) == "0.50"


def test_every_goal_lies_inside_its_drawing():
    assert all(word.goal is None or word.scale[0] < word.goal < word.scale[1] for word in WORDS.values())
