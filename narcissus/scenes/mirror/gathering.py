"""Everybody's reflections on one wall: a newcomer's cell opens, a leaver's dissolves into the dream and closes.

Alone there is one cell, it fills the wall, and it never closes: with nobody there it dreams. Whoever comes then takes
it over; whoever comes beside others gets a cell of their own. Belongs to the display thread alone.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np

from narcissus.core.timeouts import PLACE_KEPT, STALE
from narcissus.motion import Glide
from narcissus.scenes.mirror import grid
from narcissus.scenes.mirror.reflection import Reflection
from narcissus.scenes.mirror.seen import Seen, Target

OPENING = 4.5  # stiffness of every movement of cells, radians per second: 90 % of the way in 0.9 s
SHRUNK = 0.5  # of its width: how small a cell is when it is gone
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
        self._hangs: Glide | None = None  # centre x and y, width, opacity; None: nowhere yet

    @property
    def hangs(self) -> np.ndarray:
        """float64 (4,): centre x and y, width (all of the wall's width) and opacity."""
        return self._hangs.value

    def go(self, place: np.ndarray, opacity: float, now: float) -> None:
        """On the way to `place` (3,) until `now`; a new cell opens there."""
        if self._hangs is None:
            self._hangs = Glide([*place[:2], SHRUNK * place[2], 0.0])
        self._hangs.follow(np.array([*place, opacity]), now, stiffness=OPENING)

    def close(self, now: float) -> None:
        """Smaller and darker where it is."""
        x, y, width, _ = self.hangs
        self._hangs.follow(np.array([x, y, SHRUNK * width, 0.0]), now, stiffness=OPENING)

    def fills_the_wall(self) -> bool:
        return bool(np.abs(self.hangs - WHOLE).max() < AT_REST)


WHOLE = np.array([*grid.places(1)[0], 1.0])  # (4,): the only cell, opened


class Gathering:
    """The cells, from left to right."""

    def __init__(self, first: Reflection, another: Callable[[int], Reflection]) -> None:
        """`first` fills the wall; `another(number)` makes one more, whose dream is its own."""
        self._another, self._made = another, 0
        alone = Cell(first, None, 0.5, 0.0)
        alone._hangs = Glide(WHOLE)
        self._cells = [alone]
        self.foremost = alone  # whose reflection stands for all where only one is asked for

    def move(self, seen: Seen | None, now: float) -> None:
        """Go on until `now`: who is there has a cell, and every cell is on its way."""
        company, width = ((), 1.0) if seen is None else (seen.company, seen.frame.image.shape[1])
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
            cell.reflection.move(there.get(cell.person), now)

    @property
    def reflections(self) -> list[Reflection]:
        return [cell.reflection for cell in self._cells]

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

    def hung(self, images: np.ndarray) -> np.ndarray:
        """The pictures of `latents`, uint8 (n, H, H, 3), as one; a single one that fills the wall as it is."""
        if self.at_rest:
            return images[0]
        cells = np.stack([cell.hangs for cell in self._cells])  # (n, 4)
        below = np.argsort(cells[:, 3] > STANDS, kind="stable")  # what is opening or closing lies under what stands
        return grid.hung(images[below], cells[below], grid.size_for(images.shape[1]))

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
            self._cells.insert(place, Cell(self._another(self._made), person, x, now))

    def _standing(self, now: float) -> list[Cell]:
        """The cells that keep a place: whose viewers are there, or have only just left; the foremost at the least."""
        standing = [cell for cell in self._cells if now - cell.seen < PLACE_KEPT]
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
        for cell, place in zip(standing, grid.places(len(standing)), strict=True):
            dissolving = cell is not self.foremost and cell.seen < now and cell.reflection.phase == "departure"
            cell.go(place, 0.0 if dissolving else 1.0, now)
        for cell in self._cells:
            if cell not in standing:
                cell.close(now)
        self._cells = [cell for cell in self._cells if cell in standing or cell.hangs[3] > GONE]

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
