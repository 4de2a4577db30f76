"""Whatever happens to a camera, the mirror gets frames or learns that nobody is there, and the journal says it once."""

import logging
import queue
import threading

import numpy as np
import pytest

from narcissus.app import supervisor
from narcissus.app.inspection import PACED_OVER, Inspector
from narcissus.app.supervisor import HOPELESS, PATIENCE, Supervised
from narcissus.core.errors import SourceEnded, SourceError, SourceMissing
from narcissus.core.journal import Journal
from narcissus.core.types import Frame

HANG = object()
GONE = SourceMissing("/dev/video0: no such device")


class Clock:
    """Time passes because somebody looks at it; no test waits for it."""

    def __init__(self, step=0.01):
        self.now, self.step = 100.0, step
        self._lock = threading.Lock()

    def __call__(self):
        with self._lock:
            self.now += self.step
            return self.now


class LockStep:
    """The mailbox of a reader, with no race: a picture waits until it is taken; a hung camera is not waited for."""

    def __init__(self):
        self._box, self._taken = queue.Queue(1), threading.Event()
        self.hanging = threading.Event()

    def put(self, value):
        self._taken.clear()
        self._box.put(value)
        while not self._taken.wait(0.002) and not threading.current_thread()._leaving.is_set():
            pass

    def get(self, timeout):
        while not self.hanging.is_set() or not self._box.empty():
            try:
                value = self._box.get(timeout=0.002)
            except queue.Empty:
                continue
            self._taken.set()
            return value
        return None


class Camera:
    """Plays a script: pictures, errors, or HANG, which holds the thread until the test lets go."""

    live, name = True, "scripted"

    def __init__(self, clock, script):
        self._clock, self._script = clock, iter(script)
        self.let_go, self.closed = threading.Event(), False

    def read(self):
        step = next(self._script, HANG)
        if step is HANG:
            threading.current_thread().arrivals.hanging.set()
            self.let_go.wait(20)
            raise SourceError("unplugged while it hung")
        if isinstance(step, Exception):
            raise step
        return Frame(step, self._clock())

    def close(self):
        self.closed = True


def noise(seed=0, width=16, height=12):
    rng = np.random.default_rng(seed)
    while True:
        yield rng.integers(30, 255, (height, width, 3), dtype=np.uint8)


def some(count, **shape):
    pictures = noise(**shape)
    return [next(pictures) for _ in range(count)]


@pytest.fixture(autouse=True)
def swift(monkeypatch):
    monkeypatch.setattr(supervisor, "BLANK_PERIOD", 0.0005)
    monkeypatch.setattr(supervisor, "Newest", LockStep)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def supervise(clock):
    """supervise(script, script, …): every opening plays the next one; GONE, or none left: no camera."""
    made = []

    def make(*scripts, **rest):
        left, cameras = queue.SimpleQueue(), []
        for script in scripts:
            left.put(script)

        def open_camera():
            script = GONE if left.empty() else left.get()
            if script is GONE:
                raise GONE
            cameras.append(Camera(clock, script))
            return cameras[-1]

        journal = Journal()
        watched = Supervised(open_camera, journal, clock=clock, **rest)
        watched.cameras, watched.journal = cameras, journal
        made.append(watched)
        return watched

    yield make
    for watched in made:
        for camera in watched.cameras:
            camera.let_go.set()
        watched.close()


def blank(frame):
    return frame.cut and not frame.image.any()


def until(watched, wanted, tries=3000):
    """Read until a frame is as wanted; the frames on the way."""
    frames = []
    for _ in range(tries):
        frames.append(watched.read())
        if wanted(frames[-1]):
            return frames
    raise AssertionError(f"never happened; last: {frames[-1]}")


def test_a_healthy_camera_is_handed_through_and_begins_with_a_cut(supervise):
    watched = supervise(some(40))
    first = watched.read()
    assert first.cut
    assert not blank(first)
    assert not watched.read().cut


