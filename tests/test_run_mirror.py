"""The command a newcomer types: what it refuses, what it says, and that it runs from anywhere."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import types
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from page_parts import wait
from ports import free_port

from narcissus.app import cli as run_mirror
from narcissus.app import desktop
from narcissus.app.build import Installation
from narcissus.sinks.png import write_png

HEAVY = ("tensorflow", "keras", "dlib", "cv2", "pygame", "sklearn")


def started(*arguments, script=ROOT / "run_mirror.py", cwd=None, **more) -> subprocess.Popen:
    """The mirror in a process of its own, without a display."""
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment.pop("SDL_VIDEODRIVER", None)
    command = [sys.executable, str(script), *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=cwd, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more
    )


@pytest.fixture
def quickly(monkeypatch):
    """Call main() here, without its hands on this process's signals."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return lambda *arguments: run_mirror.main([str(argument) for argument in arguments])


def one_line(capsys) -> str:
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize(
    ("line", "hint"),
    [("resolutoin: 64", "resolutoin"), ("screen: {rate: fast}", "screen.rate"), ("scene: cave", "cave")],
)
def test_a_setting_that_is_wrong_is_one_line_and_exit_78(quickly, tmp_path, capsys, line, hint):
    (tmp_path / "config.yaml").write_text(line)
    assert quickly("--config", tmp_path / "config.yaml", "--check") == 78
    assert hint in one_line(capsys)


