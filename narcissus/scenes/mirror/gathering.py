"""Everybody's reflections on one wall: a newcomer's cell opens, a leaver's dissolves into the dream and closes.

Alone there is one cell, it fills the wall, and it never closes: with nobody there it dreams. Whoever comes then takes
it over; whoever comes beside others gets a cell of their own. Belongs to the display thread alone.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np

from narcissus.core.timeouts import HOLD, PLACE_KEPT, STALE
from narcissus.core.types import Panel
from narcissus.motion import Spring
from narcissus.scenes.mirror import grid
from narcissus.scenes.mirror.reflection import Reflection, Transitions
from narcissus.scenes.mirror.seen import Seen, Target

OPENING = 4.5  # stiffness of every movement of cells, radians per second: 90 % of the way in 0.9 s
SHRUNK = 0.5  # of its width: how small a cell is when it is gone
CLOSES = PLACE_KEPT - HOLD  # seconds in which a leaver's picture darkens before its place is given away
GONE = 0.02  # opacity at which nothing is to be seen any more
STANDS = 0.9  # opacity from which a cell lies over those that open or close
AT_REST = 1e-3  # of the wall: nearer to its place no cell is seen to move
PAST = 0.04  # of the frame's width: so far one must have walked past another before their cells change places,
FOR_A_WHILE = 0.5  # and for so many seconds


class Cell:
    """One reflection and where it hangs."""

    def __init__(self, reflection: Reflection, person: int | None, x: float, now: float) -> None:
        self.reflection = reflection
        self.person = person  # whose it is; None: nobody's yet
        self.x = x  # where this viewer stands, 0 (left) to 1
        self.seen = now  # when this viewer was last there
        self.past: float | None = None  # since when this viewer stands to the right of the next cell's
        self._placement: Spring | None = None  # centre x and y, width, opacity; None: nowhere yet
        self._part: Spring | None = None  # of a wall of another shape: as `grid.parts`, opacity, how far it is shared

    @property
    def placement(self) -> np.ndarray:
        """float64 (4,): centre x and y, width (all of the wall's width) and opacity."""
        return self._placement.value

    def go(self, place: np.ndarray, part: np.ndarray, opacity: float, now: float) -> None:
        """On the way to `place` (3,), and on the wall to `part` (4,), until `now`; a new cell opens there."""
        shared = float(part[2:].min() < 1)
        if self._placement is None or self._part is None:
            self._placement = Spring([*place[:2], SHRUNK * place[2], 0.0])
            self._part = Spring([*part[:2], *SHRUNK * part[2:], 0.0, shared])
        self._placement.follow(np.array([*place, opacity]), now, stiffness=OPENING)
        self._part.follow(np.array([*part, opacity, shared]), now, stiffness=OPENING)

    def close(self, now: float) -> None:
        """Smaller and darker where it is."""
        x, y, width, _ = self.placement
        self._placement.follow(np.array([x, y, SHRUNK * width, 0.0]), now, stiffness=OPENING)
        x, y, width, height, _, shared = self._part.value
        self._part.follow(np.array([x, y, SHRUNK * width, SHRUNK * height, 0.0, shared]), now, stiffness=OPENING)

    def fills_the_wall(self) -> bool:
        away = np.concatenate([self.placement - WHOLE, self._part.value - ALONE])
        return bool(np.abs(away).max() < AT_REST)

    def panel(self, image: np.ndarray, caption: str) -> Panel:
        """Its picture uint8 (H, W, 3) where it hangs on the wall."""
        x, y, width, height, opacity, shared = np.clip(self._part.value, 0, 1).tolist()
        return Panel(image, (x - width / 2, y - height / 2, width, height), opacity, shared, caption)


WHOLE = np.array([*grid.places(1)[0], 1.0])  # (4,): the only cell, opened
ALONE = np.array([0.5, 0.5, 1.0, 1.0, 1.0, 0.0])  # (6,): the same, on a wall of any shape


class Gathering:
    """The cells, from left to right."""

    def __init__(
        self, first: Reflection, another: Callable[[int], Reflection], aspect: Callable[[], float] = lambda: 1.0
    ) -> None:
        """`first` fills the wall; `another(number)` makes one more, whose dream is its own. `aspect`: the wall's width
        over its height, as people see it now."""
        self._another, self._made, self._aspect = another, 0, aspect
        self.transitions = Transitions()
        alone = Cell(first, None, 0.5, 0.0)
        alone._placement, alone._part = Spring(WHOLE), Spring(ALONE)
        self._cells = [alone]
        self.foremost = alone  # whose reflection stands for all where only one is asked for

    def move(self, seen: Seen | None, now: float) -> None:
        """Go on until `now`: who is there has a cell, and every cell is on its way."""
        company, width = ((), 1.0) if seen is None else (seen.company, seen.frame.image.shape[1])
        lost = seen is not None and (now - seen.frame.time > STALE or (seen.frame.cut and not company))
        there = {one.person: one for one in company if now - one.time <= STALE}
        self._welcome(there, width, now)
        for cell in self._cells:
            if cell.person in there:
                cell.x, cell.seen = there[cell.person].face.box.centre[0] / width, now
        standing = self._standing(now)
        self._put_in_order(standing, now)
        self._choose_foremost(seen, standing)
        self._arrange(standing, now)
        for cell in self._cells:
            cell.reflection.transitions = self.transitions
            cell.reflection.move(there.get(cell.person), now, lost=lost)

    @property
    def reflections(self) -> list[Reflection]:
        return [cell.reflection for cell in self._cells]

    @property
    def follows(self) -> bool:
        """Whether any reflection follows somebody, or is on its way there; a departure and a dream follow nobody."""
        return any(one.phase in ("arrival", "following") for one in self.reflections)

    @property
    def places(self) -> np.ndarray:
        """How the picture of every cell hangs in it: float64 (n, 4), as `placing.UPRIGHT`."""
        return np.stack([cell.reflection.place for cell in self._cells])

    @property
    def latents(self) -> np.ndarray:
        """What every cell shows: float32 (n, L)."""
        return np.stack([cell.reflection.latent for cell in self._cells])

    @property
    def at_rest(self) -> bool:
        """Whether there is one cell, which fills the wall."""
        return len(self._cells) == 1 and self._cells[0].fills_the_wall()

    def panels(self, images: np.ndarray, captions: Mapping[int, str]) -> tuple[tuple[Panel, ...], int]:
        """The pictures of `latents`, uint8 (n, H, H, 3), each in its part of the wall, and which is the foremost's.

        What is opening or closing lies under what stands. `captions`: what is said of each person.
        """
        if self.at_rest:
            return (), 0
        order = sorted(range(len(self._cells)), key=lambda number: self._cells[number].placement[3] > STANDS)
        cells = [self._cells[number] for number in order]
        panels = tuple(
            cell.panel(images[number], captions.get(cell.person, "")) for cell, number in zip(cells, order, strict=True)
        )
        return panels, cells.index(self.foremost)

    def composed(self, images: np.ndarray) -> np.ndarray:
        """The pictures of `latents`, uint8 (n, H, H, 3), as one; a single one that fills the wall as it is."""
        if self.at_rest:
            return images[0]
        cells = np.stack([cell.placement for cell in self._cells])  # (n, 4)
        below = np.argsort(cells[:, 3] > STANDS, kind="stable")  # what is opening or closing lies under what stands
        return grid.composed(images[below], cells[below], grid.size_for(images.shape[1]))

    def _welcome(self, there: Mapping[int, Target], width: float, now: float) -> None:
        """A cell for everybody: the only one, if nobody is in it, or a new one between its neighbours."""
        known = {cell.person for cell in self._cells}
        for person in [person for person in there if person not in known]:
            if len(self._cells) == 1 and self._cells[0].person not in there:
                self._cells[0].person = person
                continue
            self._made += 1
            x = there[person].face.box.centre[0] / width
            place = sum(cell.x < x for cell in self._cells)
            reflection = self._another(self._made)
            reflection.dream_speed = self.foremost.reflection.dream_speed
            self._cells.insert(place, Cell(reflection, person, x, now))

    def _standing(self, now: float) -> list[Cell]:
        """The cells that keep a place: whose viewers are there, or have only just left; the foremost at the least.

        On a full wall whoever left first gives place to a newcomer.
        """
        kept = self.transitions.departure + CLOSES
        last = sorted(self._cells, key=lambda cell: cell.seen)[-grid.MOST :]
        standing = [cell for cell in self._cells if cell in last and now - cell.seen < kept]
        return standing or [self.foremost]

    def _put_in_order(self, standing: list[Cell], now: float) -> None:
        """Who has clearly walked past a neighbour changes places with that one; one pair at a time."""
        for left, right in pairwise(standing):
            if left.x - right.x < PAST:
                left.past = None
            elif left.past is None:
                left.past = now
            elif now - left.past >= FOR_A_WHILE:
                one, other = self._cells.index(left), self._cells.index(right)
                self._cells[one], self._cells[other] = right, left
                at = standing.index(left)
                standing[at : at + 2] = [right, left]
                left.past = right.past = None
                return

    def _arrange(self, standing: list[Cell], now: float) -> None:
        """Everybody on the way; what has closed is no more."""
        places, parts = grid.places(len(standing)), grid.parts(len(standing), round(self._aspect(), 2))
        for cell, place, part in zip(standing, places, parts, strict=True):
            dissolving = cell is not self.foremost and cell.seen < now and cell.reflection.phase == "departure"
            cell.go(place, part, 0.0 if dissolving else 1.0, now)
        for cell in self._cells:
            if cell not in standing:
                cell.close(now)
        self._cells = [cell for cell in self._cells if cell in standing or cell.placement[3] > GONE]

    def _choose_foremost(self, seen: Seen | None, standing: list[Cell]) -> None:
        """The viewer's cell; while there is no viewer the one before, as long as it stands."""
        foremost = None
        if seen is not None and seen.viewer is not None:
            foremost = next((one.person for one in seen.company if one.face is seen.viewer), None)
        mine = next((cell for cell in standing if foremost is not None and cell.person == foremost), None)
        if mine is not None:
            self.foremost = mine
        elif self.foremost not in standing:
            self.foremost = max(standing, key=lambda cell: cell.seen)
