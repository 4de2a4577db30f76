"""Where keys, file and OSC meet: one value for each live setting, whoever turned it last."""

import logging
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narcissus.app.next_start import startable
from narcissus.app.settings import LIVE, Settings, checked, flat, tuned, value_of
from narcissus.app.tuning.addresses import FREEZE, PRESET, SETTINGS, address_of
from narcissus.app.tuning.file import SettingsFile
from narcissus.app.tuning.presence import PresenceReport
from narcissus.app.tuning.slots import Slots
from narcissus.core.errors import ConfigError
from narcissus.core.journal import Journal
from narcissus.core.permit import STRICTEST, Permit
from narcissus.core.printable import printable
from narcissus.core.types import Picture
from narcissus.core.worker import Worker
from narcissus.scenes import work

if TYPE_CHECKING:  # loaded only where the settings ask for OSC
    from narcissus.app.tuning.osc import Osc

log = logging.getLogger("narcissus")

STEPS = {"more": 0.1, "less": -0.1}  # of the work's own dial
LONGEST_VALUE = 60  # characters of one in the journal
RESTED = 2.0  # seconds without a change after which the journal says what keys and OSC have turned


@dataclass(frozen=True, slots=True, eq=False)
class Present:
    """What holds now, for other threads to look at; every change has a number of its own."""

    revision: int
    settings: Settings
    frozen: bool = False
    preset: str = ""  # the one chosen last


