"""Whether the mirror lives: heartbeats of its threads, the age of what it shows, and what systemd is told of it.

The service manager's protocol is one datagram of text to the socket named in NOTIFY_SOCKET: sd_notify(3).
"""

import os
import socket
from collections import deque
from collections.abc import Callable, Mapping

import psutil

from narcissus.core.journal import Journal
from narcissus.core.types import Frame, Picture

PATIENCE = 10.0  # seconds a thread may stay silent; a first compilation on a slow machine takes some of them
STATUS_PERIOD = 10.0  # seconds between two lines of STATUS
RATE_WINDOW = 2.0  # seconds over which reflections are counted


def memory_mb() -> float:
    """What this process holds of the machine's memory; 0 where that cannot be asked now: too many files are open."""
    try:
        return round(psutil.Process().memory_info().rss / 2**20, 1)
    except (psutil.Error, OSError):
        return 0.0


class Notifier:
    """Speaks to systemd where it listens, and to nobody where it does not."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watchdog = environment.get("WATCHDOG_USEC", "") if ours else ""
        self.watchdog_seconds = int(watchdog) / 1e6 if watchdog.isdecimal() else None  # None: nobody watches

    def send(self, *lines: str) -> bool:
        """One datagram such as ("READY=1", "STATUS=…"); whether it was taken, or there is nobody to take it.

        A manager that is gone or slow is no reason to stop, nor are too many open files.
        """
        if not self._address:
            return True
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as line:
                line.sendto("\n".join(lines).encode(), address)
        except OSError:
            return False
        return True


class Health:
    """Gathers the signs of life and passes them on, from the display's own thread.

    `beat` may be called by any thread. `presented` is called by the display after each picture; it is what feeds the
    watchdog, so a display that hangs feeds nothing, and it feeds only while every expected heartbeat is fresh.
    """

    def __init__(self, notifier: Notifier, journal: Journal, on_wall: Callable[[], str] = lambda: "") -> None:
        """`on_wall` says what is on the wall."""
        self._notifier, self._journal, self.on_wall = notifier, journal, on_wall
        self._beats: dict[str, float] = {}
        self._restarts: dict[str, int] = {}
        self._frame_time: float | None = None
        self._shown: deque[float] = deque()  # when new pictures were shown
        self._picture: Picture | None = None
        self._ready = False  # the manager has been told
        self._fed: float | None = None
        self._said: float | None = None

    def expect(self, name: str, now: float) -> None:
        """From now on `name` must beat at least every PATIENCE seconds."""
        self._beats[name] = now

    def beat(self, name: str, now: float) -> None:
        self._beats[name] = now

    def excuse(self, name: str) -> None:
        """From now on nobody expects `name` to beat."""
        self._beats.pop(name, None)
        self._journal.forget(f"{name} thread")

    def restarted(self, name: str) -> None:
        """A part was made anew: a camera reopened, a model reloaded, a display re-made."""
        self._restarts[name] = self._restarts.get(name, 0) + 1

    def captured(self, frame: Frame) -> None:
        self._frame_time = frame.time

    def presented(self, picture: Picture, now: float) -> None:
        """A picture has been shown: READY with the first, then WATCHDOG and STATUS in their rhythm."""
        new, self._picture = self._is_new(picture), picture
        if new:
            self._shown.append(now)
        while self._shown and self._shown[0] < now - RATE_WINDOW:
            self._shown.popleft()
        if not self._ready:  # with every picture until it is heard: without it the process would be ended
            self._ready = self._notifier.send("READY=1")
        self._judge(picture, now)
        self._feed(picture, now)
        if self._said is None or now - self._said >= STATUS_PERIOD:
            self._said = now
            self._notifier.send(f"STATUS={self.status(now)}")

    def stopping(self) -> None:
        self._notifier.send("STOPPING=1", "STATUS=black, leaving")

    def silent(self, now: float) -> list[str]:
        """The threads that have not beaten for longer than PATIENCE."""
        return [name for name, beat in list(self._beats.items()) if now - beat > PATIENCE]

    def figures(self, now: float) -> dict[str, object]:
        """frame_age_s and picture_age_s (None: none yet), reflections_per_second, memory_mb, restarts by part."""
        return {
            "frame_age_s": None if self._frame_time is None else round(now - self._frame_time, 3),
            "picture_age_s": None if not self._shown else round(now - self._shown[-1], 3),
            "reflections_per_second": round(len(self._shown) / RATE_WINDOW, 1),
            "memory_mb": memory_mb(),
            "restarts": dict(self._restarts),
        }

    def status(self, now: float) -> str:
        """One line for `systemctl status`."""
        figures = self.figures(now)
        age = figures["frame_age_s"]
        on_wall = self.on_wall()
        parts = [
            *([on_wall] if on_wall else []),
            f"{figures['reflections_per_second']:.0f} reflections a second",
            "no frame yet" if age is None else f"frame {age:.1f} s old",
            f"{figures['memory_mb']:.0f} MB",
            *(f"{name} restarted {count}×" for name, count in self._restarts.items()),
            *(f"{name}: {reason}" for name, reason in self._journal.faults.items()),
        ]
        return ", ".join(parts)

    def _is_new(self, picture: Picture) -> bool:
        return self._picture is None or picture.image is not self._picture.image

    def _judge(self, picture: Picture, now: float) -> None:
        for name, beat in list(self._beats.items()):
            if now - beat > PATIENCE:
                self._journal.fault(f"{name} thread", f"no sign of life for {PATIENCE:.0f} s; the watchdog is not fed")
            else:
                self._journal.recovered(f"{name} thread")
        if picture.stalled:
            self._journal.fault("picture", "stands still while the viewer moves; the watchdog is not fed")
        else:
            self._journal.recovered("picture")

    def _feed(self, picture: Picture, now: float) -> None:
        period = self._notifier.watchdog_seconds
        if period is None or self.silent(now) or picture.stalled:
            return
        if self._fed is None or now - self._fed >= period / 4:  # sd_watchdog_enabled(3) asks for half; this is safe
            self._fed = now
            self._notifier.send("WATCHDOG=1")
