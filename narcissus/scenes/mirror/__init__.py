"""The mirror: a face that never existed moves as the viewer moves, and dreams while nobody is there."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from narcissus.core.importing import importing
from narcissus.core.sections import Live, Section, SharedSettings
from narcissus.scenes.contract import Kit, Step, Work

if TYPE_CHECKING:
    from narcissus.scenes.mirror.scene import Mirror


class MirrorSettings(Section):
    viewers: Live[Literal["one", "all"]] = "one"
    exaggeration: Live[float] = Field(1.0, ge=0.0, le=2.0)
    guesses: Live[bool] = False
    measure: Live[Literal["off", "beside", "over"]] = "off"
    follow: Live[list[Literal["tilt", "place", "distance"]]] = Field(["tilt", "place", "distance"])
    calm: Live[float] = Field(0.5, ge=0.0, le=1.0)
    colour: Live[Literal["auto", "on", "off"]] = "auto"
    arrival: Live[float] = Field(0.8, ge=0.2, le=30.0)  # seconds
    hand_over: Live[float] = Field(0.25, ge=0.2, le=30.0)
    departure: Live[float] = Field(0.4, ge=0.2, le=30.0)
    dream: Live[float] = Field(4.5, ge=0.5, le=60.0)

    @field_validator("colour", "measure", mode="before")
    @classmethod
    def _plain(cls, word: object) -> object:
        """YAML reads the bare words on and off as truth values."""
        return {True: "on", False: "off"}[word] if isinstance(word, bool) else word


def open_mirror(settings: SharedSettings, kit: Kit) -> "Mirror":
    """Load what the settings name. Raises ModelError where a file cannot be used."""
    with importing():
        from narcissus.scenes.mirror.opening import opened

    return opened(settings, kit)


WORK = Work(
    "mirror",
    open_mirror,
    block=MirrorSettings,
    wants_source=True,
    wants_generator=True,
    dial="exaggeration",
    cheaper=(
        Step("the mirror with a smaller picture", "mirror", coarser=1),
        Step("the dream", "dream", coarser=1),
    ),
)
