"""Plays systemd to a rehearsed mirror: what it does for a service of Type=notify, and what it hears of it."""

import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

REHEARSAL = Path(__file__).resolve().parent / "rehearsal.py"
WATCHDOG = 6.0  # seconds; systemd's 30 would make each hang a long one
READY_WITHIN, WELL_WITHIN = 60.0, 60.0  # seconds after which a start, or a mending, has failed
FRESH = 1.0  # seconds: pictures are fresh when none was older
# As narcissus.service has it: the memory that is measured is the kiosk's.
HEAPS = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": str(1 << 20)}


def wait(condition: Callable[[], bool], patience: float) -> bool:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def forbid_writing() -> None:
    """As on a full disk: whatever would be written fails."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


class Manager:
    """What systemd does for a service of Type=notify: READY, WATCHDOG, and a new process when the old one has ended."""

    def __init__(
        self,
        sources: list[str],
        *,
        before: tuple[str, ...] = (),
        program: Path = REHEARSAL,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Plays `sources` in turn. `before`: a command that runs the mirror, such as strace; it may write files.

        `environment`: variables that the mirror gets besides.
        """
        self._folder = tempfile.TemporaryDirectory()
        self._address = f"{self._folder.name}/notify"
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind(self._address)
        self._sources, self._before, self._program, self._environment = sources, before, program, environment
        self.words: list[str] = []  # further flags of the mirror
        self.process: subprocess.Popen | None = None
        # It hears signals, has shown its first picture, and shows the live mirror.
        self.awake, self.ready, self.mirror = threading.Event(), threading.Event(), threading.Event()
        self.fed = self.begun = 0.0
        self.status: dict = {}
        self.followed = 0  # pictures that answered a viewer, since the start
        self.told = 0.0  # when the last status came
        self.journal: list[str] = []  # what the mirror said, with the seconds since its start
        self.stderr: list[str] = []  # and everything that came on that line
        self.ready_after: list[float] = []  # seconds from start to first picture
        self.mirror_after: list[float] = []  # seconds from start to the live mirror
        self.worst = {"gap": 0.0, "stale": 0.0}
        threading.Thread(target=self._hear, daemon=True).start()

    def start(self) -> None:
        environment = os.environ | {"NOTIFY_SOCKET": self._address, "WATCHDOG_USEC": str(int(WATCHDOG * 1e6))}
        environment |= HEAPS | dict(self._environment)
        words = [word for source in self._sources for word in ("--source", source)]
        for event in (self.awake, self.ready, self.mirror):
            event.clear()
        self.begun = self.told = time.monotonic()
        self.status, self.stderr, self.followed = {}, [], 0
        self.process = subprocess.Popen(
            [*self._before, sys.executable, str(self._program), *words, *self.words],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=None if self._before else forbid_writing,
        )
        for stream, take in ((self.process.stdout, self._take_status), (self.process.stderr, self._take_journal)):
            threading.Thread(target=self._follow, args=(stream, take, self.process), daemon=True).start()

    def send(self, fault: str, seconds: float) -> None:
        """Let it fail. A process that has ended cannot; whoever waits for it to be well finds that out."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(f"{fault} {seconds}\n")
            self.process.stdin.flush()

    def end(self, number: int, patience: float = 10.0) -> tuple[int, float]:
        """Send a signal; the exit status, and the seconds it took."""
        start = time.monotonic()
        self.process.send_signal(number)
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        return code, time.monotonic() - start

    def hangs(self) -> bool:
        """Whether systemd would end the process now: it was ready, and has fed nobody for too long."""
        return self.ready.is_set() and time.monotonic() - self.fed > WATCHDOG

    def up(self) -> bool:
        """Start the mirror anew and wait until it is the mirror; whether it became so."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.start()
        return wait(self.mirror.is_set, READY_WITHIN) and self.well()

    def well(self) -> bool:
        """Wait for one second in which nothing is at fault and every picture is fresh; whether it came."""
        since = time.monotonic()

        def quiet() -> bool:
            nonlocal since
            now = time.monotonic()
            if not self._fresh() or now - self.told > FRESH:
                since = now
            return self.dead() or now - since > 1.0

        return wait(quiet, WELL_WITHIN) and not self.dead()

    def dead(self) -> bool:
        return self.process.poll() is not None or self.hangs()

    def _fresh(self) -> bool:
        status = self.status
        return bool(status) and status["pictures"] > 0 and status["gap"] < FRESH and not status["faults"]

    def _hear(self) -> None:
        while True:
            for line in self._line.recv(4096).decode().split("\n"):
                now = time.monotonic()
                if line == "READY=1":
                    self.ready_after.append(now - self.begun)
                    self.fed = now
                    self.ready.set()
                elif line == "WATCHDOG=1":
                    self.fed = now

    def _follow(self, stream, take, process) -> None:
        for line in stream:
            if process is self.process:
                take(line.rstrip("\n"))

    def _take_status(self, line: str) -> None:
        self.awake.set()
        self.status, self.told = json.loads(line), time.monotonic()
        self.followed += self.status.get("followed", 0)
        if self.mirror.is_set():
            for name in self.worst:
                self.worst[name] = max(self.worst[name], self.status[name])

    def _take_journal(self, line: str) -> None:
        self.stderr.append(line)
        if line.startswith("narcissus: "):
            self.journal.append(f"{time.monotonic() - self.begun:.2f} {line}")
            if "on the wall" in line:
                if not self.mirror.is_set():
                    self.mirror_after.append(time.monotonic() - self.begun)
                self.mirror.set()
