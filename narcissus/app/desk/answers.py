"""What the desk asks, and what it is answered. In the publisher's thread; the display only sees `heard`.

The wall's tuning holds the one truth: what is asked for is checked here, put into `heard`, and shows in the next
`present`, together with whatever keys, file and OSC have turned.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from narcissus.app.build import Installation
from narcissus.app.desk.controls import NAMES, controls
from narcissus.app.health import memory_mb
from narcissus.app.settings import Settings, value_of
from narcissus.app.tuning import Tuning, presets
from narcissus.app.tuning.addresses import Refused, taken
from narcissus.app.tuning.slots import Slots
from narcissus.core.errors import ConfigError
from narcissus.core.printable import printable

LONGEST_CODE = 80  # characters
MOST = 64  # settings set at once
REPORTED = 1.0  # seconds between two looks at the figures
OURS = ("screen_fps", "cores_busy", "latency_ms", "stages_ms")  # of the figures; before a camera none tells of a viewer

Told = Mapping[str, Any]


def wanted(settings: Settings, *, kiosk: bool) -> bool:
    """Whether the desk may be used at all."""
    return settings.desk == "on" or (settings.desk == "auto" and not kiosk)


class Answers:
    """`heard` is one of the tuning's hands."""

    def __init__(
        self,
        tuning: Tuning,
        built: Installation,
        path: Path | None,
        on_wall: Callable[[], str],
        unattended: bool = False,
    ) -> None:
        """`path`: the settings file, where presets are kept; None: nowhere. `unattended`: no picture is ever
        kept; presets are."""
        self.heard = Slots()
        self._tuning, self._built, self._path, self._on_wall = tuning, built, path, on_wall
        self._unattended = unattended
        self._figures: dict[str, Any] = {}
        self._looked = float("-inf")
        self._known: dict[str, Callable[[dict[str, Any]], Told]] = {
            "controls": lambda asked: {"controls": controls()},
            "present": self._present,
            "set": self._set,
            "choose": self._choose,
            "do": self._do,
            "presets": self._presets,
            "keep": self._keep,
        }

    def __call__(self, asked: dict[str, Any]) -> Told:
        """Never raises for what was asked: a refusal stands under "fault"."""
        answer = self._known.get(str(asked.get("ask")))
        if answer is None:
            return {"fault": printable(f"{asked.get('ask')!r} is not known here", 80)}
        try:
            return answer(asked)
        except (Refused, ConfigError) as refused:
            return {"fault": printable(str(refused))}

    def _present(self, asked: dict[str, Any]) -> Told:
        """The revision and the state of health; the settings too, where their revision is not the one given."""
        now = self._tuning.present
        told = {"revision": now.revision, "health": self._health(), "unattended": self._unattended}
        if asked.get("after") == now.revision:
            return told
        values = {name: value_of(now.settings, name) for name in NAMES}
        return told | {
            "values": values,
            "presets": list(now.settings.presets),
            "preset": now.preset,
            "frozen": now.frozen,
        }

    def _set(self, asked: dict[str, Any]) -> Told:
        values = asked.get("values")
        if not isinstance(values, dict) or len(values) > MOST:
            raise Refused(f"up to {MOST} settings can be set at once")
        refused = {}
        for name, value in values.items():
            try:
                self.heard.put(known(name), taken(name, value))
            except Refused as fault:
                refused[name] = printable(str(fault))
        return {"refused": refused}

    def _choose(self, asked: dict[str, Any]) -> Told:
        self.heard.put("preset", self._preset(asked))
        return {}

    def _do(self, asked: dict[str, Any]) -> Told:
        """Freeze, record: on or off; save."""
        what, on = asked.get("what"), asked.get("on", True)
        if what not in ("freeze", "record", "save") or not isinstance(on, bool):
            raise Refused("is neither freeze, record nor save, on or off")
        if self._unattended and what != "freeze":
            raise Refused("a kiosk keeps nothing")
        self.heard.put(what, on)
        return {}

    def _keep(self, asked: dict[str, Any]) -> Told:
        """Whoever hangs in the middle is to stay, says somebody with the code; whether it is right, the scene knows."""
        self.heard.put("keep", text(asked, "code")[:LONGEST_CODE])
        return {}

    def _presets(self, asked: dict[str, Any]) -> Told:
        if self._path is None:
            raise Refused("no settings file is in use, so nothing can be kept")
        change = asked.get("change")
        if change == "keep":
            presets.keep(self._path, text(asked, "name"), self._tuning.present.settings)
        elif change == "anew":
            presets.keep(self._path, self._preset(asked), self._tuning.present.settings, anew=True)
        elif change == "rename":
            presets.rename(self._path, self._preset(asked), text(asked, "to"))
        elif change == "remove":
            presets.remove(self._path, self._preset(asked))
        elif change == "move" and asked.get("by") in (-1, 1):
            presets.move(self._path, self._preset(asked), asked["by"])
        else:
            raise Refused("presets are kept, renamed, moved or removed")
        return {}

    def _preset(self, asked: dict[str, Any]) -> str:
        name = text(asked, "name")
        if name not in self._tuning.present.settings.presets:
            raise Refused(f"there is no preset '{name}'"[:80])
        return name

    def _health(self) -> Told:
        now = time.monotonic()
        if now - self._looked >= REPORTED:
            self._looked = now
            report = self._built.figures.report()
            self._figures = {name: report[name] for name in OURS} | {"memory_mb": memory_mb()}
        return self._figures | {"faults": self._built.journal.faults, "on_wall": self._on_wall()}


def known(name: str) -> str:
    """Raises Refused."""
    if name not in NAMES:
        raise Refused(f"{name!r} is no live setting"[:80])
    return name


def text(asked: dict[str, Any], key: str) -> str:
    """Raises Refused."""
    found = asked.get(key)
    if not isinstance(found, str) or not found.strip():
        raise Refused(f"a {key} is missing")
    return found.strip()
