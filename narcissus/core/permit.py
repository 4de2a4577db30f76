"""What may leave the window: every other sink asks here first.

A picture in which pixels of a live viewer stand goes to the window and nowhere else, unless the installation's
`consent` setting says that its viewers have agreed. Reflections, which show nobody who exists, may go anywhere.

What was measured of a live viewer, a `diagram` of landmarks, stays on the wall whatever is agreed: `consent` speaks of
pictures.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from narcissus.core.types import Picture

log = logging.getLogger("narcissus")

REFUSED = "it shows the viewer, and nobody has agreed to that: see consent in config.yaml"


@dataclass(frozen=True)
class Permit:
    live: bool = False  # real people stand before the source
    agreed: bool = False  # they have agreed that pictures of them are kept or sent

    def refusal(self, picture: Picture) -> str | None:
        """Why the picture may not leave the window; None where it may."""
        return REFUSED if picture.shows_viewer and self.live and not self.agreed else None

    def outside(self, picture: Picture) -> Picture:
        """The picture as it may leave the window.

        Live: no diagram. Live and without consent: no frame behind it, no captions, no time, and black if it shows the
        viewer. Otherwise unchanged.
        """
        if not self.live:
            return picture
        if self.agreed:
            return picture if picture.diagram is None else replace(picture, diagram=None)
        image = np.zeros_like(picture.image) if picture.shows_viewer else picture.image
        hung = () if picture.shows_viewer else tuple(replace(one, caption="") for one in picture.hung)
        return replace(picture, image=image, hung=hung, behind=None, captions=(), answers=None, diagram=None)


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
