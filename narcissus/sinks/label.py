"""What the wall says of a viewer: a drawing of what was measured, sentences, and captions."""

import pygame

from narcissus.core.types import Diagram
from narcissus.sinks.diagram import drawn
from narcissus.sinks.lettering import em_of, lettered, wrapped
from narcissus.sinks.upright import Upright

Area = tuple[int, int, int, int]  # left, top, width and height in pixels, as people see the wall

WIDE = 1.25  # a wall so much wider than high has its label at the right, any other one below
BESIDE, BELOW = 0.6, 0.66  # of the wall's width, or height, is the reflection's at the most where a label stands by it
MARGIN = 1 / 22  # of the wall's shorter side, around what is drawn
SAID, FADES = 9.0, 1.0  # seconds for which each sentence stands over the picture, and in which it comes and goes
KEPT = 24  # pieces of text whose pictures are kept


def divided(wall: tuple[int, int], diagram: Diagram | None) -> tuple[Area, Area | None]:
    """The part of the wall that is the reflections', and the one for what stands beside them, if anything does."""
    width, height = wall
    if diagram is None or diagram.over:
        return (0, 0, width, height), None
    if width >= WIDE * height:
        first = min(height, round(width * BESIDE))
        return (0, 0, first, height), (first, 0, width - first, height)
    first = round(height * BELOW)
    return (0, 0, width, first), (0, first, width, height - first)


def within(area: Area, place: tuple[float, float, float, float]) -> Area:
    """A part, given as shares of an area, in whole pixels; parts that touch still do."""
    left, top, width, height = area
    first = round(left + place[0] * width), round(top + place[1] * height)
    last = round(left + (place[0] + place[2]) * width), round(top + (place[1] + place[3]) * height)
    return *first, last[0] - first[0], last[1] - first[1]


class Label:
    """Draws them. The pictures of words are kept: they change seldom, and are shown sixty times a second."""

    def __init__(self) -> None:
        self._kept: dict[tuple, pygame.Surface] = {}

    def caption(self, upright: Upright, lines: tuple[str, ...], place: Area) -> None:
        """In the middle of the lower edge of `place`."""
        left, top, width, height = place
        edge = _margin(upright)
        text = self._text(upright, lines, width - edge, centred=True)
        upright.lay(text, left + (width - text.get_width()) // 2, top + height - edge // 2 - text.get_height())

    def over(self, upright: Upright, diagram: Diagram, place: Area, now: float) -> None:
        """The drawing on the reflection at `place`, and at the upper edge of the wall one sentence after the other."""
        self._draw(upright, diagram, place[0], place[1], place[2])
        if not diagram.words:
            return
        number, moment = divmod(now, SAID)
        edge = _margin(upright)
        sentence = diagram.words[int(number) % len(diagram.words)]
        text = self._text(upright, (sentence,), upright.size[0] - 2 * edge, centred=True)
        text.set_alpha(round(255 * min(1.0, moment / FADES, (SAID - moment) / FADES)))
        upright.lay(text, (upright.size[0] - text.get_width()) // 2, edge // 2)

    def beside(self, upright: Upright, diagram: Diagram, place: Area) -> None:
        """The drawing, and all sentences below it or, where the label is wider than high, at its right."""
        left, top, width, height = place
        edge = _margin(upright)
        if width > height:
            side, text = self._side_by_side(upright, diagram, place)
            self._draw(upright, diagram, left + edge, top + (height - side) // 2, side)
            upright.lay(text, left + side + 2 * edge, top + (height - text.get_height()) // 2)
            return
        text = self._text(upright, diagram.words, width - 2 * edge)
        side = max(edge, min(height - text.get_height() - 2 * edge, width - 2 * edge))
        above = max(0, (height - side - text.get_height()) // 2)
        self._draw(upright, diagram, left + (width - side) // 2, top + above, side)
        upright.lay(text, left + (width - text.get_width()) // 2, top + above + side)

    def _side_by_side(self, upright: Upright, diagram: Diagram, place: Area) -> tuple[int, pygame.Surface]:
        """The drawing as large as it may be for all sentences to have room at its right: its side, and they."""
        (_, _, width, height), edge = place, _margin(upright)
        for side in range(height - 2 * edge, edge, -edge):
            text = self._text(upright, diagram.words, width - side - 3 * edge)
            if text.get_height() <= height - edge:
                break
        return side, text

    def _draw(self, upright: Upright, diagram: Diagram, left: int, top: int, side: int) -> None:
        if len(diagram.dots) and diagram.opacity > 0:
            picture, right, down = drawn(diagram, side)
            upright.lay(picture, left + right, top + down)

    def _text(self, upright: Upright, texts: tuple[str, ...], width: int, centred: bool = False) -> pygame.Surface:
        """Each of the texts on lines of its own, with half a line between them."""
        key = (texts, upright.size, width, centred)
        if key not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            em = em_of(upright.size)
            self._kept[key] = lettered([wrapped(text, em, width) for text in texts], em, centred)
        return self._kept[key]


def _margin(upright: Upright) -> int:
    return round(min(upright.size) * MARGIN)
