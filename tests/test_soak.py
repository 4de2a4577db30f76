"""The real mirror, rehearsed in a process of its own: what fails is mended, what hangs is found, and who asks ends it.

Takes a minute or two: the mirror starts some times, each with TensorFlow. No time is asserted; `make soak` measures.
"""

import json
import random
import signal
import sys
from collections import Counter
from types import SimpleNamespace

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

import service_manager
import soak
from service_manager import HEAPS, Manager, wait

PATIENT = 120  # seconds for what takes a few: the machine may be busy


@pytest.fixture
def manager(monkeypatch):
    """A service manager over the rehearsed mirror, before an imaginary viewer."""
    for limit in ("READY_WITHIN", "WELL_WITHIN"):  # of the manager itself, who waits; not of those that import it
        monkeypatch.setattr(service_manager, limit, PATIENT)
    made = Manager(["demo"])
    yield made
    if made.process is not None:
        made.process.kill()
        made.process.wait()


@pytest.fixture
def small(manager, tmp_path):
    """The same over the small generator: what is rehearsed does not hang on how large a face is."""
    (tmp_path / "config.yaml").write_text("generator: fast\n")
    manager.words = ["--config", str(tmp_path / "config.yaml")]


def said(manager, words):
    return any(words in line for line in manager.journal)


REASONS = {  # fault -> what is at fault, and the words for it
    "unplugged": ("camera", "rehearsed camera: gives no more pictures"),
    "nan": ("scene", "the model is loaded again"),
    "display": ("display", "display: rehearsed"),
    "black": ("camera", "is black"),
}


def fails_and_is_well_again(manager, fault):
    """Lets something fail for as long as it takes to be noticed."""
    name, words = REASONS[fault]
    manager.send(fault, 10_000)
    noticed = wait(lambda: name in manager.status.get("faults", ()) or said(manager, words), PATIENT)
    manager.send(fault, 0)
    return noticed and manager.well()


def is_named(manager, fault):
    """Fails, again if need be: of several reasons the first alone is said, and a busy machine may give another."""
    return any(fails_and_is_well_again(manager, fault) and said(manager, REASONS[fault][1]) for _ in range(3))


def test_the_stored_dream_shows_first_then_the_mirror_and_faults_are_mended_in_one_process(manager, monkeypatch):
    """And whoever asks ends it with 0, at full speed again after all of them."""
    monkeypatch.setattr(service_manager, "WATCHDOG", 60.0)  # a fault is mended, however slowly: nothing hangs here
    manager.start()
    assert wait(manager.ready.is_set, PATIENT)
    assert not manager.mirror.is_set(), "the first picture waits for nothing"
    assert wait(manager.mirror.is_set, PATIENT)
    assert manager.well()
    first = manager.process
    for fault in REASONS:
        assert is_named(manager, fault), (fault, manager.journal)
    assert soak.inject(manager, "frozen"), manager.journal
    assert manager.process is first
    assert manager.end(signal.SIGTERM, patience=30)[0] == 0


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", ["hung", "perception"])
def test_a_hung_source_or_scene_silences_the_watchdog(manager, kind):
    """And whoever asks ends it with 0 while a camera hangs."""
    assert manager.up()
    fed = manager.fed
    assert wait(lambda: manager.fed > fed, PATIENT), "while all is well it is fed"
    manager.send(kind, 10_000)
    assert wait(manager.hangs, PATIENT)
    assert manager.process.poll() is None, "it is for systemd to end it"
    if kind == "hung":
        assert wait(lambda: said(manager, "hangs in the driver"), PATIENT)
        assert manager.end(signal.SIGTERM, patience=30)[0] == 0


