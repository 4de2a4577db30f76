"""The installer with its services: a version whose scene does not hang gives way to the one that hung.

systemd, users and packages are played by small programs that stand first on PATH; everything else is the script itself,
with its folders moved into a temporary one. What a version does lies in its file `outcome`.
"""

import os
import shutil
import stat
import subprocess
import sys

import pytest
from conftest import ROOT

GOOD, DREAMS = "the mirror: on the wall", "the mirror: no inverter; instead of it: the stored dream"
REFUSED, BROKEN, SLOW, CLOSED = "refused", "broken", "slow", "closed: the wall is black until 10:00-18:00"

SYSTEMCTL = """#!/bin/sh
echo "systemctl $*" >>"$LOG"
case "$1 $*" in
    restart*) grep -q broken "$PLACE/current/outcome" && exit 1 ;;
    show*StatusText*) echo "54 reflections a second, frame 0.0 s old" ;;
    show*InvocationID*) echo 0123 ;;
esac
exit 0
"""
JOURNALCTL = """#!/bin/sh
case "$*" in *_SYSTEMD_INVOCATION_ID=0123*) sed 's/^/narcissus: /' "$PLACE/current/outcome" ;; esac
"""
SYSTEMD_RUN = """#!/bin/sh
echo "systemd-run $*" >>"$LOG"
while [ "${1#-}" != "$1" ]; do shift; done
exec "$@"
"""
MAKE = """#!/bin/sh
mkdir -p "$2/.venv/bin"
ln -s "$PYTHON" "$2/.venv/bin/python"
"""
NOTHING = """#!/bin/sh
echo "$(basename "$0") $*" >>"$LOG"
"""
CHECK = """
import pathlib, sys
here = pathlib.Path(__file__).parent
assert sys.argv[1:3] == ["--check", "--config"], sys.argv
if (here / "outcome").read_text().strip() == "refused" or "spoilt" in pathlib.Path(sys.argv[3]).read_text():
    sys.exit("narcissus: refused, with its reason")
print("All is well")
"""


class Machine:
    def __init__(self, folder):
        self.folder, self.place, self.checkout = folder, folder / "opt", folder / "check out"
        self.config, self.log = folder / "etc" / "config.yaml", folder / "log"
        programs = folder / "bin"
        programs.mkdir()
        played = {"systemctl": SYSTEMCTL, "journalctl": JOURNALCTL, "systemd-run": SYSTEMD_RUN, "make": MAKE}
        played |= dict.fromkeys(("useradd", "usermod", "userdel", "apt-get"), NOTHING)
        for name, text in (played | {"id": "#!/bin/sh\necho 0\n"}).items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        self.environment = os.environ | {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "LOG": str(self.log),
            "PLACE": str(self.place),
            "PYTHON": sys.executable,
        }
        shutil.copytree(ROOT / "scripts" / "kiosk", self.checkout / "scripts" / "kiosk")
        script = self.checkout / "scripts" / "kiosk" / "install.sh"
        text = script.read_text()
        for old, new in (
            ("place=/opt/narcissus\n", f"place='{self.place}'\n"),
            ("config=/etc/narcissus/config.yaml\n", f"config='{self.config}'\n"),
            ("unit_folder=/etc/systemd/system\n", f"unit_folder='{folder / 'units'}'\n"),
            ("patience=120 ", "patience=1 "),
        ):
            assert text.count(old) == 1
            text = text.replace(old, new)
        script.write_text(text)
        (self.checkout / "run_mirror.py").write_text(CHECK)
        (self.checkout / "config.yaml").write_text("exaggeration: 1.0\n")
        (self.checkout / "models" / "pg_gan").mkdir(parents=True)
        (self.checkout / "models" / "pg_gan" / "utk-64.npz").write_text("shipped")
        (self.checkout / ".gitignore").write_text("/models/pg_gan/downloads/\n/models/inverter/*/pairs/\n")
        subprocess.run(["git", "init", "-q", self.checkout], check=True)

    def commit(self, outcome):
        (self.checkout / "outcome").write_text(outcome + "\n")
        git = ["git", "-C", self.checkout, "-c", "user.name=x", "-c", "user.email=x@x"]
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", outcome], check=True)

    def install(self, *words, fine=True, umask=0o022):
        self.log.write_text("")
        script = self.checkout / "scripts" / "kiosk" / "install.sh"
        done = subprocess.run(
            [script, *words], capture_output=True, text=True, env=self.environment, umask=umask, timeout=60
        )
        said = done.stdout + done.stderr
        assert (done.returncode == 0) == fine, said
        return said

    def update(self, outcome, *words, **about):
        self.commit(outcome)
        return self.install(*words, **about)

    @property
    def on_the_wall(self):
        return (self.place / "current" / "outcome").read_text().strip()

    @property
    def before(self):
        link = self.place / "previous"
        return (link / "outcome").read_text().strip() if link.is_symlink() else None


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_a_version_hangs_when_its_scene_does_and_not_when_the_stored_dream_plays(machine):
    assert "is on the wall" in machine.update(GOOD)
    said = machine.update(DREAMS, fine=False)
    assert "no inverter; instead of it: the stored dream" in said, "the reason is repeated"
    assert "went back" in said
    assert machine.on_the_wall == GOOD
    assert "is on the wall again" in said


