"""What happens around a mirror that hangs for weeks: its settings are damaged, its network is noisy, it is halted."""

import random
import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path

from flood_osc import free_port, hostile
from service_manager import Manager

from narcissus.core.rewriting import rewrite

BURST = 500  # packets
# Kind -> seconds it lasts.
SECONDS = {"halted": 1.0, "damaged settings": 1.5, "no settings": 1.5, "packets": 1.0}


class Surroundings:
    """A settings file of its own and a port that listens, for one mirror; `with Surroundings(settings) as around`."""

    def __init__(self, settings: Path, chance: random.Random) -> None:
        self._chance, self._settings = chance, settings

    def __enter__(self) -> "Surroundings":
        self._folder = tempfile.TemporaryDirectory()
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._mirror = "127.0.0.1", free_port()
        self._file = Path(self._folder.name) / "config.yaml"
        shutil.copy(self._settings, self._file)
        listens = "{}:{}".format(*self._mirror)
        rewrite(self._file, "osc", {"enabled": True, "listen": listens, "send_to": []})
        self._text = self._file.read_text()
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()
        self._folder.cleanup()

    @property
    def words(self) -> list[str]:
        """Flags of the mirror that hangs here."""
        return ["--config", str(self._file)]

    def inject(self, manager: Manager, kind: str) -> None:
        """Let it happen to the mirror, and be over."""
        {
            "halted": self._halt,
            "damaged settings": self._damage,
            "no settings": self._lose,
            "packets": self._flood,
        }[kind](manager, SECONDS[kind])

    def _halt(self, manager: Manager, seconds: float) -> None:
        """As a machine does that has no processor left for anybody."""
        manager.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        manager.process.send_signal(signal.SIGCONT)

    def _damage(self, _: Manager, seconds: float) -> None:
        """An editor that wrote half of it, and what lay on the disk behind."""
        half = self._text.encode()[: self._chance.randrange(len(self._text))]
        self._file.write_bytes(half + self._chance.randbytes(200))
        time.sleep(seconds)
        self._file.write_text(self._text)

    def _lose(self, _: Manager, seconds: float) -> None:
        away = self._file.with_suffix(".away")
        shutil.move(self._file, away)
        time.sleep(seconds)
        shutil.move(away, self._file)

    def _flood(self, _: Manager, seconds: float) -> None:
        for _packet in range(BURST):
            self._line.sendto(hostile(self._chance), self._mirror)
            time.sleep(seconds / BURST)
