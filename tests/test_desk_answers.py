"""The wall's side of the desk: every live setting to be turned, one truth for all hands, presets kept in the file."""

import pytest

from narcissus.app.build import Installation
from narcissus.app.desk import controls as desk_controls
from narcissus.app.desk.answers import Answers, wanted
from narcissus.app.desk.controls import NAMES, controls
from narcissus.app.settings import LIVE, Settings, checked, load
from narcissus.app.tuning import Tuning
from narcissus.app.tuning.file import SettingsFile
from narcissus.core.errors import ConfigError
from narcissus.core.journal import Journal
from narcissus.core.rewriting import rewrite

FILE = """# Kept as it is.
source: demo
presets:
  # This comment goes with the first change.
  bold: {scenes: {mirror: {exaggeration: 1.8}}}
  quiet:
    scenes: {mirror: {calm: 0.9}}

# After the presets.
osc: {enabled: false}
"""


class Room:
    """A mirror's tuning, with its file, and a desk that asks."""

    def __init__(self, folder) -> None:
        self.path = folder / "config.yaml"
        self.path.write_text(FILE)
        self.journal = Journal()
        self.file = SettingsFile(self.path, lambda: load(self.path), self.journal)
        self.tuning = Tuning(load(self.path), self.journal, file=self.file)
        self.answers = Answers(self.tuning, Installation(load(self.path), journal=self.journal), self.path, str)
        self.tuning.listen_to(self.answers.heard)
        self.turn()

    def turn(self, *keys):
        for _ in range(2):
            self.file.look()
        commands = self.tuning.hear(list(keys))
        self.tuning.turn(commands, 1.0)
        return commands

    def ask(self, question, **more):
        return self.answers({"ask": question} | more)

    @property
    def present(self):
        return self.ask("present")


@pytest.fixture
def room(tmp_path):
    return Room(tmp_path)


def test_every_live_setting_is_a_control_with_its_comment():
    told = {control["name"]: control for control in controls()}
    assert list(told) == list(NAMES)
    assert set(LIVE) - set(told) == {"scenes.rotoscope.schedule"}, "which is written in the file"
    assert [name for name, control in told.items() if not control["comment"]] == []
    assert told["scenes.mirror.calm"]["comment"] == "From 0 (answers every tremor) to 1 (still water)."
    assert {control["kind"] for control in controls()} == {"number", "switch", "choice", "several", "colour"}


def test_without_the_file_that_ships_every_setting_can_still_be_turned(room, monkeypatch, tmp_path):
    desk_controls._comments.cache_clear()
    shipped, ours = desk_controls.SHIPPED, tmp_path / "gone.yaml"
    monkeypatch.setattr(desk_controls, "SHIPPED", ours)
    told = room.ask("controls")["controls"]
    assert [control["name"] for control in told] == list(NAMES)
    assert {control["comment"] for control in told} == {""}
    monkeypatch.setattr(desk_controls, "SHIPPED", shipped)
    assert room.ask("controls")["controls"][0]["comment"], "and once it is there, with its words"


@pytest.mark.parametrize("control", controls(), ids=lambda control: control["name"])
def test_both_ends_of_every_control_are_taken_and_nothing_beyond(control):
    """The ranges are those of the validation: it is asked."""
    name = control["name"]
    ends = [control["low"], control["high"]] if control["kind"] == "number" else []
    words = control["words"] if control["kind"] != "several" else [control["words"], []]
    for value in (*ends, *words, control["default"]):
        assert checked(name, value) == value
    for value in [ends[0] - control["step"], ends[1] + control["step"]] if ends else [{"no": "value"}]:
        with pytest.raises(ConfigError):
            checked(name, value)


@pytest.mark.parametrize(
    ("name", "offered"),
    [("generator", "narcissus-128"), ("language", "en"), ("scenes.rotoscope.filter", "starry-night")],
)
def test_what_names_a_file_is_offered_by_its_names(name, offered):
    (control,) = [one for one in controls() if one["name"] == name]
    assert offered in control["words"]
    assert all(checked(name, word) == word for word in control["words"])


def test_what_is_made_while_the_mirror_runs_is_offered_and_half_a_filter_is_not(tmp_path, monkeypatch):
    def offered():
        told = {control["name"]: control["words"] for control in controls()}
        return told["generator"], told["scenes.rotoscope.filter"]

    monkeypatch.setattr(desk_controls, "HOME", tmp_path)
    generators, filters = offered()
    for path in ("pg_gan/made.now.npz", "filters/made-now/filter.npz", "filters/half-made/README.md"):
        (tmp_path / "models" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "models" / path).touch()
    assert offered() == ([*generators, "made.now"], [*filters, "made-now"])


def test_what_the_desk_sets_the_wall_takes_up_and_keys_are_told_to_the_desk(room):
    before = room.present["revision"]
    assert room.ask("set", values={"scenes.mirror.calm": 0.25}) == {"refused": {}}
    room.turn("more")
    now = room.present
    assert now["revision"] > before
    assert (now["values"]["scenes.mirror.calm"], now["values"]["scenes.mirror.exaggeration"]) == (0.25, 1.1)
    assert room.tuning.settings.scenes.mirror.calm == 0.25


def test_the_settings_are_told_only_when_they_have_changed(room):
    revision = room.present["revision"]
    assert "values" not in room.ask("present", after=revision)
    room.turn("freeze")
    assert room.ask("present", after=revision)["frozen"] is True


