"""Small things that an artist stumbled over: each is said, and with what mends it."""

import subprocess
import sys
import types

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import fetch_models

from narcissus.app import desktop, doctor
from narcissus.app.next_start import startable
from narcissus.app.settings import Settings, load
from narcissus.app.tuning.addresses import HEARD, TELL, unknown
from narcissus.app.tuning.file import SettingsFile
from narcissus.core.errors import ConfigError, ModelMissing, SourceError
from narcissus.core.files import unused
from narcissus.core.journal import Journal
from narcissus.lab.training.report import command
from narcissus.networks.pggan import weights
from narcissus.sinks.words import helped

PG_GAN = ROOT / "models" / "pg_gan"


def test_a_generator_that_is_not_there_offers_the_nearest_name_and_the_list():
    with pytest.raises(ModelMissing, match=r"did you mean narcissus-128\?.*fetch_models\.py --list"):
        weights.read(PG_GAN / "narcisus-128.npz")
    with pytest.raises(ModelMissing) as said:
        weights.read(PG_GAN / "something-else.npz")
    assert "did you mean" not in str(said.value)


@pytest.mark.parametrize("given", ["karras2018.pkl", "downloads/karras2018.pkl"])
def test_a_pickle_given_as_generator_names_the_import(given):
    path = Settings(generator=given).generator_path
    with pytest.raises(ModelMissing, match=r"import_pggan\.py .*karras2018\.pkl models/pg_gan/karras2018\.npz"):
        weights.read(path)


@pytest.mark.parametrize(("name", "value"), [("source", "no-such-clip.mp4"), ("generator", "narcisus-128")])
def test_what_the_next_start_would_refuse_is_refused_now(tmp_path, name, value):
    path = tmp_path / "config.yaml"
    path.write_text(f"{name}: {value}\n")
    journal = Journal()
    watched = SettingsFile(path, lambda: startable(load(path)), journal)
    for _ in range(3):
        watched.look()
    assert watched.versions.get(timeout=0) is None
    assert value in journal.faults["settings"]
    path.write_text("source: demo\n")
    for _ in range(3):
        watched.look()
    assert watched.versions.get(timeout=0).source == "demo", "the control"


def test_a_colour_without_quotes_says_that_it_wants_them(tmp_path):
    (tmp_path / "config.yaml").write_text("framing:\n  background: #102030\n")
    with pytest.raises(ConfigError, match=r"line 2.*should stand in quotes.*comment"):
        load(tmp_path / "config.yaml")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("/narcissus/exaggeration", "/narcissus/mirror/exaggeration"),
        ("/exaggeration", "/narcissus/mirror/exaggeration"),
        ("/narcissus/zoom", "/narcissus/framing/zoom"),
        ("/zoom", "/narcissus/framing/zoom"),
        ("/narcissus/Mirror/Calm", "/narcissus/mirror/calm"),
        ("/narcissus/motion/calm", "/narcissus/mirror/calm"),
        ("/narcissus/preset/1", "/narcissus/preset"),
        ("/narcissus/freze", "/narcissus/freeze"),
        ("/narcissus/mirror/language", "/narcissus/language"),
    ],
)
def test_an_osc_address_that_is_nearly_right_is_answered_with_the_right_one(said, meant):
    assert meant in HEARD
    assert unknown(said) == f"unknown; did you mean {meant}?"


def test_an_osc_address_of_something_else_is_no_slip():
    assert "docs/tuning.md" in unknown("/composition/layers/7/video/opacity/values")
    assert TELL in HEARD


def test_an_address_far_too_long_to_be_a_slip_is_compared_with_none(monkeypatch):
    """A flood of them would hold the thread that hears."""
    monkeypatch.setattr("narcissus.app.tuning.addresses._alike", lambda *_: pytest.fail("it was compared"))
    assert "docs/tuning.md" in unknown("/narcissus/mirror/exaggeration" * 200)


def test_the_list_of_networks_has_sizes():
    lines = {line.split()[0]: line for line in fetch_models.listing(ROOT / "models") if line}
    assert " 128 " in lines["narcissus-128"]
    assert " 64 " in lines["utk-64"]
    megabytes = (PG_GAN / "utk-64.npz").stat().st_size / 1e6
    assert f"{megabytes:.1f} MB" in lines["utk-64"]


def test_the_reports_command_names_every_flag_that_was_given():
    plan = types.SimpleNamespace(
        pairs=5000,
        seed=3,
        features=64,
        workers=2,
        estimator="pls",
        contest=True,
        cluster=None,
        portraits="my faces.zip",
    )
    said = command("mine-64", plan)
    for words in ("--generator mine-64", "--pairs 5000", "--seed 3", "--features 64", "--workers 2", "--estimator pls"):
        assert words in said
    assert "--portraits 'my faces.zip'" in said
    assert "--contest" in said
    assert "--cluster" not in said


def test_help_names_the_presets_by_their_keys():
    said = helped(["as measured", "still water"])
    assert "1  as measured" in said
    assert "2  still water" in said


def test_without_a_camera_the_wall_itself_says_so_for_ten_seconds(monkeypatch):
    def none(settings, painter, once):
        if settings.source == "camera":
            raise SourceError("none found")
        return types.SimpleNamespace(live=False, name="imagined", close=lambda: None)

    monkeypatch.setattr("narcissus.app.build.Doors", lambda: types.SimpleNamespace(source=none, live=None))
    built, _ = desktop.opened(Settings(), once=False)
    assert "No camera" in built.standing_in
    assert desktop.SAID == 10.0
    assert desktop.opened(Settings(source="demo"), once=False)[0].standing_in == "", "the control"


def test_the_doctor_says_what_it_says_on_its_page_and_nowhere_else(monkeypatch, capfd):
    monkeypatch.setenv("SDL_VIDEODRIVER", "")
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    list(doctor.display(Settings()))
    assert capfd.readouterr().err == ""


def test_drivers_that_tensorflow_did_not_find_are_no_news():
    code = "import narcissus, os; print(os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={}, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "3"


def test_what_reflect_writes_goes_where_git_does_not_look():
    import reflect

    assert reflect.arguments(["me.jpg"]).out.name == "out"
    assert "/out/" in (ROOT / ".gitignore").read_text().split()


def test_a_file_that_is_there_is_never_overwritten(tmp_path):
    (tmp_path / "me-reflected.png").write_text("mine")
    assert unused(tmp_path / "me-reflected.png").name == "me-reflected-2.png"


def test_whoever_watches_the_settings_loads_no_network():
    """Another thread loads one meanwhile: a mirror that had just begun ended on a module half made."""
    program = "import sys; from narcissus.app.settings import Settings; from narcissus.app.next_start import startable"
    program += (
        "; startable(Settings(source='demo')); print(*{'tensorflow', 'narcissus.networks.pggan'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