@pytest.mark.parametrize("outcome", [BROKEN, SLOW, "the mirror: full; instead of it: the dream", DREAMS])
def test_what_does_not_hang_gives_way_and_a_rollback_never_returns_to_it(machine, outcome):
    machine.update(GOOD + ", the first")
    machine.update(GOOD + ", the second")
    said = machine.update(outcome, fine=False)
    assert "does not hang" in said
    assert machine.on_the_wall == GOOD + ", the second"
    assert machine.before == GOOD + ", the first"
    machine.install("--rollback")
    assert machine.on_the_wall == GOOD + ", the first"
    machine.install("--rollback")
    assert machine.on_the_wall == GOOD + ", the second"


def test_with_one_good_version_there_is_nothing_to_roll_back_to_after_a_failure(machine):
    machine.update(GOOD)
    machine.update(SLOW, fine=False)
    assert "no version before" in machine.install("--rollback", fine=False)
    assert machine.on_the_wall == GOOD


def test_a_version_that_failed_may_be_tried_again_and_hang(machine):
    machine.update(GOOD)
    machine.update(SLOW, fine=False)
    (slow,) = [path for path in machine.place.glob("versions/*/outcome") if path.read_text().strip() == SLOW]
    slow.write_text(GOOD + ", at last\n")
    machine.install()
    assert machine.on_the_wall == GOOD + ", at last"
    assert machine.before == GOOD


def test_a_first_version_that_does_not_hang_says_that_there_is_none_to_go_back_to(machine):
    assert "no version to go back to" in machine.update(BROKEN, fine=False)
    assert "is on the wall" not in machine.install(fine=False)


def test_a_smaller_picture_of_what_was_asked_for_is_it_and_a_closed_house_is_believed(machine):
    assert "is on the wall" in machine.update("the mirror with a smaller picture: on the wall")
    assert "hangs when it opens" in machine.update(CLOSED)


def test_a_version_that_would_not_run_is_never_switched_to(machine):
    machine.update(GOOD)
    said = machine.update(REFUSED, fine=False)
    assert "refused, with its reason" in said
    assert "nothing was switched" in said
    assert machine.on_the_wall == GOOD
    log = machine.log.read_text()
    assert "--uid=narcissus " in log
    assert "--property=ProtectHome=yes" in log
    assert "systemctl restart" not in log


