"""config.yaml -> typed settings, checked before anything heavy is imported.

A setting that is unknown, of the wrong type or out of range is refused with its name, its line, what was expected and
the nearest spelling, as one ConfigError.
"""

import difflib
import ipaddress
import re
from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo

from narcissus.core.errors import ConfigError
from narcissus.core.files import HOME
from narcissus.core.streams import is_stream, masked

MOMENT = r"([01]\d|2[0-3]):[0-5]\d"  # of a day
WORD = yaml.resolver.BaseResolver.DEFAULT_SCALAR_TAG  # what a key is: text, and no number, date or nothing
LARGEST_FILE = 64 * 1024  # bytes; a settings file is a page of text
MOST_PRESETS = 9  # one for each of the keys 1 to 9
LONGEST_NAME = 40  # characters of a preset's name: it is shown on the wall
LONGEST_SAID = 60  # characters of a refused value that are repeated

T = TypeVar("T")
AT_ONCE = "takes effect at once"
Live = Annotated[T, AT_ONCE]  # a setting that changes while the mirror runs; every other one at the next start


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Camera(Section):
    device: str | int = "auto"
    width: int = Field(1280, ge=160, le=7680)
    height: int = Field(720, ge=120, le=4320)
    fps: int = Field(30, ge=5, le=240)
    exposure: Literal["auto"] | int = "auto"
    white_balance: Literal["auto"] | int = "auto"
    power_line: Literal[0, 50, 60] = 50


class Perception(Section):
    reach: Live[float] = Field(2.0, ge=0.3, le=4.0)


class Motion(Section):
    calm: Live[float] = Field(0.5, ge=0.0, le=1.0)
    dream_speed: Live[float] = Field(12.0, gt=0.0, le=60.0)


class Further(Section):
    """One more display that shows the same reflection."""

    display: str | int
    rotation: Literal[0, 90, 180, 270] = 0
    mirrored: bool = False


class Display(Section):
    fullscreen: bool = True
    display: str | int = "auto"
    rate: Live[float] = Field(60.0, ge=10.0, le=240.0)
    rotation: Live[Literal[0, 90, 180, 270]] = 0
    mirrored: Live[bool] = False
    also: list[Further] = Field([], max_length=7)
    virtual_camera: str = "off"

    @field_validator("virtual_camera", mode="before")
    @classmethod
    def _plain(cls, device: Any) -> Any:
        """YAML reads the bare words off and on as truth values."""
        return {False: "off", True: "auto"}.get(device, device) if isinstance(device, bool) else device


class Framing(Section):
    """How the reflection sits on the wall."""

    fit: Live[Literal["auto", "whole", "fill"]] = "auto"
    zoom: Live[float] = Field(1.0, ge=0.25, le=4.0)
    centre: Live[float] = Field(0.5, ge=0.0, le=1.0)
    filter: Live[Literal["soft", "cubic", "pixels"]] = "soft"
    vignette: Live[Literal["auto"] | Annotated[float, Field(ge=0.0, le=1.0)]] = "auto"
    background: Live[str] = "#000000"
    grain: Live[Literal["auto"] | Annotated[float, Field(ge=0.0, le=1.0)]] = "auto"

    @field_validator("background")
    @classmethod
    def _colour(cls, colour: str) -> str:
        if not re.fullmatch("#[0-9a-fA-F]{6}", colour):
            raise ValueError('should be a colour such as "#1a1410": red, green and blue, two hexadecimal digits each')
        return colour


class Osc(Section):
    enabled: bool = False
    listen: str = "127.0.0.1:9000"
    send_to: list[str] = Field(["127.0.0.1:9001"], max_length=8)

    @field_validator("listen", "send_to")
    @classmethod
    def _addresses(cls, given: str | list[str]) -> str | list[str]:
        for address in [given] if isinstance(given, str) else given:
            host_and_port(address)
        return given


class Plain(Section):
    """What hangs on the wall and how. A preset is made of some of these, and the defaults stand for the others."""

    source: str = "camera"
    photo_seconds: float = Field(5.0, ge=0.5, le=3600.0)
    scene: str = "mirror"
    viewers: Live[Literal["one", "all"]] = "one"
    generator: str = "utk-64"
    exaggeration: Live[float] = Field(1.0, ge=0.0, le=2.0)
    guesses: Live[bool] = False
    camera: Camera = Camera()
    perception: Perception = Perception()
    motion: Motion = Motion()
    screen: Display = Display()
    framing: Framing = Framing()
    kiosk: bool = False
    hours: str = "always"

    @field_validator("hours")
    @classmethod
    def _hours(cls, hours: str) -> str:
        if hours != "always" and not re.fullmatch(f"{MOMENT}-{MOMENT}", hours):
            raise ValueError("should be always, or such as 10:00-18:00")
        return hours


class Settings(Plain):
    """Every setting of the mirror. The comments in config.yaml say what each does and its unit."""

    presets: dict[str, Plain] = {}
    osc: Osc = Osc()

    @field_validator("presets")
    @classmethod
    def _presets(cls, presets: dict[str, Plain]) -> dict[str, Plain]:
        if len(presets) > MOST_PRESETS:
            raise ValueError(f"should hold no more than {MOST_PRESETS}, one for each of the keys 1 to {MOST_PRESETS}")
        for name in presets:
            if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
                raise ValueError(f"should have names of 1 to {LONGEST_NAME} letters")
        return presets

    @property
    def has_camera(self) -> bool:
        """Whether real people stand before the source: it is a camera, of this machine or in a network."""
        return self.source == "camera" or is_stream(self.source)

    @property
    def generator_path(self) -> Path:
        """The weights: a bare name means models/pg_gan/<name>.npz, anything else is a path."""
        if self.generator.endswith(".npz"):
            return Path(self.generator)
        return HOME / "models" / "pg_gan" / f"{self.generator}.npz"

    @property
    def inverter_folder(self) -> Path:
        """Every generator has its own inverter, found by its name."""
        return HOME / "models" / "inverter" / self.generator_path.stem

    @property
    def attributes_folder(self) -> Path:
        return HOME / "models" / "attributes"