def test_a_change_in_the_file_is_told_to_the_desk(room):
    room.path.write_text(FILE.replace("source: demo", "source: demo\nframing: {zoom: 2.0}"))
    room.turn()
    assert room.present["values"]["framing.zoom"] == 2.0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"scenes.mirror.calm": 7}, "less than or equal to 1"),
        ({"scenes.mirror.calm": "much"}, "should be a number"),
        ({"scene": "drem"}, "did you mean dream?"),
        ({"source": "camera"}, "no live setting"),
        ({"generator": "/etc/passwd"}, "no path"),
        ({"generator": "other.npz"}, "no path"),
        ({"scenes.rotoscope.filter": "/tmp/x"}, "no path"),
        ({"scenes.rotoscope.filter": "x.npz"}, "no path"),
        ({"scenes.rotoscope.filter": ".."}, "no path"),
        ({"framing.zoom": None}, "should be a number"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_in_words_and_nothing_changes(room, values, said):
    before = room.tuning.settings
    assert said in next(iter(room.ask("set", values=values)["refused"].values()))
    room.turn()
    assert room.tuning.settings is before


@pytest.mark.parametrize(
    "asked",
    [
        {"ask": "everything"},
        {"ask": ["set"]},
        {},
        {"ask": "set"},
        {"ask": "set", "values": [1]},
        {"ask": "choose", "name": "no such"},
        {"ask": "do", "what": "quit"},
        {"ask": "do", "what": "freeze", "on": "yes"},
        {"ask": "presets", "change": "burn"},
        {"ask": "presets", "change": "move", "name": "bold", "by": 1 << 70},
        {"ask": "presets", "change": "keep", "name": "x" * 41},
        {"ask": "presets", "change": "keep", "name": "bold"},
        {"ask": "presets", "change": "rename", "name": "bold", "to": "quiet"},
    ],
    ids=str,
)
def test_nonsense_is_one_line_and_touches_no_file(room, asked):
    assert len(room.answers(asked)["fault"].splitlines()) == 1
    assert room.path.read_text() == FILE
    assert room.turn() == []


def test_what_is_to_be_done_reaches_scene_and_sink(room):
    for asked in ({"what": "freeze"}, {"what": "record"}, {"what": "save"}):
        assert room.ask("do", **asked) == {}
    assert room.turn() == ["freeze", "record", "save"]
    room.ask("do", what="freeze", on=False)
    room.ask("do", what="record", on=False)
    assert room.turn() == ["thaw", "stop recording"]


def test_presets_are_kept_named_moved_and_removed_and_the_rest_of_the_file_stays(room):
    room.ask("set", values={"scenes.mirror.calm": 0.3, "framing.zoom": 2.0, "screen.rotation": 90})
    room.turn()
    for change in (
        {"change": "keep", "name": "off: evening"},
        {"change": "move", "name": "off: evening", "by": -1},
        {"change": "rename", "name": "bold", "to": "bolder"},
        {"change": "anew", "name": "bolder"},
        {"change": "remove", "name": "quiet"},
        {"change": "move", "name": "off: evening", "by": -1},
    ):
        assert room.ask("presets", **change) == {}
        room.turn()
    assert room.present["presets"] == ["off: evening", "bolder"]
    text = room.path.read_text()
    assert text.startswith("# Kept as it is.\nsource: demo\npresets:\n")
    assert text.endswith("\n\n# After the presets.\nosc: {enabled: false}\n")
    evening = load(room.path).presets["off: evening"]
    assert (evening.scenes.mirror.calm, evening.framing.zoom) == (0.3, 2.0)
    assert "screen" not in evening.model_fields_set, "how the screen hangs is no look"
    room.ask("set", values={"framing.zoom": 1.0})
    room.turn()
    room.ask("choose", name="off: evening")
    room.turn()
    assert (room.present["values"]["framing.zoom"], room.present["preset"]) == (2.0, "off: evening")


def test_no_more_presets_than_keys(room):
    for number in range(7):
        assert room.ask("presets", change="keep", name=f"look {number}") == {}
        room.turn()
    assert "no more than 9" in room.ask("presets", change="keep", name="one more")["fault"]


def test_who_may_read_the_file_stays_as_it_was_and_a_link_stays_one(room, tmp_path):
    room.path.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(room.path)
    rewrite(link, "presets", {})
    assert link.is_symlink()
    assert room.path.stat().st_mode & 0o777 == 0o640
    assert load(link).presets == {}


@pytest.mark.parametrize(
    "text", ["presets: {\n  bold: {}\n}\nsource: demo\n", "presets:\n  a: {}\n# between\n  b: {}\n"]
)
def test_a_block_that_cannot_be_told_from_the_rest_is_left_alone(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match="by hand"):
        rewrite(path, "presets", {"new": {}})
    assert path.read_text() == text


def test_a_file_without_presets_gets_them_at_its_end(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("source: demo")
    rewrite(path, "presets", {"new": {"framing": {"zoom": 2.0}}})
    assert load(path).presets["new"].framing.zoom == 2.0


def test_faults_and_figures_are_the_state_of_health(room):
    room.journal.fault("camera", "is black")
    health = room.present["health"]
    assert health["faults"] == {"camera": "is black"}
    assert health["memory_mb"] > 0
    assert {"screen_fps", "stages_ms"} <= health.keys()


@pytest.mark.parametrize(
    ("desk", "kiosk", "there"),
    [("auto", False, True), ("auto", True, False), ("on", True, True), ("off", False, False)],
)
def test_the_desk_is_off_on_a_kiosk_unless_it_is_asked_for(desk, kiosk, there):
    assert wanted(Settings(desk=desk), kiosk=kiosk) is there


def test_a_slider_in_motion_leaves_one_value_for_the_display(room):
    for number in range(200):
        room.ask("set", values={"scenes.mirror.calm": number / 200})
    assert room.answers.heard.take() == {"scenes.mirror.calm": 0.995}
