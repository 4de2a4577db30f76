"""Nothing a live camera saw reaches a disk, a log, a core dump or a network: shown by a trace, and by one that leaks.

Takes a minute or more: every work before a camera is hung as a kiosk hangs it, a viewer's video as its live camera.
"""

import contextlib
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest
from conftest import ROOT
from ports import free_port

sys.path.insert(0, str(ROOT / "scripts"))

from service_manager import Manager, wait
from style_parts import write_filter

from narcissus.app.tuning.addresses import FPS, FREEZE, PRESENCE, SETTINGS
from narcissus.colony import Colony
from narcissus.scenes import SCENES, work

CALLS = "open,openat,openat2,creat,connect,sendto,sendmsg,sendmmsg,listen"
LIMITS = "prctl,prlimit64"
WRITING = re.compile(
    r"\b(?:open|openat|openat2|creat)\(.*?\"(?P<path>[^\"]*)\".*?(?:O_WRONLY|O_RDWR|O_CREAT|\(.*creat)"
)
NETWORK = re.compile(r"\b(?:connect|sendto|sendmsg|sendmmsg|listen)\(.*?sa_family=(?P<family>AF_\w+)|\blisten\(")
IN_MEMORY = ("/dev/", "/proc/", "/sys/")  # devices and the kernel's own: no disk is behind them
LONGEST_LINE = 300  # characters of a journal line; a row of landmarks is longer

LEAK = """
import socket, sys
sys.path[:0] = [{scripts!r}]
import numpy as np
import rehearsal

shown = rehearsal.Freshness.shown


def leaking(self, picture, moment):
    shown(self, picture, moment)
    seen = None if picture.behind is None else picture.behind.args[0]
    if seen is not None and seen.viewer is not None:
        np.save({file!r}, seen.frame.image)
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        line.sendto(seen.viewer.landmarks.tobytes(), ("127.0.0.1", 9))
        print("narcissus:", seen.viewer.landmarks.tolist(), file=sys.stderr, flush=True)


rehearsal.Freshness.shown = leaking
rehearsal.main()
"""


@pytest.fixture
def traced(tmp_path, monkeypatch):
    """traced(program, …): run it under strace until a viewer was followed, and until `sent` is in the trace; end it.

    What trace and journal hold.
    """
    if not shutil.which("strace"):
        pytest.skip("strace is not here; install the package strace")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    viewer = Path(os.environ.get("NARCISSUS_SHARED", ROOT.parent / "shared")) / "viewers" / "man_480.mp4"
    trace, begun = tmp_path / "trace", []

    def run(program, *words, sent=""):
        strace = (
            "strace",
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-e",
            f"trace={CALLS},{LIMITS}",
            "-s",
            "256",
            "-o",
            str(trace),
        )
        manager = Manager([str(viewer) if viewer.exists() else "demo"], before=strace, program=program)
        manager.words = list(words)
        manager.start()
        begun.append(psutil.Process(manager.process.pid))
        followed = wait(lambda: manager.followed > 5 or manager.process.poll() is not None, 300)
        assert followed, "a viewer must be there, or nothing is proved"
        time.sleep(1.5)  # whatever is said once a second is said
        wait(lambda: sent in trace.read_text(errors="replace"), 60)
        os.kill(manager.status["pid"], signal.SIGTERM)
        assert manager.process.wait(120) == 0
        return trace.read_text(errors="replace"), manager.stderr

    yield run
    for one in begun:  # whatever a failure has left running: the mirror outlives the strace that looks at it
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in (*one.children(recursive=True), one):
                process.kill()


def leaks(trace: str) -> list[str]:
    """Every file opened to be written, and every kind of network spoken to; devices and local sockets are neither."""
    paths = {match["path"] for match in map(WRITING.search, trace.splitlines()) if match}
    found = sorted(path for path in paths if not path.startswith(IN_MEMORY))
    families = {match["family"] or "listening" for match in map(NETWORK.search, trace.splitlines()) if match}
    return found + sorted(families - {"AF_UNIX"})


def told(journal: list[str]) -> list[str]:
    """Lines of the journal that hold more than words."""
    ours = [line for line in journal if line.startswith("narcissus:")]
    return [line for line in ours if len(line) > LONGEST_LINE or len(re.findall(r"-?\d+\.\d+", line)) > 6]


SEEING = [name for name in SCENES if work(name).wants_source and name != "creatures"]  # which has a test of its own
CASES = [(name, "") for name in SEEING] + [("rotoscope", "of: reflection, ")]