class Tuning:
    """Turns what is asked for into Settings. A context manager: inside it the file is watched and OSC is heard.

    Everything here belongs to the display thread, which waits for nothing here: what the other threads read from the
    disk and the network lies ready in slots.
    """

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        *,
        file: SettingsFile | None = None,
        osc: "Osc | None" = None,
        say: Callable[[str], None] = lambda message: None,
    ) -> None:
        """`say` shows people a line on the wall."""
        self.settings = settings
        self._journal, self._file, self._osc, self._say = journal, file, osc, say
        self._saved = settings  # what the file said last
        self._frozen, self._preset = False, ""
        self.present = Present(1, settings)
        self._asked: dict[str, Any] = {}  # by other programs, and not done yet
        self._hands = [osc.heard] if osc else []
        self._unsaid: dict[str, Any] = {}  # what keys and OSC have turned since the journal said so: the values before
        self._turned: float | None = None  # when they did so last
        self._presence = PresenceReport(osc.due) if osc else None
        self._workers = [Worker("settings file", file.step)] if file else []
        self._workers += [Worker("osc", osc.step)] if osc else []
        self._running = ExitStack()

    @classmethod
    def open(
        cls,
        settings: Settings,
        journal: Journal,
        path: Path | None,
        read: Callable[[], Settings],
        say: Callable[[str], None] = lambda message: None,
        permit: Permit = STRICTEST,
    ) -> "Tuning":
        """Watch the file at `path`, which `read` reads (None: watch none), and hear OSC if the settings ask for it.

        `permit`: what OSC may be told of the viewer.
        """
        file = None if path is None else SettingsFile(path, lambda: startable(read()), journal)
        osc = None
        if settings.osc.enabled:
            from narcissus.app.tuning.osc import Osc

            osc = Osc.open(settings, journal, permit, path)
        return cls(settings, journal, file=file, osc=osc, say=say)

    def __enter__(self) -> "Tuning":
        if self._osc:
            self._running.callback(self._osc.close)
            self._tell(LIVE)
        for worker in self._workers:
            self._running.enter_context(worker)
        self._running.callback(lambda: [worker.stop() for worker in self._workers])  # all, before one is waited for
        return self

    def __exit__(self, *_) -> None:
        self._running.close()

    def listen_to(self, hand: Slots) -> None:
        """Do from now on what is put there too: checked values by setting, "preset", "freeze" and "record"."""
        self._hands.append(hand)

    def hear(self, pressed: list[str]) -> list[str]:
        """What scene and screen are to obey: the keys, with "freeze" or "thaw" as is meant, and the same from OSC."""
        for hand in self._hands:
            self._asked |= hand.take()
        commands = []
        for command in pressed:
            commands.append(self._froze(not self._frozen) if command == "freeze" else command)
        frozen = self._asked.pop("freeze", self._frozen)
        if frozen != self._frozen:
            commands.append(self._froze(frozen))
        if "record" in self._asked:
            commands.append("record" if self._asked.pop("record") else "stop recording")
        if kept := self._asked.pop("keep", None):
            commands.append("keep" if kept is True else f"keep {kept}")
        if self._asked.pop("save", False):
            commands.append("save")
        return commands

    def turn(self, commands: list[str], now: float) -> Settings | None:
        """The settings as they are from now on; None while they stay as they are."""
        for worker in self._workers:
            worker.check()
        before = self.settings
        version = self._file.versions.get(timeout=0) if self._file else None
        if version is not None:
            self._reread(version)
        for command in commands:
            self._obey(command, now)
        for name, value in self._asked.items():
            self._grant(name, value, now)
        self._asked.clear()
        self._report(now)
        self._publish()
        if self.settings is before:
            return None
        self._tell(name for name in LIVE if value_of(self.settings, name) != value_of(before, name))
        return self.settings

    def presented(self, picture: Picture, shown: float) -> None:
        """A picture has been shown."""
        if self._presence:
            self._presence.presented(picture, shown)
            self._osc.presented(picture)

    def _publish(self) -> None:
        was = self.present
        if self.settings is not was.settings or (self._frozen, self._preset) != (was.frozen, was.preset):
            self.present = Present(was.revision + 1, self.settings, self._frozen, self._preset)

    def _froze(self, frozen: bool) -> str:
        self._frozen = frozen
        if self._osc:
            self._osc.due.put(FREEZE, frozen)
        return "freeze" if frozen else "thaw"

    def _reread(self, version: Settings) -> None:
        """Take up what was changed in the file; what was left alone there stays as keys and OSC have turned it."""
        was, self._saved = flat(self._saved), version
        changed = {name: value for name, value in flat(version).items() if value != was[name]}
        live = {name: value for name, value in changed.items() if name in LIVE}
        said = [_change(name, value_of(self.settings, name), live[name]) for name in self._told_of(live)]
        self.settings = tuned(self.settings, live).model_copy(update={"presets": version.presets})
        said += ["presets"] if "presets" in changed else []
        later = ", ".join(name for name in changed if name not in LIVE and name != "presets")
        said += [f"at the next start: {later}"] if later else []
        for name in live:
            self._unsaid.pop(name, None)
        if said:
            log.info("settings: %s", "; ".join(said))

    def _obey(self, command: str, now: float) -> None:
        if command in STEPS:
            self._dial(STEPS[command], now)
        elif command.startswith("preset "):
            number, names = int(command.removeprefix("preset ")), list(self.settings.presets)
            if number <= len(names):
                self._choose(names[number - 1], now)
            else:
                self._say(f"there is no preset {number}")

    def _dial(self, step: float, now: float) -> None:
        """Change the main setting of the work on the wall, within its limits."""
        shown = work(self.settings.scene)
        if shown.dial is None:
            return
        name = f"scenes.{shown.name}.{shown.dial}"
        wanted = round(value_of(self.settings, name) + step, 6)
        with suppress(ConfigError):  # it is at its end
            self._set({name: checked(name, wanted)}, now)
        self._say(f"{shown.dial} {value_of(self.settings, name):g}")

    def _grant(self, name: str, value: Any, now: float) -> None:
        """Do what OSC has asked for, which has been checked."""
        if name == "tell":
            self._tell(LIVE)
            self._osc.due.put(FREEZE, self._frozen)
            self._presence.tell()
        elif name == "preset":
            self._choose(value, now)
        else:
            self._set({name: value}, now)

    def _choose(self, name: str, now: float) -> None:
        preset = self.settings.presets.get(name)
        if preset is None:  # it has gone from the file since it was asked for
            return
        self._set(flat(preset, given=True), now)
        self._preset = name
        self._say(name)
        if self._osc:
            self._osc.due.put(PRESET, name)

    def _set(self, values: dict[str, Any], now: float) -> None:
        before = {name: value_of(self.settings, name) for name in values}
        if values != before:
            self._unsaid = before | self._unsaid
            self._turned = now
            self.settings = tuned(self.settings, values)

    def _report(self, now: float) -> None:
        """Say in the journal what keys and OSC have turned, once it has come to rest: a slider is no line a step."""
        if not self._unsaid or now - self._turned < RESTED:
            return
        turned = [(name, self._unsaid[name], value_of(self.settings, name)) for name in self._told_of(self._unsaid)]
        said = [_change(name, was, value) for name, was, value in turned if value != was]
        self._unsaid = {}
        if said:
            log.info("settings: %s", "; ".join(said))

    def _told_of(self, names: Iterable[str]) -> list[str]:
        """Those settings whose changes the journal may tell."""
        return [name for name in names if name != "scene" or not self.settings.by_presence]

    def _tell(self, names) -> None:
        """Let OSC tell what these settings are now."""
        if self._osc:
            self._osc.settings = self.settings
            for name in names:
                if address_of(name) in SETTINGS:
                    self._osc.due.put(address_of(name), value_of(self.settings, name))


def _change(name: str, was: Any, value: Any) -> str:
    """Both values fit for one line: a text may come from the network."""
    return f"{name} {printable(str(was), LONGEST_VALUE)} → {printable(str(value), LONGEST_VALUE)}"
