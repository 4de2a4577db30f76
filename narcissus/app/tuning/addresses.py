"""The OSC addresses, and how what arrives there becomes the value of a setting."""

import difflib
from functools import lru_cache
from typing import Any, get_origin

from narcissus.app.settings import LIVE, checked
from narcissus.app.tuning.kinds import kind_of
from narcissus.core.errors import ConfigError

ROOT = "/narcissus/"
PRESET, FREEZE, RECORD, TELL = (ROOT + name for name in ("preset", "freeze", "record", "tell"))  # heard as well
SAVE, KEEP = ROOT + "save", ROOT + "keep"
PRESENCE, FPS = ROOT + "presence", ROOT + "fps"  # and these are told
VIEWER = ROOT + "viewer/"  # before the name of each number that is measured of the viewer
ALIKE = 0.7  # of 1: an address less like any that is heard is not taken for a slip
FOLDERS = {"generator": "models/pg_gan", "scenes.rotoscope.filter": "models/filters"}  # where these are names of files
DIGITS = 6  # that an OSC float keeps: what was sent as 0.7 is 0.7, and not 0.699999988


class Refused(ValueError):
    """Says in one line what was expected."""


def address_of(name: str) -> str:
    """framing.zoom -> /narcissus/framing/zoom, and scenes.mirror.calm -> /narcissus/mirror/calm"""
    return ROOT + name.removeprefix("scenes.").replace(".", "/")


SETTINGS = {address_of(name): name for name, field in LIVE.items() if get_origin(field.annotation) is not list}
HEARD, TOLD = (*SETTINGS, PRESET, FREEZE, RECORD, SAVE, KEEP, TELL), (PRESENCE, FPS)
NO_SLIP = 2 * max(map(len, HEARD))  # characters: to compare 8,000 with all that is heard would take a second


def setting_from(address: str, arguments: list[Any]) -> Any:
    """The value that the arguments mean at the address of a live setting. Raises Refused."""
    name = SETTINGS[address]
    value = only(arguments)
    return switch(arguments) if kind_of(name).switch else taken(name, value)


def taken(name: str, value: Any) -> Any:
    """What another program asks of a live setting, as it holds it. Raises Refused."""
    if name in FOLDERS and isinstance(value, str) and is_path(value):  # which files are read is not for others to say
        raise Refused(f"should be a name in {FOLDERS[name]}/, and no path")
    try:
        return checked(name, value)
    except ConfigError as refused:
        raise Refused(str(refused)) from None


def is_path(value: str) -> bool:
    return "/" in value or value.startswith(".") or value.endswith(".npz")


def switch(arguments: list[Any]) -> bool:
    """0 or 1, or OSC's own truth values. Raises Refused."""
    value = only(arguments)
    if isinstance(value, str) or value not in (0, 1):
        raise Refused(f"should be 0 or 1, not {value!r}"[:80])
    return bool(value)


def preset_from(arguments: list[Any], names: list[str]) -> str | None:
    """A preset by its name or by its number from 1; None for 0, which a released button sends. Raises Refused."""
    value = only(arguments)
    if value in names:
        return value
    if not isinstance(value, str) and value == 0:
        return None
    if not isinstance(value, str) and value in range(1, len(names) + 1):
        return names[int(value) - 1]
    there = ", ".join(f"{number} ({name})" for number, name in enumerate(names, 1)) or "none"
    raise Refused(f"no such preset: {value!r}"[:80] + f"; there are {there}")


def only(arguments: list[Any]) -> Any:
    if len(arguments) != 1:
        raise Refused(f"takes one argument, not {len(arguments)}")
    value = arguments[0]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


@lru_cache(64)  # a program that is wrong is wrong sixty times a second
def unknown(address: str) -> str:
    """What is said of an address that is not heard."""
    if address in TOLD or address.startswith(VIEWER):
        return "is told by the mirror, and not heard"
    if len(address) > NO_SLIP:
        return "unknown; docs/tuning.md has them all"
    near = max(HEARD, key=lambda heard: _alike(address, heard))
    alike = _alike(address, near) >= ALIKE
    return f"unknown; did you mean {near}?" if alike else "unknown; docs/tuning.md has them all"


def _alike(address: str, heard: str) -> float:
    """From 0 to 1: as a whole, or by the last word alone, which is what people remember."""
    said, meant = address.lower().rstrip("/"), heard.removesuffix("/")
    ratio = lambda one, other: difflib.SequenceMatcher(None, one, other).ratio()
    last = max(ratio(word, meant.rpartition("/")[2]) for word in said.split("/")[-2:])
    return max(ratio(said, meant), 0.9 * last + 0.1 * ratio(said, meant))