@pytest.mark.parametrize(("scene", "more"), CASES)
def test_nothing_the_camera_saw_leaves_the_memory(traced, tmp_path, scene, more):
    settings = tmp_path / "config.yaml"
    block = f"scenes: {{rotoscope: {{{more}filter: {write_filter(tmp_path)}}}}}"  # a small one, whatever ships
    settings.write_text(f"scene: {scene}\n{block}\n")
    trace, journal = traced(ROOT / "scripts" / "rehearsal.py", "--config", str(settings))
    assert leaks(trace) == []
    assert told(journal) == []
    assert "prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE" in trace, "and no core dump may be made"
    assert re.search(r"prlimit64\(0, RLIMIT_CORE, \{rlim_cur=0, rlim_max=0\}", trace)


def test_a_wall_of_creatures_writes_its_own_file_and_nobody_in_it_who_did_not_join(traced, tmp_path):
    store = tmp_path / "wall.sqlite"
    settings = tmp_path / "config.yaml"
    settings.write_text(f"scene: creatures\nscenes: {{creatures: {{cells: 12, wall: 480x270, store: {store}}}}}\n")
    trace, journal = traced(ROOT / "scripts" / "rehearsal.py", "--config", str(settings))
    files = {str(store), *(f"{store}-{part}" for part in ("journal", "wal", "shm"))}
    assert str(store) in leaks(trace)
    assert set(leaks(trace)) <= files
    assert told(journal) == []
    with Colony(store) as colony:
        assert colony.visitors() == []
        assert all(founder.startswith("#") for one in colony.alive() for founder in one.genome.founders)


def test_with_osc_nothing_leaves_but_presence_pictures_a_second_and_the_settings(traced, tmp_path):
    settings = tmp_path / "config.yaml"
    ear, target = free_port(), free_port()
    settings.write_text(
        f"generator: fast\nosc: {{enabled: true, listen: 127.0.0.1:{ear}, send_to: [127.0.0.1:{target}]}}\n"
    )
    trace, journal = traced(ROOT / "scripts" / "rehearsal.py", "--config", str(settings))
    assert leaks(trace) == ["AF_INET"]
    sent = [line for line in trace.splitlines() if "sendto(" in line and "AF_INET" in line]
    assert all(f'sin_port=htons({target}), sin_addr=inet_addr("127.0.0.1")' in line for line in sent)
    addresses = {re.search(r'sendto\(\d+, "([^"\\]*)', line)[1] for line in sent}
    assert {PRESENCE, FPS} <= addresses <= {*SETTINGS, FREEZE, PRESENCE, FPS}
    assert told(journal) == []


def test_with_osc_out_what_is_measured_reaches_this_machine_and_no_other(traced, tmp_path):
    settings = tmp_path / "config.yaml"
    targets = f"[127.0.0.1:{free_port()}, 192.0.2.7:9000]"  # the second: nobody's (RFC 5737)
    settings.write_text(
        f"generator: fast\nosc: {{enabled: true, out: true, listen: 127.0.0.1:{free_port()}, send_to: {targets}}}\n"
    )
    trace, journal = traced(ROOT / "scripts" / "rehearsal.py", "--config", str(settings), sent='"#bundle')
    assert leaks(trace) == ["AF_INET"]
    bundles = [line for line in trace.splitlines() if "sendto(" in line and '"#bundle' in line]
    assert bundles
    assert all('inet_addr("127.0.0.1")' in line for line in bundles)
    assert told(journal) == []


def test_with_the_desk_nothing_leaves_while_nobody_opens_it(traced, tmp_path, monkeypatch):
    """A socket of its own machine's file system waits; whoever may open it gets the wall, and no viewer."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    settings = tmp_path / "config.yaml"
    settings.write_text("generator: fast\ndesk: on\n")
    trace, journal = traced(ROOT / "scripts" / "rehearsal.py", "--config", str(settings))
    assert leaks(trace) == ["listening"]
    assert (tmp_path / "narcissus").is_dir(), "where it waits"
    assert told(journal) == []


def test_a_mirror_that_leaks_is_caught(traced, tmp_path):
    """The positive control: what the other test looks for is found when it is there."""
    program = tmp_path / "leaking.py"
    file = str(tmp_path / "viewer.npy")
    program.write_text(LEAK.format(scripts=str(ROOT / "scripts"), file=file))
    trace, journal = traced(program)
    assert leaks(trace) == [file, "AF_INET"]
    assert told(journal) != []
