"""Any number of cells on a wall of any shape: rows in the middle of one another, the cells as large as they may be."""

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Layout:
    """Square cells of `side` pixels; `corners` are their upper left ones, from top to bottom and left to right."""

    wall: tuple[int, int]  # width and height
    side: int
    corners: tuple[tuple[int, int], ...]  # x and y

    def boxed(self, cell: int) -> tuple[slice, slice]:
        """The cell's rows and columns of the wall."""
        x, y = self.corners[cell]
        return slice(y, y + self.side), slice(x, x + self.side)


MARGIN = 0.012  # of the wall's shorter side, on every side
LOOSE = 1.1  # rows stand no further apart than so many cells


@cache
def laid_out(cells: int, wall: tuple[int, int]) -> Layout:
    """Exactly so many cells, in the number of rows in which they are largest."""
    margin = round(MARGIN * min(wall))
    width, height = wall[0] - 2 * margin, wall[1] - 2 * margin
    size = lambda rows: min(width / -(-cells // rows), height / rows)
    rows = max(range(1, cells + 1), key=size)
    side = int(size(rows))
    step = min(height / rows, LOOSE * side)  # from one row to the next
    top = (wall[1] - step * (rows - 1) - side) / 2
    corners = []
    for row, count in enumerate(even(cells, rows)):
        pitch = min(width / count, width / -(-cells // rows))
        left = (wall[0] - pitch * (count - 1) - side) / 2
        corners += [(int(left + pitch * column), int(top + step * row)) for column in range(count)]
    return Layout(wall, side, tuple(corners))


def even(cells: int, rows: int) -> list[int]:
    """How many hang in each row: the same, or one more in rows spread over all of them, such as 10, 9, 10, 9, 10."""
    ends = [round(cells * row / rows - 1e-9) for row in range(rows + 1)]
    counts = [ends[row + 1] - ends[row] for row in range(rows)]
    return counts if counts[0] >= counts[-1] else counts[::-1]
