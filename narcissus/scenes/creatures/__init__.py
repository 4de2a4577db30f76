"""A wall that breeds: every second one creature gives way to a child of two others.

scene.py    one birth a second, exactly      nursery.py   births, bred, drawn and kept by a worker
wall.py     what changed is composed anew    layout.py    how many hang on a wall of any shape
joining/    a visitor who holds still        profile/     what is invented of whom
skins.py    what a filter paints on them     guest.py     the seam for whatever stands in the middle
worker.py   who draws, letters and writes    painter.py   a genome's portrait, for the wall and for its page
How creatures descend: narcissus/breeding. Where they are kept: narcissus/colony. How they are drawn: networks/chimera.
"""

import re
import time
from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from narcissus.core.files import HOME
from narcissus.core.importing import importing
from narcissus.core.sections import Live, Section, SharedSettings
from narcissus.scenes.contract import Kit, Step, Work

if TYPE_CHECKING:
    from narcissus.scenes.creatures.scene import Creatures


FINE = 1080  # pixels of an automatic wall's shorter side
NARROWEST = 0.25, 4.0  # width over height of an automatic wall, at least and at most


class CreaturesSettings(Section):
    cells: int = Field(48, ge=12, le=96)
    wall: str = "auto"
    store: str = "colony.sqlite"
    skin: str = "none"
    seed: int = Field(0, ge=0, lt=1 << 24)
    dim: Live[float] = Field(0.72, ge=0.2, le=1.0)
    joining: bool = True
    stay: float = Field(12.0, gt=0.0, le=24.0)
    profiles: str = "auto"
    page: str = ""

    @field_validator("wall")
    @classmethod
    def _pixels(cls, wall: str) -> str:
        if wall != "auto" and not re.fullmatch("[1-9][0-9]{2,3}x[1-9][0-9]{2,3}", wall):
            raise ValueError('should be auto, or width and height of the wall in pixels, such as "1920x1080"')
        return wall

    @field_validator("page")
    @classmethod
    def _address(cls, page: str) -> str:
        if page and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]{1,80}/?", page):
            raise ValueError(
                'should be the page\'s address, such as "http://wall.local:8000", or "" where there is none'
            )
        return page

    def size(self, aspect: float) -> tuple[int, int]:
        """Width and height in pixels; `aspect`: the screen's width over its height, which auto follows."""
        if self.wall != "auto":
            width, height = self.wall.split("x")
            return int(width), int(height)
        aspect = min(NARROWEST[1], max(NARROWEST[0], aspect))
        return round(FINE * max(1.0, aspect)), round(FINE * max(1.0, 1 / aspect))


def open_creatures(settings: SharedSettings, kit: Kit) -> "Creatures":
    """Draw who hangs there. Raises ModelError, DrawingError."""
    with importing():
        from narcissus.scenes.creatures.scene import opened

    return opened(settings, kit)


def expire(settings: SharedSettings) -> None:
    """Delete whoever's time is over from the wall's file, whether or not the wall hangs. Raises ColonyError."""
    store = settings.scenes.creatures.store
    if store != "memory" and (HOME / store).is_file():
        from narcissus.colony import Colony

        with Colony(HOME / store) as colony:
            colony.expire(time.time())


WORK = Work(
    "creatures",
    open_creatures,
    block=CreaturesSettings,
    wants_source=True,
    looks=lambda settings: settings.scenes.creatures.joining,
    wants_generator=True,
    dial="dim",
    cheaper=(Step("the creatures with a smaller picture", "creatures", coarser=1),),
    expire=expire,
)
