"""config.yaml -> typed settings, checked before anything heavy is imported.

A setting that is unknown, of the wrong type or out of range is refused with its name, its line, what was expected and
the nearest spelling, as one ConfigError.
"""

import difflib
import re
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from narcissus.errors import ConfigError
from narcissus.files import HOME

MOMENT = r"([01]\d|2[0-3]):[0-5]\d"  # of a day
WORD = yaml.resolver.BaseResolver.DEFAULT_SCALAR_TAG  # what a key is: text, and no number, date or nothing
LARGEST_FILE = 64 * 1024  # bytes; a settings file is a page of text


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Camera(Section):
    device: str | int = "auto"
    width: int = Field(1280, ge=160, le=7680)
    height: int = Field(720, ge=120, le=4320)
    fps: int = Field(30, ge=5, le=240)
    exposure: Literal["auto"] | int = "auto"
    white_balance: Literal["auto"] | int = "auto"
    power_line: Literal[0, 50, 60] = 50


class Perception(Section):
    reach: float = Field(2.0, ge=0.3, le=4.0)


class Motion(Section):
    calm: float = Field(0.5, ge=0.0, le=1.0)
    dream_speed: float = Field(12.0, gt=0.0, le=60.0)


class Display(Section):
    fullscreen: bool = True
    display: str | int = "auto"
    rate: float = Field(60.0, ge=10.0, le=240.0)
    rotation: Literal[0, 90, 180, 270] = 0


class Settings(Section):
    """Every setting of the mirror. The comments in config.yaml say what each does and its unit."""

    source: str = "camera"
    scene: str = "mirror"
    generator: str = "utk-64"
    exaggeration: float = Field(1.0, ge=0.0, le=2.0)
    guesses: bool = False
    camera: Camera = Camera()
    perception: Perception = Perception()
    motion: Motion = Motion()
    screen: Display = Display()
    kiosk: bool = False
    hours: str = "always"

    @field_validator("hours")
    @classmethod
    def _hours(cls, hours: str) -> str:
        if hours != "always" and not re.fullmatch(f"{MOMENT}-{MOMENT}", hours):
            raise ValueError("should be always, or such as 10:00-18:00")
        return hours

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


def load(path: Path, **overrides: Any) -> Settings:
    """Read a settings file; `overrides` (from flags; None means not given) take the place of what it says.

    Raises ConfigError: no such file, not YAML, or a setting that is refused.
    """
    values, lines = _parse(Path(path))
    values |= {key: value for key, value in overrides.items() if value is not None}
    try:
        return Settings.model_validate(values)
    except ValidationError as refused:
        reasons = [_explain(error, path, lines) for error in refused.errors()]
        raise ConfigError("; ".join(dict.fromkeys(reasons))) from None


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
        loader = yaml.SafeLoader(data.decode("utf-8"))
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
    return f"{where}: '{name}' {_expected(error)}, not {error['input']!r}"


def _known(section: tuple[str, ...]) -> list[str]:
    model: Any = Settings
    for key in section:
        model = model.model_fields[key].annotation
    return list(model.model_fields)


def _expected(error: dict[str, Any]) -> str:
    message = error["msg"]
    plainer = {"Input should be a valid ": "should be a ", "Input should be ": "should be ", "Value error, ": ""}
    for found, plain in plainer.items():
        if message.startswith(found):
            return plain + message.removeprefix(found)
    return message
