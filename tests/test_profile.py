"""Profiles are invented by the artist's formulas, which are arithmetic and nothing else; guesses stand apart."""

import numpy as np
import pytest

from narcissus.core.errors import ConfigError
from narcissus.features.moment import moment
from narcissus.features.portrait import COLUMNS, GROUPS
from narcissus.features.spatial import MEAN_SHAPE
from narcissus.scenes.creatures.profile.formulas import Formula
from narcissus.scenes.creatures.profile.measures import LUCK, MEASURED, NAMES, measured
from narcissus.scenes.creatures.profile.profile import FOLDER, path_of, read_profiles

ENGLISH, GERMAN = FOLDER / "profiles.en.yaml", FOLDER / "profiles.de.yaml"
MIDDLE = dict.fromkeys(NAMES, 0.5)
GUESSED = {"age": 33.6, "age_spread": 7.4, "neutral": 0.1, "happiness": 0.7, "surprise": 0.1, "other": 0.1}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * smile", 2.0),
        ("-smile", -0.5),
        ("min(3, max(smile, 1))", 1.0),
        ("7 % 4 / 2", 1.5),
        ("sqrt(0 - 1)", 0.0),
    ],
)
def test_a_formula_is_arithmetic(text, value):
    assert Formula(text, NAMES)(MIDDLE) == value


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "smile.__class__",
        "(lambda: 1)()",
        "[1][0]",
        "9 ** 9 ** 9",
        "'text'",
        "1 if smile else 2",
        "smile < 1",
        "open(1)",
        "min(1, key=abs)",
        "max(*[1])",
        "(smile := 1)",
        "skin",
        "age",
        "True",
        "1e99",
        "",
        "1 +",
        "(" * 150 + "1" + ")" * 49,
        "1 + " * 60 + "1",
    ],
)
def test_whatever_else_is_refused_before_it_is_run(text):
    with pytest.raises(ValueError, match=r"is no formula|may hold|speaks of|beyond|longer"):
        Formula(text, NAMES)


@pytest.mark.parametrize("text", ["1 / 0", "1 % 0", "smile / (smile - 0.5)", "round(1 / 0)"])
def test_what_has_no_value_is_nothing(text):
    assert Formula(text, NAMES)(MIDDLE) == 0.0


def test_formulas_know_no_colour_no_proportion_and_no_guess():
    assert set(NAMES) == {*MEASURED, "stillness", "nearness", *LUCK}
    assert {source for source, *_ in MEASURED.values()} == {
        *("mouth curve", "mouth inside aspect", "eye aspect", "brow height", "yaw", "pitch")
    }


def test_both_languages_say_the_same_things_by_the_same_formulas():
    english, german = read_profiles(ENGLISH), read_profiles(GERMAN)
    assert len(english.attributes) == len(german.attributes)
    for one, other in zip(english.attributes, german.attributes, strict=True):
        assert (len(one.words), one.digits) == (len(other.words), other.digits)
    assert english.say.keys() == german.say.keys()
    assert path_of("auto", "de") == GERMAN
    assert path_of("auto", "fr") == ENGLISH


def test_a_profile_is_the_same_for_the_same_seed_and_others_differ():
    profiles = read_profiles(ENGLISH)
    assert profiles.of(MIDDLE, GUESSED, 7) == profiles.of(MIDDLE, GUESSED, 7)
    assert len({profiles.of(MIDDLE, None, seed).invented for seed in range(40)}) > 30


def looks(shape):
    """What formulas read off a face of this shape (68, 2)."""
    row = np.zeros((1, len(COLUMNS)), np.float32)
    row[:, GROUPS["shape"]] = shape.reshape(1, 136)
    return measured(moment(row)[0], 0.5, 0.5)


@pytest.mark.parametrize(
    ("name", "points", "up"),
    [
        ("smile", [48, 54], 0.06),
        ("mouth", [65, 66, 67], -0.1),
        ("eyes", [37, 38, 43, 44], 0.03),
        ("brows", range(17, 27), 0.08),
    ],
)
def test_what_a_face_does_raises_the_number_of_its_name(name, points, up):
    moved = MEAN_SHAPE.copy()
    moved[list(points), 1] -= up  # downwards is positive
    assert looks(moved)[name] > looks(MEAN_SHAPE)[name] + 0.2


def test_a_smile_is_volts():
    profiles = read_profiles(ENGLISH)
    volts = [
        float(dict(profiles.of(MIDDLE | {"smile": smile}, None, 7).invented)["voltage"].split()[0]) for smile in (0, 1)
    ]
    assert volts[0] < 10 < 100 < volts[1]


def test_every_word_of_an_attribute_can_come_and_none_beyond_its_list():
    kind = next(one for one in read_profiles(ENGLISH).attributes if one.name == "kind")
    assert {kind.told(MIDDLE | {"luck": luck / 100}) for luck in range(-50, 200)} == set(kind.words)


def test_real_guesses_stand_apart_with_their_error():
    profile = read_profiles(ENGLISH).of(MIDDLE, GUESSED, 7)
    assert profile.guessed == ("about 34 years old, give or take 7", "a happy face (70 %)")
    assert not any("34" in value for _, value in profile.invented)


BROKEN = [
    ("by: luck", "by: luck + skin", "line 12: 'attributes.kind.by' speaks of 'skin'"),
    ("by: luck", "by: __import__", "'attributes.kind.by' speaks of"),
    ("unit: V", "units: V", "'attributes.voltage.units' is unknown"),
    ("  kind:", "  kind: 3\n  kinds:", "'attributes.kind' should have words and by"),
    ("take {error}", "take {errors}", "'guesses.age' may hold {age}, {error} in braces"),
    ("take {error}", "take {error.real}", "'guesses.age' may hold"),
    ("in {seconds}", "in {seconds!r}", "'say.forget' may hold"),
    ("  scan: Scan", "  scam: Scan", "'say.scam' is unknown"),
    ("expressions:", "expression:", "'expression' is unknown"),
    ("  born: Invented. None of it is true.\n", "", "'say' lacks born"),
]


@pytest.mark.parametrize(("text", "instead", "said"), BROKEN)
def test_a_mistake_is_refused_with_file_line_and_name(tmp_path, text, instead, said):
    source = ENGLISH.read_text()
    assert text in source
    path = tmp_path / "mine.yaml"
    path.write_text(source.replace(text, instead, 1))
    with pytest.raises(ConfigError) as refused:
        read_profiles(path)
    assert str(path) in str(refused.value)
    assert said in str(refused.value)
