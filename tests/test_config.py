"""A wrong setting is refused by name, line and nearest spelling; a right one is what the rooms get."""

import re

import pytest
from conftest import ROOT
from hypothesis import example, given
from hypothesis import strategies as st

from narcissus.app.settings import LIVE, MOVED, Settings, flat, load
from narcissus.core.errors import ConfigError
from narcissus.core.reading import LARGEST_FILE
from narcissus.core.sections import Section

MIRROR = "scenes:\n  mirror:\n    {}\n"


@pytest.fixture
def written(tmp_path):
    def write(text: str | bytes):
        path = tmp_path / "config.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def test_the_file_that_ships_holds_exactly_the_defaults_and_presets():
    shipped = load(ROOT / "config.yaml")
    assert shipped == Settings(presets=shipped.presets)
    named = {name: frozenset(flat(preset, given=True)) for name, preset in shipped.presets.items()}
    kinds = set(named.values())
    assert len(kinds) < len(named), "presets of one kind undo each other"
    assert all(one is other or not one & other for one in kinds for other in kinds), "and leave the other kinds alone"


def keys(model: type[Section], above: str = "") -> list[str]:
    out = []
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            out += keys(field.annotation, f"{above}{name}.")
        else:
            out.append(f"{above}{name}")
    return out


@pytest.mark.parametrize("key", keys(Settings))
def test_every_setting_stands_in_the_file_that_ships_under_a_comment(key):
    lines = (ROOT / "config.yaml").read_text().splitlines()
    *section, name = key.split(".")
    here = 0
    for depth, part in enumerate([*section, name]):
        here = next(i for i in range(here, len(lines)) if re.match(rf"{'  ' * depth}{part}:", lines[i]))
    above = here
    while not lines[above].strip().startswith("#"):
        above -= 1
    assert here - above <= 3, f"{key} has no comment of its own"


def test_an_unknown_key_is_refused_with_its_line_and_the_nearest_spelling(written):
    path = written("source: demo\nscreen:\n  fulscreen: true\n")
    with pytest.raises(ConfigError, match=r"line 3: unknown setting 'screen\.fulscreen'; did you mean 'fullscreen'\?"):
        load(path)


def test_a_key_like_no_other_is_answered_with_those_there_are(written):
    with pytest.raises(ConfigError, match=r"line 1: unknown setting 'resolutoin'; known here: source, .*scene"):
        load(written("resolutoin: 64\n"))


def test_a_section_that_slipped_is_refused_in_a_line_that_can_be_read(tmp_path):
    """One space too many and everything below belongs to another section."""
    path = tmp_path / "config.yaml"
    path.write_text("scenes:\n  mirror:\n" + "".join(f"    setting{i}: {i}\n" for i in range(40)))
    with pytest.raises(ConfigError) as refused:
        load(path)
    assert "line 3: unknown setting 'scenes.mirror.setting0'" in str(refused.value)
    assert str(refused.value).endswith("; and 35 more")
    assert len(str(refused.value)) < 1000 + 5 * len(str(path))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MIRROR.format("exaggeration: much"), r"line 3: 'scenes\.mirror\.exaggeration' should be a number, not 'much'"),
        (
            MIRROR.format("exaggeration: 7"),
            r"line 3: 'scenes\.mirror\.exaggeration' should be less than or equal to 2, not 7",
        ),
        (MIRROR.format("exaggeration: .nan"), r"line 3: 'scenes\.mirror\.exaggeration'"),
        ("camera:\n  power_line: 55", r"line 2: 'camera\.power_line' should be 0, 50 or 60, not 55"),
        ("camera:\n  exposure: bright", r"line 2: 'camera\.exposure' should be"),
        ("camera: 3", r"line 1: 'camera' should be"),
        (MIRROR.format("guesses: 1"), r"line 3: 'scenes\.mirror\.guesses' should be a boolean, not 1"),
        ("source: demo\nsource: camera", r"line 2: 'source' is given twice"),
        ("- a\n- b", r"expected lines of the form 'key: value'"),
        ("a: [", r"line \d+: is not YAML"),
        ("? [a]\n: b", r"line 1: a key must be a word"),
        ("?", r"line 1: a key must be a word"),
        ("!!set\nsource: demo", r"line 1: a tag such as !!set is no setting"),
        ("source: demo\nguesses: !!bool perhaps", r"line 2: a tag such as !!set is no setting"),
        ("camera:\n  1: 2", r"line 2: a key must be a word"),
        ("source: 2026-13-45", r"holds a value that cannot be read"),
    ],
)
def test_a_wrong_value_is_refused_with_what_was_expected(written, text, said):
    with pytest.raises(ConfigError, match=said):
        load(written(text))


def test_a_flag_takes_the_place_of_the_file_and_is_checked_alike(written):
    path = written("source: demo\n")
    assert load(path, source="photo.jpg", scene=None).source == "photo.jpg"
    with pytest.raises(ConfigError, match=r"command line: 'photo_seconds' should be"):
        load(path, photo_seconds=9000.0)


OLD = {
    "viewers": "all",
    "exaggeration": "0.5",
    "guesses": "true",
    "motion": "{calm: 0.9, dream_speed: 6.0}",
}


@pytest.mark.parametrize("key", OLD)
def test_an_old_key_is_refused_with_where_it_stands_now(written, key):
    here = re.escape(MOVED[key])
    with pytest.raises(ConfigError, match=rf"line 2: '{key}' has moved; write {here} instead"):
        load(written(f"source: demo\n{key}: {OLD[key]}\n"))
    with pytest.raises(ConfigError, match=rf"line 3: 'presets\.old\.{key}' has moved; write {here} instead"):
        load(written(f"presets:\n  old:\n    {key}: {OLD[key]}\n"))
    with pytest.raises(ConfigError, match=rf"command line: '{key}' has moved; write {here} instead"):
        load(written("source: demo\n"), **{key: "0.5"})


def test_every_old_key_is_tried_and_stands_where_it_is_said_to():
    assert set(OLD) == set(MOVED)
    assert {name for said in MOVED.values() for name in said.split(" and ")} <= set(LIVE)


@pytest.mark.parametrize("control", ["exposure", "white_balance"])
def test_a_number_that_no_camera_can_be_given_is_refused(written, control):
    with pytest.raises(ConfigError, match=rf"line 2: 'camera\.{control}' should be"):
        load(written(f"camera:\n  {control}: 99999999999\n"))


def test_an_empty_file_means_the_defaults(written):
    assert load(written("# nothing yet\n")) == Settings()


def test_a_missing_or_huge_file_is_refused(written, tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "nowhere.yaml")
    with pytest.raises(ConfigError, match="larger than 64 KiB"):
        load(written(b"#" * (LARGEST_FILE + 1)))


@example(data=b"?")
@given(data=st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)))
def test_whatever_the_file_holds_it_is_read_or_refused_in_our_words(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("fuzz", numbered=True) / "config.yaml"
    path.write_bytes(data)
    try:
        said = load(path)
    except ConfigError as refused:
        said = str(refused)
    assert isinstance(said, Settings) or str(path) in said


def test_a_file_nested_without_end_is_refused(written):
    with pytest.raises(ConfigError, match="nested more than"):
        load(written("source: " + "[" * 30_000))
