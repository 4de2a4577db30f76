"""What the desk's tests need: a wall without a generator, with its file and OSC, a desk beside it, and a WebSocket."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from ports import free_port
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Message, RejectConnection, Request

from narcissus.app.build import Installation
from narcissus.app.desk import beside
from narcissus.app.settings import load
from narcissus.app.tuning import Tuning
from narcissus.core.play import run
from narcissus.core.types import Picture
from narcissus.scenes.contract import BaseScene
from narcissus.sinks.pace import Pace

FILE = """scene: dream
osc: {{enabled: true, listen: "127.0.0.1:{listen}", send_to: ["127.0.0.1:{tell}"]}}
presets:
  bold: {{scenes: {{mirror: {{exaggeration: 1.8}}}}}}
  quiet: {{scenes: {{mirror: {{exaggeration: 0.4}}}}}}
"""


class Band(BaseScene):
    """A bright band that wanders down a dark wall."""

    def draw(self, seen, now):
        image = np.full((120, 160, 3), 30, np.uint8)
        at = int(now * 40) % 100
        image[at : at + 20] = 200
        return Picture(image)


class Screen:
    """A sink with a pace and no display."""

    def __init__(self, rate: float) -> None:
        self.pace, self.shown, self.obeyed = Pace(rate), [], []

    def show(self, picture):
        self.pace.wait()
        self.shown.append(now := time.monotonic())
        return now

    def commands(self):
        return []

    def obey(self, command):
        self.obeyed.append(command)

    def tune(self, settings):
        """Its pace stays: what is measured is what it keeps."""

    def say(self, message):
        """It has no words."""

    def close(self):
        """There is nothing to close."""


class LiveWall:
    """A wall in a thread of this process: `with LiveWall(folder) as wall`."""

    def __init__(self, folder: Path, rate: float = 60.0) -> None:
        self.path, self.listen, self.tell = folder / "config.yaml", free_port(), free_port()
        self.path.write_text(FILE.format(listen=self.listen, tell=self.tell))
        self.sink, self._over = Screen(rate), threading.Event()
        self.built = Installation(load(self.path))
        self.tuning = Tuning.open(self.built.settings, self.built.journal, self.path, lambda: load(self.path))
        self._parts = ExitStack()

    def __enter__(self) -> "LiveWall":
        self._parts.enter_context(self.tuning)
        wall = beside(self.sink, self.built, self.tuning, self._parts, file=self.path, on_wall=lambda: "a band")
        words = (None, Band(), wall, self.built.figures, self.tuning, lambda now: self._over.is_set())
        self._thread = threading.Thread(target=run, args=words, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join(10)
        self._parts.close()

    @property
    def settings(self):
        return self.tuning.settings


class Desk:
    """The real desk in a process of its own, beside whatever mirror runs; `browser`: a program that it is to open."""

    def __init__(self, *words: str, browser: Path | None = None) -> None:
        self.port = free_port()
        script = ROOT / "scripts" / "desk.py"
        command = [sys.executable, str(script), "--port", str(self.port), *words]
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        if browser is None:
            command.append("--no-browser")
        else:
            environment |= {"BROWSER": str(browser), "DISPLAY": ":none"}
        # not a pipe: one that nobody reads is full one day, and the mirror waits
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed when the desk has ended
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self._errors, text=True, env=environment
        )

    def __enter__(self) -> "Desk":
        self.said = self.process.stdout.readline()
        self.link = next((word for word in self.said.split() if word.startswith("http")), "")
        self.token = self.link.partition("#")[2]
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        said, _ = self.process.communicate(timeout=60)
        with self._errors:
            self._errors.seek(0)
            self.rest = said, self._errors.read()


class Socket:
    """A WebSocket to 127.0.0.1, as a browser or a stranger would open it; `let_in` says how that ended."""

    def __init__(self, port: int, path: str, token: str | None, host: str = "", origin: str | None = "") -> None:
        self._line = socket.create_connection(("127.0.0.1", port), 60)
        self._protocol, self._events = WSConnection(ConnectionType.CLIENT), []
        here = f"127.0.0.1:{port}"
        origin = f"http://{here}" if origin == "" else origin
        headers = [] if origin is None else [(b"Origin", origin.encode())]
        offered = [] if token is None else ["narcissus", token]
        self._send(Request(host=host or here, target=path, subprotocols=offered, extra_headers=headers))
        self.let_in = isinstance(self._next(AcceptConnection, RejectConnection), AcceptConnection)

    def ask(self, **question):
        """The answer; what is told meanwhile is kept for `told`."""
        self.say(json.dumps(question | {"number": 7}))
        while (heard := json.loads(self._next(Message).data)).get("answers") != 7:
            pass
        return heard

    def told(self) -> dict:
        """The next news."""
        while "present" not in (heard := json.loads(self._next(Message).data)):
            pass
        return heard["present"]

    def picture(self) -> dict:
        """What the next picture of the wall is said to be."""
        self.say("next")
        message = self._next(BytesMessage)
        return json.loads(bytes(message.data[4 : 4 + int.from_bytes(message.data[:4], "big")]))

    def say(self, text: str) -> None:
        self._send(Message(text))

    def closed(self) -> int:
        """The code with which it was closed."""
        return self._next(CloseConnection).code

    def close(self) -> None:
        self._line.close()

    def _send(self, event) -> None:
        self._line.sendall(self._protocol.send(event))

    def _next(self, *kinds):
        part = None
        while True:
            for event in self._events:
                self._events.remove(event)
                if isinstance(event, Message) and isinstance(event, kinds):
                    part = event.data if part is None else part + event.data
                    if event.message_finished:
                        return type(event)(part)
                elif isinstance(event, kinds):
                    return event
                break
            else:
                self._protocol.receive_data(self._line.recv(1 << 16) or None)
                self._events += list(self._protocol.events())


@contextmanager
def wall_and_desk(folder: Path):
    """A wall, and a desk beside it, that meet in a runtime folder of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        with LiveWall(folder) as wall, Desk("--beside") as desk:
            yield wall, desk
