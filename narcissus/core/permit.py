"""What may leave the window: every other sink asks here first.

A picture in which pixels of a live viewer stand goes to the window and nowhere else, unless the installation's
`consent` setting says that its viewers have agreed. Reflections, which show nobody who exists, may go anywhere.

What was measured of a live viewer stays in this process: a `diagram` of landmarks is for the wall alone, whatever is
agreed, and numbers go to programs on this machine where the settings ask for them, to others only where the viewers
have agreed to that.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from narcissus.core.types import Picture

log = logging.getLogger("narcissus")

REFUSED = "it shows the viewer, and nobody has agreed to that: see consent in config.yaml"


@dataclass(frozen=True)
class Permit:
    live: bool = False  # real people stand before the source
    agreed: bool = False  # they have agreed that pictures of them are kept or sent
    numbers_here: bool = False  # what is measured of them may go to other programs on this machine
    numbers_anywhere: bool = False  # they have agreed that it also goes to other machines

    def refusal(self, picture: Picture) -> str | None:
        """Why the picture may not leave the window; None where it may."""
        return REFUSED if picture.shows_viewer and self.live and not self.agreed else None

    def measured(self, picture: Picture, *, here: bool) -> Mapping[str, float | str]:
        """What may be told of the viewer to a program on this machine (`here`), or on another."""
        allowed = not self.live or self.numbers_anywhere or (here and self.numbers_here)
        return picture.measured if allowed else {}

    def outside(self, picture: Picture) -> Picture:
        """The picture as it may leave the window.

        Live: without what is meant for whoever stands there, and no diagram, consent or not. Live and without consent:
        no frame behind it, no captions, no time, no numbers, and black if it shows the viewer. Otherwise unchanged.
        """
        if not self.live:
            return picture
        if picture.public is not None:
            picture = replace(picture, image=picture.public, public=None)
        if self.agreed:
            return picture if picture.diagram is None else replace(picture, diagram=None)
        image = np.zeros_like(picture.image) if picture.shows_viewer else picture.image
        panels = () if picture.shows_viewer else tuple(replace(one, caption="") for one in picture.panels)
        return replace(
            picture, image=image, panels=panels, behind=None, captions=(), answers=None, diagram=None, measured={}
        )


STRICTEST = Permit(live=True)


class Door:
    """Hands pictures on as the permit allows, and says once where it held something back."""

    def __init__(self, name: str, permit: Permit, put: Callable[[Picture], None]) -> None:
        self._name, self._permit, self._put = name, permit, put
        self._said = False

    def __call__(self, picture: Picture) -> None:
        refusal = self._permit.refusal(picture)
        if refusal is not None and not self._said:
            self._said = True
            log.warning("%s: is given black pictures: %s", self._name, refusal)
        self._put(self._permit.outside(picture))
