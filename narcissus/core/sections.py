"""The settings that every work shares, as typed sections; app.settings adds each scene's own block.

A section is a frozen pydantic model. A field marked `Live` changes while the mirror runs; every other one at the next
start. The comments in config.yaml say what each does and its unit.
"""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from narcissus.core.files import HOME
from narcissus.core.streams import is_address

MOMENT = "([01][0-9]|2[0-3]):[0-5][0-9]"  # of a day; \d would take digits of every script

DEFAULT_GENERATOR = "narcissus-128"
NICKNAMES = {"fast": "utk-64"}  # of generators that ship

LANGUAGES = Path(__file__).resolve().parent.parent / "languages"  # what walls say: a file for each

T = TypeVar("T")
AT_ONCE = "takes effect at once"


@dataclass(frozen=True)
class Words:
    """Beside a setting that is a text: what it may say. The collection is asked anew each time; it may have grown."""

    of: Collection[str]


Live = Annotated[T, AT_ONCE]  # a setting that changes while the mirror runs; every other one at the next start


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Camera(Section):
    device: str | int = "auto"
    width: int = Field(1280, ge=160, le=7680)
    height: int = Field(720, ge=120, le=4320)
    fps: int = Field(30, ge=5, le=240)
    exposure: Literal["auto"] | Annotated[int, Field(ge=1, le=1_000_000)] = "auto"
    white_balance: Literal["auto"] | Annotated[int, Field(ge=1000, le=20_000)] = "auto"
    power_line: Literal[0, 50, 60] = 50


class Perception(Section):
    reach: Live[float] = Field(2.0, ge=0.3, le=4.0)


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

    @field_validator("background", mode="before")
    @classmethod
    def _quoted(cls, colour: Any) -> Any:
        if colour is None:
            raise ValueError(
                'should stand in quotes, as in "#1a1410": without them YAML takes all after # for a comment'
            )
        return colour

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
    out: bool = False

    @field_validator("listen", "send_to")
    @classmethod
    def _addresses(cls, given: str | list[str]) -> str | list[str]:
        for address in [given] if isinstance(given, str) else given:
            host_and_port(address)
        return given


class SharedSettings(Section):
    """Which work is shown, and how: all settings but those of single scenes, the presets and OSC."""

    source: str = "camera"
    photo_seconds: float = Field(5.0, ge=0.5, le=3600.0)
    scene: Live[str] = "mirror"
    generator: Live[str] = DEFAULT_GENERATOR
    consent: Literal["none", "numbers", "pictures"] = "none"
    language: Live[str] = "en"
    camera: Camera = Camera()
    perception: Perception = Perception()
    screen: Display = Display()
    framing: Framing = Framing()
    kiosk: bool = False
    hours: str = "always"

    @field_validator("source")
    @classmethod
    def _source(cls, source: str) -> str:
        return source.strip() or source

    @field_validator("hours")
    @classmethod
    def _hours(cls, hours: str) -> str:
        if hours != "always" and not re.fullmatch(f"{MOMENT}-{MOMENT}", hours):
            raise ValueError("should be always, or such as 10:00-18:00")
        if hours != "always" and len(set(hours.split("-"))) == 1:
            raise ValueError("should be always, or end at another time than it begins")
        return hours

    @property
    def has_camera(self) -> bool:
        """Whether real people stand before the source: a camera of this machine, or whatever has an address."""
        return self.source == "camera" or is_address(self.source)

    @property
    def generator_path(self) -> Path:
        """The weights: a bare name means models/pg_gan/<name>.npz, fast the small one that ships, else it is a path."""
        if self.generator.endswith(".npz"):
            return Path(self.generator)
        return HOME / "models" / "pg_gan" / f"{NICKNAMES.get(self.generator, self.generator)}.npz"

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
