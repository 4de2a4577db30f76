"""Every live setting as something to be turned: its kind and limits from its type, its comment from config.yaml."""

import math
from functools import cache
from pathlib import Path
from typing import Any

from narcissus.app.settings import LIVE, Settings, value_of
from narcissus.app.tuning.kinds import Kind, is_simple, kind_of
from narcissus.core.errors import ConfigError
from narcissus.core.files import HOME
from narcissus.core.reading import Keys, read_yaml

SHIPPED = HOME / "config.yaml"  # its comments explain the settings, whatever file is in use
STEPS = 100  # of a slider, at least
FILES = {  # settings that name a file
    "generator": "models/pg_gan/*.npz",
    "language": "narcissus/languages/*.yaml",
    "scenes.rotoscope.filter": "models/filters/*/filter.npz",  # networks.style knows them too, and loads TensorFlow
}
NAMES = tuple(filter(is_simple, LIVE))
COLOUR = "#"  # a text that begins with it is a colour


def controls() -> list[dict[str, Any]]:
    """One for each simple live setting, as JSON: name, group, label, comment, kind, and what its kind needs.

    The groups are "work" (which one, drawn by what), each scene's own name, and the sections of config.yaml.
    """
    try:
        comments = _comments()
    except ConfigError:  # whatever has become of the file that ships: they can be turned without its words
        comments = {}
    return [_control(name, kind_of(name), comments.get(tuple(name.split(".")), "")) for name in NAMES]


@cache
def _comments() -> dict[Keys, str]:
    return comments_of(SHIPPED)


def _control(name: str, kind: Kind, comment: str) -> dict[str, Any]:
    group, _, label = name.removeprefix("scenes.").rpartition(".")
    told: dict[str, Any] = {"name": name, "group": group or "work", "label": label, "comment": comment}
    default = value_of(Settings(), name)
    told |= {"default": default, "words": list(kind.words)}
    if kind.number:
        return told | {"kind": "number"} | _slider(kind)
    if kind.switch:
        return told | {"kind": "switch"}
    if kind.words:
        return told | {"kind": "several" if kind.several else "choice"}
    if name in FILES:
        return told | {"kind": "choice", "words": [default] * (default == "auto") + files_of(name)}
    return told | {"kind": "colour" if str(default).startswith(COLOUR) else "text"}


def _slider(kind: Kind) -> dict[str, float]:
    """Its ends, and a step of which every end is a multiple: a tenth, a hundredth … of the range."""
    step = 10.0 ** math.floor(math.log10((kind.high - kind.low) / STEPS))
    return {"low": kind.low + step if kind.above else kind.low, "high": kind.high, "step": round(step, 6)}


def files_of(name: str) -> list[str]:
    """The names that may stand there now: of each file, what its star stands for."""
    before, _, after = FILES[name].partition("*")
    found = (path.relative_to(HOME).as_posix() for path in HOME.glob(FILES[name]))
    return sorted(path.removeprefix(before).removesuffix(after) for path in found)


def comments_of(path: Path) -> dict[Keys, str]:
    """The comment that stands directly above each key of a settings file. Raises ConfigError."""
    _, lines = read_yaml(path)
    text = path.read_text(encoding="utf-8").splitlines()
    return {keys: _above(text, line - 1) for keys, line in lines.items()}


def _above(text: list[str], line: int) -> str:
    """The lines of comment above this one (from 0), as one sentence after another."""
    first = line
    while first and text[first - 1].lstrip().startswith("#"):
        first -= 1
    return " ".join(one.lstrip("# ").rstrip() for one in text[first:line])