@pytest.mark.usefixtures("small")
def test_a_lost_device_asks_for_a_new_process(manager):
    assert manager.up()
    manager.send("device", 10_000)
    assert wait(lambda: manager.process.poll() is not None, PATIENT)
    assert manager.process.returncode == 70
    assert said(manager, "a new process is needed")


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("state", ["hardly begun", "loading", "no camera", "no display"])
def test_whoever_asks_ends_it_with_0(manager, state):
    """At full speed, and while a camera hangs: in the tests above."""
    manager.start()
    assert wait((manager.awake if state == "hardly begun" else manager.ready).is_set, PATIENT)
    if state not in ("hardly begun", "loading"):
        assert wait(manager.mirror.is_set, PATIENT)
    if state == "no camera":
        manager.send("absent", 10_000)
        manager.send("unplugged", 10_000)
        assert wait(lambda: "camera" in manager.status.get("faults", ()), PATIENT)
    elif state == "no display":
        manager.send("display", 10_000)
        assert wait(lambda: said(manager, "display:"), PATIENT)
    code, _ = manager.end(signal.SIGTERM, patience=30)
    assert code == 0


REFUSED = {
    "settings that are none": ("resolutoin: 64\n", "unknown setting 'resolutoin'"),
    "a generator that is not there": ("generator: nobody\n", "nobody.npz"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_said_once_and_the_stored_dream_plays_on(manager, tmp_path, case):
    text, reason = REFUSED[case]
    (tmp_path / "config.yaml").write_text(text)
    manager.words = ["--config", str(tmp_path / "config.yaml")]
    manager.start()
    assert wait(lambda: manager.ready.is_set() and said(manager, reason), PATIENT)
    assert wait(lambda: sum("the stored dream" in line for line in manager.journal) >= 1, PATIENT)
    fed = manager.fed
    assert wait(lambda: manager.fed > fed and manager.status.get("pictures", 0) > 0, PATIENT)
    assert not manager.mirror.is_set()
    times_said = [
        sum(line.split(" ", 1)[1] == other.split(" ", 1)[1] for other in manager.journal) for line in manager.journal
    ]
    assert max(times_said) == 1


def test_the_slope_of_the_memory_is_found_under_noise():
    chance = random.Random(0)
    samples = [(second, 800 + second / 3600 * 5 + chance.gauss(0, 0.3), 9, 20) for second in range(3600)]
    assert soak.slope(samples) == pytest.approx(5, abs=0.2)
    assert soak.slope(samples[:12]) is None, "too short to say"


def test_every_round_holds_every_kind_and_processes_end_only_near_the_end():
    lasting = {*soak.MENDED, *soak.AROUND}
    for progress, expected in ((0.1, lasting), (0.9, {*soak.SECONDS, *soak.AROUND, *soak.ENDING})):
        kinds = soak.faults(random.Random(0), lambda progress=progress: progress)
        assert {next(kinds) for _ in range(len(expected))} == expected
    assert len(soak.MENDED) >= 12
    assert len({*soak.SECONDS, *soak.AROUND, *soak.ENDING}) >= 22


def test_what_gives_up_a_step_when_it_comes_too_often_does_not():
    kinds = soak.faults(random.Random(0), lambda: 0.1)
    assert Counter(next(kinds) for _ in range(200))["nan"] == soak.RELOADS


def test_the_report_counts_what_was_not_survived():
    tallies = {"hung": soak.Tally(3, 3, 4.0), "black": soak.Tally(2, 1, 60.0)}
    manager = SimpleNamespace(worst={"gap": 0.5, "stale": 2.5}, ready_after=[1.0], mirror_after=[5.0])
    found = soak.result(tallies, manager, [(float(second), 800.0, 9, 20) for second in range(100)], 600.0)
    assert not found["all_survived"]
    assert not found["no_face_older_than_2_s"]
    assert (found["injected"], found["kinds"], found["memory_slope_mb_per_hour"]) == (5, 2, 0.0)
    assert "black" in soak.table(json.loads(json.dumps(found)))


def test_what_is_rehearsed_has_the_heaps_of_the_kiosk():
    unit = (ROOT / "scripts" / "kiosk" / "narcissus.service.in").read_text().splitlines()
    assert "Environment=" + " ".join(f"{name}={value}" for name, value in HEAPS.items()) in unit
