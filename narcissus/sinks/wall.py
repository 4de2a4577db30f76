"""One wall: the reflections that share it, each in its own part, and beside or over them what was measured."""

import pygame

from narcissus.core.sections import Framing
from narcissus.core.types import Diagram, Panel, Picture
from narcissus.sinks.framing import Framer, colour
from narcissus.sinks.label import Area, Label, divided, within
from narcissus.sinks.place import placed
from narcissus.sinks.upright import Upright

OPEN = 0.7  # opacity from which a reflection has its caption


class Wall:
    """Draws pictures on the surface of one display. What depends on sizes and settings alone is reckoned once."""

    def __init__(self, framing: Framing, rotation: int = 0, mirrored: bool = False) -> None:
        self.framing, self.rotation, self.mirrored = framing, rotation, mirrored
        self._framers = [Framer(framing, rotation, mirrored)]
        self._label = Label()

    def tune(self, framing: Framing, rotation: int, mirrored: bool) -> None:
        self.framing, self.rotation, self.mirrored = framing, rotation, mirrored
        for framer in self._framers:
            framer.tune(framing, rotation, mirrored)

    def upright(self, surface: pygame.Surface) -> Upright:
        return Upright(surface, self.rotation, self.mirrored)

    def draw(self, surface: pygame.Surface, picture: Picture, now: float, words: bool = True) -> None:
        """The reflections, framed, what was measured, and captions. `now` moves the grain. Where nobody is shown, the
        wall is black.

        `words` False: the reflections and nothing else.
        """
        dark = not picture.image[::8, ::8].any() and not picture.image.any()
        diagram = picture.diagram if words and not dark else None
        upright = self.upright(surface)
        area, label = divided(upright.size, diagram)
        if dark or (label is None and not picture.panels):
            self._framers[0].draw(surface, picture.image, now)
        else:
            self._draw_panels(surface, picture, area, now, label is not None)
        if diagram is not None:
            self._draw_measured(upright, diagram, label, picture, area, now)
        if words and not dark:
            for lines, place in captions(picture, area):
                self._label.caption(upright, lines, place)

    def _draw_panels(self, surface: pygame.Surface, picture: Picture, area: Area, now: float, labelled: bool) -> None:
        """Every reflection in its own part of the area."""
        surface.fill(colour(self.framing.background))
        upright, panels = self.upright(surface), panels_of(picture)
        while len(self._framers) < len(panels):
            self._framers.append(Framer(self.framing, self.rotation, self.mirrored))
        for framer, one in zip(self._framers, panels, strict=False):
            place = within(area, one.place)
            if min(place[2:]) < 2 or one.opacity <= 0:
                continue
            part = upright.part(*place)
            framer.draw(part, one.image, now, 1.0 if labelled else one.shared)
            if one.opacity < 1:
                self._dim(part, one.opacity)

    def _dim(self, part: pygame.Surface, opacity: float) -> None:
        veil = pygame.Surface(part.get_size())
        veil.fill(colour(self.framing.background))
        veil.set_alpha(round(255 * (1 - opacity)))
        part.blit(veil, (0, 0))

    def _draw_measured(
        self, upright: Upright, diagram: Diagram, label: Area | None, picture: Picture, area: Area, now: float
    ) -> None:
        if label is not None:
            self._label.beside(upright, diagram, label)
            return
        panels = panels_of(picture)
        mine = panels[min(diagram.on, len(panels) - 1)]
        left, top, width, height = within(area, mine.place)
        place = placed(mine.image.shape[:2], (width, height), self.framing, 0)
        self._label.over(upright, diagram, (left + place.left, top + place.top, place.width, place.height), now)


def panels_of(picture: Picture) -> tuple[Panel, ...]:
    return picture.panels or (Panel(picture.image, (0.0, 0.0, 1.0, 1.0), shared=0.0),)


def captions(picture: Picture, area: Area) -> list[tuple[tuple[str, ...], Area]]:
    """Everybody's caption and the part of the wall at whose lower edge it stands."""
    if not picture.panels:
        return [(picture.captions, area)] if picture.captions else []
    told = (one for one in picture.panels if one.caption and one.opacity > OPEN)
    return [((one.caption,), within(area, one.place)) for one in told]
