"""Presets kept, named, put in order and removed: in the settings file, where the mirror reads them again by itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from narcissus.app.settings import LIVE, Settings, checked_presets, value_of
from narcissus.app.tuning.kinds import is_simple
from narcissus.core.errors import ConfigError
from narcissus.core.reading import read_yaml
from narcissus.core.rewriting import rewrite

Presets = dict[str, Any]  # name -> nested values, as the file has them


def keep(path: Path, name: str, settings: Settings, anew: bool = False) -> None:
    """A preset of how the wall looks now; `anew`: in the place of the one that has this name. Raises ConfigError."""

    def change(presets: Presets) -> Presets:
        if (name in presets) is not anew:
            raise ConfigError(f"there is {'no' if anew else 'a'} preset '{name}'{'' if anew else ' already'}"[:120])
        return presets | {name: looks(settings)}

    _change(path, change)


def rename(path: Path, name: str, to: str) -> None:
    """Raises ConfigError."""

    def change(presets: Presets) -> Presets:
        if to in presets:
            raise ConfigError(f"there is a preset '{to}' already"[:120])
        return {to if one == name else one: values for one, values in presets.items()}

    _change(path, change)


def remove(path: Path, name: str) -> None:
    """Raises ConfigError."""
    _change(path, lambda presets: {one: values for one, values in presets.items() if one != name})


def move(path: Path, name: str, by: int) -> None:
    """So many places down, or up where `by` is negative. Raises ConfigError."""

    def change(presets: Presets) -> Presets:
        order = list(presets)
        if name in order:
            place = order.index(name)
            order.insert(max(0, place + by), order.pop(place))
        return {one: presets[one] for one in order}

    _change(path, change)


def looks(settings: Settings) -> dict[str, Any]:
    """What a preset holds: the settings of the work on the wall, of the dream it may fall into, and of the framing."""
    mine = (f"scenes.{settings.scene}.", "scenes.dream.", "framing.")
    values: dict[str, Any] = {}
    for name in LIVE:
        if name.startswith(mine) and is_simple(name):
            _put(values, name.split("."), value_of(settings, name))
    return values


def _put(values: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        values = values.setdefault(key, {})
    values[keys[-1]] = value


def _change(path: Path, change: Callable[[Presets], Presets]) -> None:
    """Raises ConfigError, and then nothing is written."""
    before = read_yaml(path)[0].get("presets") or {}
    checked_presets(before)  # the file may just be being edited
    after = change(before)
    checked_presets(after)
    if list(after.items()) != list(before.items()):
        rewrite(path, "presets", after)