def test_imported_generators_and_trained_inverters_go_with_it(machine):
    models = machine.checkout / "models"
    machine.commit(GOOD)
    for name in ("pg_gan/imported.npz", "inverter/imported/inverter.joblib", "pg_gan/downloads/a.pkl"):
        (models / name).parent.mkdir(parents=True, exist_ok=True)
        (models / name).write_text(name)
    (models / "inverter/imported/pairs/0").mkdir(parents=True)
    (models / "inverter/imported/pairs/0/00000.npy").write_text("")
    (models / "pg_gan/imported.npz").chmod(0o600)
    said = machine.install()
    there = machine.place / "current" / "models"
    assert (there / "pg_gan/utk-64.npz").is_file()
    assert (there / "inverter/imported/inverter.joblib").is_file()
    assert (there / "pg_gan/imported.npz").stat().st_mode & stat.S_IROTH, "the service's user must read it"
    assert not (there / "pg_gan/downloads").exists()
    assert not (there / "inverter/imported/pairs").exists()
    assert "not committed: models/pg_gan/imported.npz" in said
    first = (machine.place / "current").readlink()
    (models / "pg_gan/imported.npz").write_text("another")
    machine.install()
    assert (machine.place / "current").readlink() != first, "another file is another version"
    assert (there / "pg_gan/imported.npz").read_text() == "another"


def test_what_was_imported_outlives_the_folder_it_was_installed_from(machine):
    machine.commit(GOOD)
    imported = machine.checkout / "models" / "pg_gan" / "imported.npz"
    imported.write_text("imported")
    machine.install()
    imported.unlink()
    assert "carried over" in machine.update(GOOD + ", next")
    machine.update(GOOD + ", after that")
    assert (machine.place / "current" / "models/pg_gan/imported.npz").read_text() == "imported"


def test_uncommitted_settings_and_code_are_installed_as_they_lie_there(machine):
    machine.update(GOOD)
    (machine.checkout / "config.yaml").write_text("exaggeration: 1.3\n")
    assert "to take that: --settings" in machine.install()
    assert machine.config.read_text() == "exaggeration: 1.0\n"
    assert (machine.place / "current" / "config.yaml").read_text() == "exaggeration: 1.3\n"
    machine.install("--settings")
    assert machine.config.read_text() == "exaggeration: 1.3\n"
    assert machine.config.with_name("config.yaml.before").read_text() == "exaggeration: 1.0\n"


@pytest.mark.parametrize(("outcome", "settings"), [(GOOD + ", next", "spoilt: 1\n"), (SLOW, "exaggeration: 1.3\n")])
def test_settings_go_back_with_the_version(machine, outcome, settings):
    machine.update(GOOD)
    (machine.checkout / "config.yaml").write_text(settings)
    machine.update(outcome, "--settings", fine=False)
    assert machine.config.read_text() == "exaggeration: 1.0\n"
    assert machine.on_the_wall == GOOD


@pytest.mark.parametrize("outcome", [REFUSED, SLOW])
def test_settings_kept_by_an_earlier_run_do_not_come_back(machine, outcome):
    """What was replaced weeks ago is nobody's wish when a later version fails."""
    machine.update(GOOD)
    (machine.checkout / "config.yaml").write_text("exaggeration: 1.3\n")
    machine.update(GOOD + ", next", "--settings")
    machine.update(outcome, "--settings", fine=False)
    assert machine.config.read_text() == "exaggeration: 1.3\n"
    assert machine.config.with_name("config.yaml.before").read_text() == "exaggeration: 1.0\n"
    assert machine.on_the_wall == GOOD + ", next"


def test_a_rollback_that_fails_takes_no_settings_back(machine):
    machine.update(GOOD)
    (machine.checkout / "config.yaml").write_text("exaggeration: 1.3\n")
    machine.update(GOOD + ", next", "--settings")
    (machine.place / "previous" / "outcome").write_text(SLOW + "\n")
    machine.install("--rollback", "--settings", fine=False)
    assert machine.config.read_text() == "exaggeration: 1.3\n"
    assert machine.on_the_wall == GOOD + ", next"


def test_a_private_umask_leaves_nothing_unreadable(machine):
    machine.commit(GOOD)
    machine.install(umask=0o077)
    for path in [machine.place, machine.config.parent, machine.config, *machine.place.rglob("*")]:
        if not path.is_symlink():
            needed = 0o555 if path.is_dir() else 0o444
            assert path.stat().st_mode & needed == needed, path


def test_root_of_the_whole_file_system_means_files_alone(machine):
    machine.commit(GOOD)
    said = machine.install("--root", "/")
    assert "on the wall" not in said, "no service was started"
    assert machine.log.read_text() == "", "no package, no user, no service"
    assert (machine.place / "current" / "run_mirror.py").is_file()
