"""config.yaml -> typed settings: what every work shares, and the block of each scene under `scenes:`.

Read before anything heavy is imported. A setting that is unknown, of the wrong type or out of range is refused with its
name, its line, what was expected and the nearest spelling, as one ConfigError.
"""

import difflib
from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationError, create_model, field_validator
from pydantic.fields import FieldInfo

from narcissus.app.programme import Entry
from narcissus.core.errors import ConfigError
from narcissus.core.reading import read_yaml
from narcissus.core.sections import AT_ONCE, LANGUAGES, Live, Osc, Section, SharedSettings, Words
from narcissus.core.streams import masked
from narcissus.scenes import SCENES, work
from narcissus.scenes.wording import wording

MOST_PRESETS = 9  # one for each of the keys 1 to 9
LONGEST_NAME = 40  # characters of a preset's name: it is shown on the wall
LONGEST_SAID = 60  # characters of a refused value that are repeated
MOST_SAID = 5  # refused settings that one line names: a section that slipped under another is no list to read
MOVED = {  # where a setting of an older file stands now
    "viewers": "scenes.mirror.viewers",
    "exaggeration": "scenes.mirror.exaggeration",
    "guesses": "scenes.mirror.guesses",
    "motion": "scenes.mirror.calm and scenes.dream.speed",
}


def _blocks() -> type[Section]:
    """One field for each scene: its own block of settings."""
    return create_model("Scenes", __base__=Section, **{name: (work(name).block, work(name).block()) for name in SCENES})


Scenes = _blocks()


class Wall(SharedSettings):
    """Which work is shown, and how. A preset sets some of these; the defaults stand for the others."""

    scene: Live[Annotated[str, Words(SCENES)]] = "mirror"
    scenes: Scenes = Scenes()

    @field_validator("scene")
    @classmethod
    def _known_scene(cls, scene: str) -> str:
        if scene not in SCENES:
            near = difflib.get_close_matches(scene, SCENES, n=1)
            raise ValueError(f"should be {' or '.join(SCENES)}" + (f" (did you mean {near[0]}?)" if near else ""))
        return scene

    @field_validator("language")
    @classmethod
    def _spoken(cls, language: str) -> str:
        there = sorted(path.stem for path in LANGUAGES.glob("*.yaml"))
        if language not in there:
            raise ValueError(f"should be {' or '.join(there)}, a file of {LANGUAGES.name}/")
        try:
            wording(language)
        except ConfigError as fault:
            raise ValueError(str(fault)) from None
        return language


class Settings(Wall):
    """Every setting. The comments in config.yaml say what each does and its unit."""

    presets: dict[str, Wall] = Field({})
    schedule: list[Entry] = Field([], max_length=24)
    osc: Osc = Osc()
    desk: Literal["auto", "on", "off"] = "auto"

    @field_validator("desk", mode="before")
    @classmethod
    def _plain(cls, desk: Any) -> Any:
        """YAML reads the bare words on and off as truth values."""
        return {True: "on", False: "off"}.get(desk, desk) if isinstance(desk, bool) else desk

    @field_validator("presets")
    @classmethod
    def _presets(cls, presets: dict[str, Wall]) -> dict[str, Wall]:
        if len(presets) > MOST_PRESETS:
            raise ValueError(f"should hold no more than {MOST_PRESETS}, one for each of the keys 1 to {MOST_PRESETS}")
        for name in presets:
            if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
                raise ValueError(f"should have names of 1 to {LONGEST_NAME} letters")
        return presets

    @property
    def by_presence(self) -> bool:
        """Whether who is there decides which work hangs: a journal that named the works would say when people came."""
        return any(one.at is None for one in self.schedule)


def flat(part: Section, *, given: bool = False, above: str = "") -> dict[str, Any]:
    """The values by dotted name, such as motion.calm; `given`: only those that were not left to their defaults."""
    out: dict[str, Any] = {}
    for key in type(part).model_fields:
        if given and key not in part.model_fields_set:
            continue
        value = getattr(part, key)
        inside = isinstance(value, Section)
        out |= flat(value, given=given, above=f"{above}{key}.") if inside else {f"{above}{key}": value}
    return out


def _live(model: type[Section], above: str = "") -> dict[str, FieldInfo]:
    out: dict[str, FieldInfo] = {}
    for key, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            out |= _live(field.annotation, f"{above}{key}.")
        elif AT_ONCE in field.metadata:
            out[f"{above}{key}"] = field
    return out


LIVE = _live(Wall)  # every setting that changes while the mirror runs, by dotted name