def test_settings_are_refused_before_anything_heavy_is_loaded(tmp_path):
    (tmp_path / "config.yaml").write_text("resolutoin: 64")
    code = (
        "import sys; from narcissus.app import cli as run_mirror; code = run_mirror.main(['--config', sys.argv[1]]);"
        f"print(code, [name for name in {HEAVY} if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "config.yaml")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "78 []\n"


def nothing_is_loaded(monkeypatch):
    monkeypatch.setattr(Installation, "generator", property(lambda self: pytest.fail("the generator was loaded")))
    monkeypatch.setattr(Installation, "scene", lambda self: pytest.fail("the work was loaded"))


@pytest.mark.parametrize("source", ["nowhere.mp4", "letter.mp4", "empty"])
def test_a_source_that_cannot_be_read_is_one_line_and_nothing_is_loaded(quickly, tmp_path, capsys, monkeypatch, source):
    (tmp_path / "letter.mp4").write_text("Dear Echo, ")
    (tmp_path / "empty").mkdir()
    nothing_is_loaded(monkeypatch)
    assert quickly("--source", tmp_path / source, "--offscreen", tmp_path / "out") == 66
    assert source in one_line(capsys)
    assert not list((tmp_path / "out").iterdir())


def test_a_generator_that_is_not_there_is_one_line_and_exit_78(quickly, capsys):
    assert quickly("--generator", "echo-4096", "--scene", "dream", "--check") == 78
    assert "echo-4096" in one_line(capsys)


def test_a_folder_that_cannot_be_written_is_named_before_anything_is_loaded(quickly, tmp_path, capsys, monkeypatch):
    (tmp_path / "file").write_text("")
    nothing_is_loaded(monkeypatch)
    assert quickly("--source", "demo", "--offscreen", tmp_path / "file" / "out") == 69
    assert "--offscreen" in one_line(capsys)


@pytest.mark.parametrize("seconds", ["0", "-3", "inf", "nan", "soon"])
def test_seconds_must_make_sense(seconds, capsys):
    with pytest.raises(SystemExit):
        run_mirror.parse(["--seconds", seconds])
    assert "--seconds" in capsys.readouterr().err


def test_help_shows_examples(capsys):
    with pytest.raises(SystemExit):
        run_mirror.parse(["--help"])
    assert "--source demo --offscreen out" in capsys.readouterr().out


def test_flags_override_the_settings(tmp_path):
    (tmp_path / "config.yaml").write_text("source: a.mp4\nscene: dream\nscreen: {rate: 30.0}\n")
    flags = run_mirror.parse(["--config", str(tmp_path / "config.yaml"), "--source", "b.mp4", "--window"])
    settings = run_mirror.configured(flags)
    assert (settings.source, settings.scene) == ("b.mp4", "dream")
    assert (settings.screen.fullscreen, settings.screen.rate) == (False, 30.0)


def test_without_a_camera_the_imaginary_viewer_stands_in_and_it_says_so(monkeypatch, capsys):
    import narcissus.sources
    from narcissus.core.errors import SourceMissing

    def without_camera(what, *_, **drawing):
        if what == "camera":
            raise SourceMissing("camera: none found")
        return types.SimpleNamespace(name=f"{what}, {drawing['painter']()}")

    monkeypatch.setattr(narcissus.sources, "open_source", without_camera)
    settings = run_mirror.configured(run_mirror.parse(["--source", "camera"]))
    monkeypatch.setattr(Installation, "generator", "the painter")
    built, source = desktop.opened(settings, once=False)
    assert source.name == "demo, the painter"
    assert not built.live, "nobody real stands there"
    assert "imaginary viewer stands in" in capsys.readouterr().out


def test_where_the_current_folder_cannot_be_written_the_film_goes_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert desktop.fallback_folder() == Path("out")
    shutil.rmtree("out")
    Path("out").write_text("in the way")
    elsewhere = desktop.fallback_folder()
    assert elsewhere.is_dir()
    elsewhere.rmdir()


@pytest.mark.parametrize("size", [(1, 1), (240, 320)])
def test_a_photo_without_a_face_is_named_in_a_line_and_the_mirror_dreams(quickly, tmp_path, capfd, caplog, size):
    photo = tmp_path / "wall.png"
    write_png(photo, np.full((*size, 3), 128, np.uint8))
    assert quickly("--source", photo, "--offscreen", tmp_path / "out", "--seconds", 5) == 0
    said = capfd.readouterr()
    assert (said.err, caplog.messages) == ("", [])
    assert f"no face was found in {photo}" in said.out
    assert (tmp_path / "out" / "contact.png").is_file()


def test_it_runs_from_anywhere_out_of_a_read_only_checkout_with_spaces_in_its_path(tmp_path):
    """Seconds: a process of its own loads TensorFlow, runs the real mirror, and leaves its film."""
    checkout = tmp_path / "a wall of mirrors"
    for name in ("run_mirror.py", "config.yaml", "narcissus", "models"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        checkout.mkdir(exist_ok=True)
        copy(ROOT / name, checkout / name)
    for path in (checkout, *checkout.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = sorted(checkout.rglob("*"))
    away = tmp_path / "elsewhere"
    away.mkdir()
    flags = ("--source", "demo", "--seconds", 2)
    environment_proof = started(*flags, script=checkout / "run_mirror.py", cwd=away)
    said, complaints = environment_proof.communicate(timeout=300)
    assert environment_proof.returncode == 0, complaints
    assert "Traceback" not in complaints
    assert "display" in said
    assert str(away / "out" / "mirror.webm") in said
    report = json.loads((away / "out" / "report.json").read_text())
    assert report["generator"] == "narcissus-128"
    assert report["frames"] > 0
    assert report["latent_step_degrees"]["max"] <= 12
    assert [path for path in sorted(checkout.rglob("*")) if "__pycache__" not in path.parts] == [
        path for path in before if "__pycache__" not in path.parts
    ]


def line_with(words: str, mirror: subprocess.Popen) -> str:
    """The next line of its journal that holds these words."""
    while words not in (said := mirror.stderr.readline()):
        assert said, f"it ended without saying {words!r}"
    return said


def test_a_saved_file_and_osc_reach_a_mirror_that_runs(tmp_path):
    """Seconds: a process of its own loads TensorFlow."""
    osc = f"osc: {{enabled: true, listen: '127.0.0.1:{free_port()}', send_to: []}}\n"
    config = tmp_path / "config.yaml"
    config.write_text(osc)
    mirror = started("--scene", "dream", "--offscreen", tmp_path / "out", "--config", config)
    target = line_with("osc: listens on", mirror).split("listens on ")[1].split(",")[0].split(":")
    time.sleep(1.0)
    config.write_text("scenes: {mirror: {exaggeration: 0.5}}\n" + osc)
    line_with("settings: scenes.mirror.exaggeration 1.0 → 0.5", mirror)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(b"/narcissus/exagerration\0,\0\0\0", (target[0], int(target[1])))
    line_with("did you mean /narcissus/mirror/exaggeration?", mirror)
    mirror.send_signal(signal.SIGTERM)
    assert mirror.wait(60) == 0
    mirror.communicate()


def test_a_kiosk_watches_its_file_too(monkeypatch, tmp_path):
    from narcissus.app import kiosk

    told = {}
    monkeypatch.setattr(kiosk, "run_kiosk", lambda read, ending, settings_file: told.update(file=settings_file) or 0)
    monkeypatch.setattr(os, "_exit", lambda code: None)
    flags = run_mirror.parse(["--kiosk", "--config", str(tmp_path / "mine.yaml")])
    run_mirror.unattended(flags, None)
    assert told == {"file": tmp_path / "mine.yaml"}


def hears(process: subprocess.Popen, number: int) -> bool:
    """Whether it has a handler of its own for the signal."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return bool(int(status.split("SigCgt:")[1].split()[0], 16) >> number - 1 & 1)


@pytest.mark.parametrize("moment", ["while loading", "while running"])
def test_a_signal_ends_it_with_0(tmp_path, moment):
    """Seconds: the process must first have got that far."""
    mirror = started("--scene", "dream", "--offscreen", tmp_path)
    if moment == "while running":
        while "drawn by" not in mirror.stdout.readline():
            assert mirror.poll() is None
        time.sleep(1.0)
    assert wait(lambda: hears(mirror, signal.SIGTERM), 60)
    mirror.send_signal(signal.SIGTERM)
    complaints = mirror.communicate(timeout=60)[1]
    assert mirror.returncode == 0, complaints
    assert not list(tmp_path.glob(".*"))  # nothing half written
