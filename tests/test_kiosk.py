"""The attendant's installer: the same twice, back when asked, gone when asked."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT

INSTALL = ROOT / "scripts" / "kiosk" / "install.sh"
PLACE, UNITS = "opt/narcissus", "etc/systemd/system"


def git(folder, *words):
    subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True)


def commit(folder, text):
    (folder / "config.yaml").write_text(text)
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", text)


@pytest.fixture
def checkout(tmp_path):
    """A small checkout of its own, so that versions can be made."""
    folder = tmp_path / "check out"
    shutil.copytree(ROOT / "scripts" / "kiosk", folder / "scripts" / "kiosk")
    (folder / "run_mirror.py").write_text("")
    git(tmp_path, "init", "-q", str(folder))
    commit(folder, "exaggeration: 1.0\n")
    return folder


@pytest.fixture
def machine(tmp_path):
    return tmp_path / "machine"


@pytest.fixture
def install(checkout, machine):
    def run(*words, fine=True):
        command = [checkout / "scripts" / "kiosk" / "install.sh", "--root", machine, *words]
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode == 0) == fine, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def tree(machine):
    return {
        str(path.relative_to(machine)): path.readlink() if path.is_symlink() else path.read_bytes()
        for path in machine.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def version_on_the_wall(machine):
    return (machine / PLACE / "current" / "config.yaml").read_text()


def test_installing_twice_changes_nothing(install, machine):
    install()
    once = tree(machine)
    times = {path: path.lstat().st_mtime_ns for path in machine.rglob("*") if path.is_file() and not path.is_symlink()}
    install()
    assert tree(machine) == once
    assert {path: path.lstat().st_mtime_ns for path in times} == times, "not even written again"
    assert f"{UNITS}/narcissus.service" in once
    assert "@" not in (machine / UNITS / "narcissus.service").read_text().replace("@system-service", "")


def test_a_dry_run_says_all_and_does_nothing(install, machine):
    said = install("--dry-run")
    assert "would write" in said
    assert not machine.exists()
    whole = subprocess.run([INSTALL, "--dry-run"], capture_output=True, text=True, check=True).stdout
    for step in ("useradd", "make --directory", "systemctl daemon-reload", "systemctl restart"):
        assert step in whole


def test_an_update_keeps_the_settings_and_the_version_before_and_rolls_back(install, checkout, machine):
    install()
    settings = machine / "etc/narcissus/config.yaml"
    settings.write_text("exaggeration: 1.5\n")
    for text in ("exaggeration: 1.1\n", "exaggeration: 1.2\n"):
        commit(checkout, text)
        install()
        assert version_on_the_wall(machine) == text
    assert settings.read_text() == "exaggeration: 1.5\n"
    assert len(list((machine / PLACE / "versions").iterdir())) == 2, "the one on the wall and the one before"
    install("--rollback")
    assert version_on_the_wall(machine) == "exaggeration: 1.1\n"
    install("--rollback")
    assert version_on_the_wall(machine) == "exaggeration: 1.2\n", "and forward again"


def test_an_update_that_was_interrupted_is_done_again(install, machine):
    install()
    (version,) = (machine / PLACE / "versions").iterdir()
    (version / ".complete").unlink()
    (version / "run_mirror.py").unlink()
    install()
    assert (version / "run_mirror.py").exists()


def test_there_is_nothing_to_roll_back_to_at_first(install):
    install()
    assert "no version before" in install("--rollback", fine=False)


def test_uninstalling_leaves_the_settings_alone(install, machine):
    install()
    install("--uninstall")
    assert list(tree(machine)) == ["etc/narcissus/config.yaml"]


def test_an_unknown_option_is_refused(install, machine):
    assert "unknown option --unistall" in install("--unistall", fine=False)
    assert not machine.exists()


def test_without_root_it_says_so():
    if os.geteuid() == 0:
        pytest.skip("the suite runs as root")
    done = subprocess.run([INSTALL], capture_output=True, text=True)
    assert (done.returncode, "needs root" in done.stderr) == (1, True)


@pytest.fixture
def verify(install, machine):
    """systemd-analyze verify on the installed units, in a folder that holds what a machine has around them."""
    if not shutil.which("systemd-analyze") or not Path("/lib/systemd/system").is_dir():
        pytest.skip("systemd-analyze is not here; it comes with the package systemd")
    install()
    shutil.copytree("/lib/systemd/system", machine / "lib/systemd/system", symlinks=True)
    for program in (f"{PLACE}/current/.venv/bin/python", "usr/bin/xinit"):
        (machine / program).parent.mkdir(parents=True, exist_ok=True)
        (machine / program).write_text("#!/bin/sh\n")
        (machine / program).chmod(0o755)

    def run():
        command = ["systemd-analyze", "verify", "--man=no", f"--root={machine}"]
        done = subprocess.run(
            [*command, "narcissus.service", "narcissus-display.service"], capture_output=True, text=True
        )
        return done.stdout + done.stderr

    return run


def test_systemd_finds_nothing_wrong_with_the_installed_units(verify):
    assert verify() == ""


@pytest.mark.parametrize("allowed", ["IPAddressAllow=localhost", "IPAddressAllow=192.168.1.20"])  # OSC; a camera
def test_what_the_attendant_writes_to_let_something_through_is_understood(verify, machine, allowed):
    page = (ROOT / "scripts" / "kiosk" / "README.md").read_text()
    blocks = ["[Service]\n" + part.split("\n\n")[0] for part in page.split("    [Service]\n")[1:]]
    (block,) = [block for block in blocks if allowed in block]
    lines = block.replace("    ", "") + "\n"
    drop_in = machine / UNITS / "narcissus.service.d" / "override.conf"
    drop_in.parent.mkdir()
    drop_in.write_text(lines)
    assert verify() == ""
    drop_in.write_text(lines + "IPAddressAllow=everybody\n")
    assert "everybody" in verify()


def test_systemd_would_have_said_so(verify, machine):
    unit = machine / UNITS / "narcissus.service"
    unit.write_text(
        unit.read_text().replace("WatchdogSec=30", "WatchdogSec=soon").replace("run_mirror.py", "x\nNonsense=1")
    )
    said = verify()
    assert "Failed to parse sec value" in said
    assert "Nonsense" in said


PROMISES = {
    "never a face on disk": [
        "LimitCORE=0",
        "MemorySwapMax=0",
        "ProtectSystem=strict",
        "TemporaryFileSystem=/tmp /var/tmp",
    ],
    "never a face on a network": ["PrivateNetwork=yes", "RestrictAddressFamilies=AF_UNIX", "IPAddressDeny=any"],
    "always back": ["Restart=always", "StartLimitIntervalSec=0", "WatchdogSec=30", "Type=notify"],
    "gone within its time": ["TimeoutStopSec=5"],
}


@pytest.mark.parametrize("promise", PROMISES)
def test_the_unit_keeps(promise, install, machine):
    install()
    lines = (machine / UNITS / "narcissus.service").read_text().splitlines()
    assert [line for line in PROMISES[promise] if line not in lines] == []
    assert not any(line.startswith(("ReadWritePaths", "StateDirectory", "CacheDirectory")) for line in lines)