def checked(name: str, value: Any) -> Any:
    """`value` as the live setting `name` holds it. Raises ConfigError, in the words that load() has for it."""
    nested: Any = value
    for key in reversed(name.split(".")):
        nested = {key: nested}
    try:
        return flat(Wall.model_validate(nested), given=True)[name]
    except ValidationError as refused:
        raise ConfigError("; ".join(dict.fromkeys(_refusal(name, error) for error in refused.errors()))) from None


def checked_presets(presets: dict[str, Any]) -> None:
    """Raises ConfigError where the settings file may not hold these, in the words that load() has for it."""
    try:
        settings = Settings.model_validate({"presets": presets})
    except ValidationError as refused:
        raise ConfigError("; ".join(dict.fromkeys(_refusal("presets", error) for error in refused.errors()))) from None
    for name, preset in settings.presets.items():
        if others := [key for key in flat(preset, given=True) if key not in LIVE]:
            raise ConfigError(f"the preset '{name}' holds what cannot change while the mirror runs: {others[0]}")


def value_of(settings: Wall, name: str) -> Any:
    """The value of a setting by its dotted name."""
    return reduce(getattr, name.split("."), settings)


def tuned(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """The same settings with other values of live ones, by dotted name; the values have been checked."""
    for name, value in values.items():
        settings = _with(settings, name.split("."), value)
    return settings


def _with(part: Any, keys: list[str], value: Any) -> Any:
    """The section with another value at the end of `keys`."""
    first, *rest = keys
    return part.model_copy(update={first: _with(getattr(part, first), rest, value) if rest else value})


def load(path: Path, **overrides: Any) -> Settings:
    """Read a settings file; `overrides` (from flags; None means not given) take the place of what it says.

    Raises ConfigError: no such file, not YAML, or a setting that is refused.
    """
    values, lines = read_yaml(Path(path))
    values |= {key: value for key, value in overrides.items() if value is not None}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as refused:
        reasons = list(dict.fromkeys(_explain(error, path, lines) for error in refused.errors()))
        more = [f"and {len(reasons) - MOST_SAID} more"] if len(reasons) > MOST_SAID else []
        raise ConfigError("; ".join(reasons[:MOST_SAID] + more)) from None
    _check_presets(settings.presets, path, lines)
    return settings


def _check_presets(presets: dict[str, Wall], path: Path, lines: dict[tuple, int]) -> None:
    for name, preset in presets.items():
        for key in flat(preset, given=True):
            if key not in LIVE:
                line = lines["presets", name, *key.split(".")]
                raise ConfigError(
                    f"{path}, line {line}: '{key}' of the preset '{name}' cannot change while the mirror runs; "
                    f"a preset may hold {', '.join(LIVE)}"
                )


def _explain(error: dict[str, Any], path: Path, lines: dict[tuple, int]) -> str:
    keys = tuple(str(key) for key in error["loc"])
    while keys and keys not in lines and keys[:-1] in lines:  # the branch of a union is no key
        keys = keys[:-1]
    name = ".".join(keys)
    where = f"{path}, line {lines[keys]}" if keys in lines else "command line"
    if error["type"] == "extra_forbidden":
        if keys[-1] in MOVED and (len(keys) == 1 or (len(keys) == 3 and keys[0] == "presets")):
            return f"{where}: '{name}' has moved; write {MOVED[keys[-1]]} instead"
        near = difflib.get_close_matches(keys[-1], _known(keys[:-1]), n=1)
        hint = f"; did you mean '{near[0]}'?" if near else f"; known here: {', '.join(_known(keys[:-1]))}"
        return f"{where}: unknown setting '{name}'{hint}"
    return f"{where}: {_refusal(name, error)}"


def _refusal(name: str, error: dict[str, Any]) -> str:
    value = masked(repr(error["input"]))  # of whatever key, it may be an address with a password
    return f"'{name}' {_expected(error)}, not {value if len(value) <= LONGEST_SAID else value[:LONGEST_SAID] + '…'}"


def _known(section: tuple[str, ...]) -> list[str]:
    """The keys of a section, and of a preset those that it may hold."""
    if section[:1] == ("presets",):
        above = "".join(f"{key}." for key in section[2:])
        return list(dict.fromkeys(name.removeprefix(above).split(".")[0] for name in LIVE if name.startswith(above)))
    model: Any = Settings
    for key in section:
        model = get_args(model)[0] if key.isdecimal() else model.model_fields[key].annotation
    return list(model.model_fields)


def _expected(error: dict[str, Any]) -> str:
    message = error["msg"]
    plainer = {"Input should be a valid ": "should be a ", "Input should be ": "should be ", "Value error, ": ""}
    for found, plain in plainer.items():
        if message.startswith(found):
            return plain + message.removeprefix(found)
    return message