FAULTS = {
    "unplugged": [SourceError("/dev/video0: unplugged")],
    "hung": [HANG],
    "black": [picture // 32 for picture in some(3000, seed=5)],  # the noise of a dark sensor: not frozen
    "frozen": some(1, seed=9) * 3000,
    "another size": some(3000, seed=3, width=20, height=12),
    "broken pictures": [np.zeros((12, 16), np.uint8)] * 3000,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_makes_the_mirror_dream_in_time_and_the_camera_comes_back_with_a_cut(supervise, clock, caplog, fault):
    watched = supervise(some(20) + FAULTS[fault], GONE, some(3000, seed=7))
    last = [frame for frame in until(watched, blank) if not blank(frame)][-1]
    lost_at = clock.now
    assert lost_at - last.time <= 2.0, "by the fake clock: the dream begins within two seconds"
    back = until(watched, lambda frame: not blank(frame))[-1]
    assert back.cut
    assert not watched.read().cut
    said = [record for record in caplog.records if record.message.startswith("camera:")]
    assert len(said) == 2, "lost and found, each once"
    assert "dreams" in said[0].message
    assert "well again" in said[1].message


def test_an_absent_camera_is_awaited_with_growing_pauses(supervise, clock, caplog):
    tries = []

    def absent():
        tries.append(clock.now)
        raise SourceMissing("/dev/video0: no such device")

    watched = Supervised(absent, Journal(), clock=clock)
    clock.step = 0.05
    while len(tries) < 8:
        assert blank(watched.read())
    watched.close()
    pauses = np.diff(tries)
    assert pauses == pytest.approx([1, 2, 4, 8, 10, 10, 10], abs=0.6)
    assert sum("camera:" in record.message for record in caplog.records) == 1


def test_a_camera_that_is_still_black_after_reopening_is_not_called_well(supervise, caplog):
    black = [np.zeros((12, 16, 3), np.uint8)] * 3000
    watched = supervise(some(20), *[black] * 3)
    watched.read()
    until(watched, lambda _: len(watched.cameras) == 4)
    assert [record.message.split(":")[0] for record in caplog.records] == ["camera"]


def test_a_still_photo_is_not_a_frozen_camera(supervise):
    watched = supervise(some(1) * 3000, live=False)
    frames = [watched.read() for _ in range(500)]
    assert not any(blank(frame) for frame in frames)


def test_a_finite_source_ends(supervise):
    watched = supervise([*some(1), SourceEnded("film: played to its end")], live=False)
    with pytest.raises(SourceEnded):
        until(watched, lambda _: False)


@pytest.mark.parametrize("where", ["opening", "reading"])
def test_a_bug_below_the_camera_ends_as_a_bug_and_is_not_retried(supervise, where):
    watched = supervise([ValueError("a bug")], some(5))
    opening, tried = watched._open, []

    def open_camera():
        tried.append(1)
        if where == "opening":
            raise ValueError("a bug")
        return opening()

    watched._open = open_camera
    with pytest.raises(ValueError, match="a bug"):
        until(watched, lambda frame: False)
    assert len(tried) == 1


def test_a_camera_that_gives_less_than_asked_is_used_and_named_once(supervise, clock, caplog):
    watched = supervise(some(4 * PACED_OVER), asked=(1280, 720, 30.0))
    clock.step = 0.05
    for _ in range(60):
        assert not blank(watched.read())
    said = [record.message for record in caplog.records]
    assert sum("16×12, asked for 1280×720" in line for line in said) == 1
    assert sum("pictures a second, asked for 30" in line for line in said) == 1


def test_a_driver_that_holds_threads_for_good_silences_the_watchdog_and_is_not_given_more(supervise, clock):
    readers = lambda: {thread for thread in threading.enumerate() if thread.name == "camera reader"}
    beats, before = [], readers()
    watched = supervise(*[[HANG]] * 20, alive=beats.append)
    clock.step = 0.05
    until(watched, lambda _: beats and clock.now - beats[-1] > HOPELESS)
    assert len(readers() - before) <= supervisor.MOST_STUCK + 1
    assert len(watched.cameras) <= supervisor.MOST_STUCK + 1
    for camera in watched.cameras:
        camera.let_go.set()
    last = beats[-1]
    until(watched, lambda _: beats[-1] > last)


def test_waiting_for_a_camera_is_a_sign_of_life(supervise, clock):
    beats = []
    watched = supervise(alive=beats.append)
    clock.step = 0.2
    until(watched, lambda _: clock.now > 100 + 3 * HOPELESS)
    assert max(np.diff(beats)) < PATIENCE


def test_closing_frees_the_camera_and_ends_the_reading(supervise):
    watched = supervise(noise())
    watched.read()
    watched.close()
    assert watched.cameras[0].closed
    with pytest.raises(SourceEnded):
        watched.read()


def test_nothing_is_at_fault_with_a_camera_that_nobody_wants_any_more(supervise, clock, caplog):
    watched = supervise(some(4 * PACED_OVER), asked=(1280, 720, 30.0))
    clock.step = 0.05
    for _ in range(60):
        watched.read()
    until(watched, blank)
    watched.journal.fault("camera controls", "are said where it is opened")
    assert set(watched.journal.faults) == set(supervisor.FAULTS)
    said = len(caplog.records)
    watched.close()
    assert watched.journal.faults == {}
    assert len(caplog.records) == said, "nor is it well again"


def test_a_frame_no_newer_than_the_last_or_long_past_is_refused():
    inspector = Inspector(live=True)
    first, second, third = some(3)
    inspector.judge(Frame(first, 1.0), 1.0)
    assert inspector.judge(Frame(second, 1.1), 1.1) is None
    assert "no newer" in inspector.judge(Frame(third, 1.1), 1.2)
    assert "too old" in inspector.judge(Frame(third, 1.2), 9.0)


@pytest.fixture(autouse=True)
def journal(caplog):
    caplog.set_level(logging.INFO, "narcissus")
