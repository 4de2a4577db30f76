"""Where keys, file and OSC meet: one value for each live setting, whoever turned it."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from narcissus.config import LIVE, MOST_PRESETS, Settings, flat, tuned
from narcissus.edges import Edges
from narcissus.tuning.file import SettingsFile
from narcissus.types import Picture
from narcissus.worker import Worker

log = logging.getLogger("narcissus")

STEP = {"more": 0.1, "less": -0.1}  # of the exaggeration
LARGEST = 2.0
RESTED = 2.0  # seconds without a change after which what keys and OSC have turned is said


class Tuning:
    """Turns what is asked for into Settings. A context manager: its threads run inside.

    Everything here belongs to the display thread: it waits for nothing, and reads neither a disk nor a socket. The
    file and OSC have threads of their own, which leave what they found in slots.
    """

    def __init__(
        self,
        settings: Settings,
        edges: Edges,
        *,
        file: SettingsFile | None = None,
        osc=None,
        say: Callable[[str], None] = lambda message: None,
    ) -> None:
        """`say` shows people a message on the wall."""
        self.settings = settings
        self._edges, self._file, self._osc, self._say = edges, file, osc, say
        self._saved = settings  # what the file said last
        self._frozen = False
        self._asked: dict[str, Any] = {}  # by OSC, and not yet done
        self._before: dict[str, Any] = {}  # what keys and OSC have turned and nobody has been told: the values before
        self._changed = 0.0
        self._workers = [Worker("settings file", file.step)] if file else []
        self._workers += [Worker("osc", osc.step)] if osc else []
        self._running = ExitStack()

    @classmethod
    def open(
        cls,
        settings: Settings,
        edges: Edges,
        path: Path | None,
        read: Callable[[], Settings],
        say: Callable[[str], None] = lambda message: None,
    ) -> "Tuning":
        """Watch the file at `path`, which `read` reads (None: watch none), and listen to OSC if the settings say so."""
        file = None if path is None else SettingsFile(path, read, edges)
        return cls(settings, edges, file=file, say=say)

    def __enter__(self) -> "Tuning":
        for worker in self._workers:
            self._running.enter_context(worker)
        self._running.callback(lambda: [worker.stop() for worker in self._workers])
        return self

    def __exit__(self, *_) -> None:
        self._running.close()

    def hear(self, pressed: list[str]) -> list[str]:
        """What is to be obeyed: the keys, with OSC's commands; a key that turns freezing over becomes what it means."""
        commands = []
        for command in pressed:
            if command == "freeze":
                self._frozen = not self._frozen
                command = "freeze" if self._frozen else "thaw"
            commands.append(command)
        return commands

    def turn(self, commands: list[str], now: float) -> Settings | None:
        """The settings as they are from now on; None while they stay as they are."""
        for worker in self._workers:
            worker.check()
        before = self.settings
        self._take_file()
        for command in commands:
            self._obey(command)
        return None if self.settings is before else self.settings

    def _take_file(self) -> None:
        version = self._file.versions.get(timeout=0) if self._file else None
        if version is None:
            return
        was, now = flat(self._saved), flat(version)
        self._saved = version
        changed = {name: value for name, value in now.items() if value != was.get(name)}
        live = {name: value for name, value in changed.items() if name in LIVE}
        said = [f"{name} {shown(self.settings, name)} → {value}" for name, value in live.items()]
        later = [name for name in changed if name not in LIVE and name != "presets"]
        if "presets" in changed:
            said.append("presets")
        if later:
            said.append(f"at the next start: {', '.join(later)}")
        self.settings = tuned(self.settings, live).model_copy(update={"presets": version.presets})
        if said:
            log.info("settings: %s", "; ".join(said))

    def _obey(self, command: str) -> None:
        if command in STEP:
            self._set({"exaggeration": round(min(max(self.settings.exaggeration + STEP[command], 0.0), LARGEST), 6)})
            self._say(f"exaggeration {self.settings.exaggeration:g}")
        elif command.startswith("preset "):
            self._choose(command.removeprefix("preset "))

    def _choose(self, name: str) -> None:
        presets = self.settings.presets
        if name.isdecimal() and name not in presets and 1 <= int(name) <= min(len(presets), MOST_PRESETS):
            name = list(presets)[int(name) - 1]
        if name not in presets:
            self._say(f"no preset {name}")
            return
        self._set(flat(presets[name], given=True))
        self._say(name)

    def _set(self, values: dict[str, Any]) -> None:
        self.settings = tuned(self.settings, values)

    def presented(self, picture: Picture, shown: float) -> None:
        """A picture has been shown."""


def shown(settings: Settings, name: str) -> Any:
    return flat(settings)[name]