def host_and_port(address: str) -> tuple[str, int]:
    """127.0.0.1:9000 as its two parts. Raises ValueError, also for a name: to look one up would need a network."""
    host, _, port = address.rpartition(":")
    try:
        ipaddress.IPv4Address(host)
        if not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535):
            raise ValueError
    except ValueError:
        raise ValueError("should be such as 127.0.0.1:9000, an address and a port from 1 to 65535") from None
    return host, int(port)


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


LIVE = _live(Plain)  # every setting that changes while the mirror runs, by dotted name


def checked(name: str, value: Any) -> Any:
    """`value` as the live setting `name` holds it. Raises ConfigError, in the words that load() has for it."""
    nested: Any = value
    for key in reversed(name.split(".")):
        nested = {key: nested}
    try:
        return flat(Plain.model_validate(nested), given=True)[name]
    except ValidationError as refused:
        raise ConfigError("; ".join(dict.fromkeys(_refusal(name, error) for error in refused.errors()))) from None


def value_of(settings: Plain, name: str) -> Any:
    """The value of a setting by its dotted name."""
    return reduce(getattr, name.split("."), settings)


def tuned(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """The same settings with other values of live ones, by dotted name; the values have been checked."""
    for name, value in values.items():
        section, _, key = name.rpartition(".")
        part = getattr(settings, section).model_copy(update={key: value}) if section else value
        settings = settings.model_copy(update={section or key: part})
    return settings


def load(path: Path, **overrides: Any) -> Settings:
    """Read a settings file; `overrides` (from flags; None means not given) take the place of what it says.

    Raises ConfigError: no such file, not YAML, or a setting that is refused.
    """
    values, lines = _parse(Path(path))
    values |= {key: value for key, value in overrides.items() if value is not None}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as refused:
        reasons = [_explain(error, path, lines) for error in refused.errors()]
        raise ConfigError("; ".join(dict.fromkeys(reasons))) from None
    _check_presets(settings.presets, path, lines)
    return settings


def _check_presets(presets: dict[str, Plain], path: Path, lines: dict[tuple, int]) -> None:
    for name, preset in presets.items():
        for key in flat(preset, given=True):
            if key not in LIVE:
                line = lines["presets", name, *key.split(".")]
                raise ConfigError(
                    f"{path}, line {line}: '{key}' of the preset '{name}' cannot change while the mirror runs; "
                    f"a preset may hold {', '.join(LIVE)}"
                )


def _parse(path: Path) -> tuple[dict[str, Any], dict[tuple, int]]:
    """The file's values and the line on which each key stands, by its path of keys."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); name one with --config") from None
    if len(data) > LARGEST_FILE:
        raise ConfigError(f"{path}: larger than {LARGEST_FILE // 1024} KiB; a settings file is a page of text")
    try:
        text = data.decode("utf-8")
        for token in yaml.scan(text):
            if isinstance(token, yaml.TagToken):
                raise ConfigError(f"{path}, line {token.start_mark.line + 1}: a tag such as !!set is no setting")
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        if root is None:
            return {}, {}
        if not isinstance(root, yaml.MappingNode):
            raise ConfigError(f"{path}: expected lines of the form 'key: value'")
        lines = _lines(root, path)
        return loader.construct_document(root), lines
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not text in UTF-8") from None
    except RecursionError:
        raise ConfigError(f"{path}: is nested too deeply") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{where}: is not YAML: {getattr(error, 'problem', None) or error}") from None
    except ValueError as error:  # a date such as 2026-13-45 is YAML, yet no date
        raise ConfigError(f"{path}: holds a value that cannot be read: {error}") from None


def _lines(node: yaml.MappingNode, path: Path, above: tuple = ()) -> dict[tuple, int]:
    lines: dict[tuple, int] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag != WORD:
            raise ConfigError(f"{path}, line {key.start_mark.line + 1}: a key must be a word")
        here = (*above, key.value)
        if here in lines:
            raise ConfigError(f"{path}, line {key.start_mark.line + 1}: '{key.value}' is given twice")
        lines[here] = key.start_mark.line + 1
        if isinstance(value, yaml.MappingNode) and len(here) < 4:  # deeper than any setting: refused as unknown anyway
            lines |= _lines(value, path, here)
        elif isinstance(value, yaml.SequenceNode):
            for number, item in enumerate(value.value):
                lines[*here, str(number)] = item.start_mark.line + 1
                if isinstance(item, yaml.MappingNode) and len(here) < 4:
                    lines |= _lines(item, path, (*here, str(number)))
    return lines


def _explain(error: dict[str, Any], path: Path, lines: dict[tuple, int]) -> str:
    keys = tuple(str(key) for key in error["loc"])
    while keys and keys not in lines and keys[:-1] in lines:  # the branch of a union is no key
        keys = keys[:-1]
    name = ".".join(keys)
    where = f"{path}, line {lines[keys]}" if keys in lines else "command line"
    if error["type"] == "extra_forbidden":
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
