"""Whoever stands there, painted: the camera, or the mirror's reflection, through a filter learned from one picture.

scene.py      the painting, and the dream while nobody is there   subject.py  what is painted: camera or reflection
programme.py  which filter when, and how one leads into another   shelf.py    filters by name, each loaded once
brush.py      a picture painted as the dials ask                  heat.py     how long somebody has stayed
dream.py      the stored dream, painted                           Photographs and films as files: narcissus/stills.
"""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from narcissus.core.importing import importing
from narcissus.core.sections import Live, Section, SharedSettings
from narcissus.scenes.contract import Kit, Step, Work

if TYPE_CHECKING:
    from narcissus.scenes.rotoscope.scene import Rotoscope


class Turn(Section):
    """One filter of a collection, and how long it stays."""

    filter: str
    minutes: float = Field(5.0, ge=0.05, le=1440.0)


class RotoscopeSettings(Section):
    of: Literal["camera", "reflection"] = "camera"
    filter: Live[str] = "auto"
    schedule: Live[list[Turn]] = Field([], max_length=100)
    fade: Live[float] = Field(6.0, ge=0.0, le=60.0)
    strength: Live[float] = Field(0.8, ge=0.0, le=1.0)
    strokes: Live[float] = Field(1.0, ge=0.5, le=4.0)
    heat: Live[float] = Field(0.4, ge=0.0, le=1.0)
    size: int = Field(512, ge=128, le=1024)


def open_rotoscope(settings: SharedSettings, kit: Kit) -> "Rotoscope":
    """Load the filters that the settings name. Raises ModelError where a file cannot be used."""
    with importing():
        from narcissus.scenes.rotoscope.opening import opened

    return opened(settings, kit)


WORK = Work(
    "rotoscope",
    open_rotoscope,
    block=RotoscopeSettings,
    wants_source=True,
    dial="strength",
    cheaper=(
        Step("the rotoscope with a smaller picture", "rotoscope", coarser=1),
        Step("the dream", "dream", coarser=1),
    ),
)
