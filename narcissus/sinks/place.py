"""Where a picture stands on a wall, and which part of it is seen there."""

from dataclasses import dataclass

from narcissus.core.sections import Framing

CLOSER = 1.3  # fit: auto: so much larger than whole on a wall higher than the picture; cheeks go, the face does not
NEARLY = 1.125  # fit: auto: a picture that needs no more than this to fill a wider wall fills it,
WIDER = 1.25  # and on a wall so much wider it is whole again; between, a wall that changes its shape makes no jump


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture stands on a wall, in the wall's pixels; it may stand out over the wall's edges."""

    left: int
    top: int
    width: int
    height: int
    wall: tuple[int, int]  # width and height

    @property
    def seen(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom, in the wall's pixels, of the part that lies on the wall."""
        right, bottom = self.left + self.width, self.top + self.height
        return max(0, self.left), max(0, self.top), min(right, self.wall[0]), min(bottom, self.wall[1])

    @property
    def covers(self) -> bool:
        """Whether nothing of the wall is left around it."""
        return self.seen == (0, 0, *self.wall)


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a smaller picture that is seen on the wall, in whole pixels of it, and where it comes to lie."""

    rows: slice
    columns: slice
    left: int  # in the wall's pixels, as much as a pixel of the smaller picture over its edge
    top: int
    size: tuple[int, int]  # width and height on the wall


def placed(shape: tuple[int, int], wall: tuple[int, int], framing: Framing, rotation: int) -> Place:
    """Where a picture, `shape` (height, width) and turned already, stands on a wall of this width and height."""
    across, down = wall
    room = across / shape[1], down / shape[0]
    scale = _scale(*(room if rotation % 180 == 0 else room[::-1]), framing.fit) * framing.zoom
    width, height = max(1, round(shape[1] * scale)), max(1, round(shape[0] * scale))
    upper = framing.centre
    beside, above = {0: (0.5, upper), 90: (1 - upper, 0.5), 180: (0.5, 1 - upper), 270: (upper, 0.5)}[rotation]
    return Place(int((across - width) * beside // 1), int((down - height) * above // 1), width, height, wall)


def _scale(across: float, down: float, fit: str) -> float:
    """`across` and `down`: how many times the wall is as wide and as high as the picture, as people see both."""
    whole, fill = min(across, down), max(across, down)
    if fit != "auto":
        return whole if fit == "whole" else fill
    if across < down:
        return min(fill, whole * CLOSER)
    near = (WIDER - fill / whole) / (WIDER - NEARLY)
    return fill if near >= 1 else whole * (1 + (NEARLY - 1) * max(0.0, near))


def part(place: Place, shape: tuple[int, int]) -> Part:
    """What of a picture of this (height, width) is seen at `place`."""
    left, top, right, bottom = place.seen
    columns, across = _cut(left, right, place.left, place.width, shape[1])
    rows, down = _cut(top, bottom, place.top, place.height, shape[0])
    return Part(rows, columns, across[0], down[0], (across[1] - across[0], down[1] - down[0]))


def _cut(first: int, last: int, start: int, length: int, count: int) -> tuple[slice, tuple[int, int]]:
    """Along one direction: `count` pixels stand on `length` of the wall's from `start` on, seen from `first` to `last`.

    Returns those that are seen, one more on either side where there is one, and where they begin and end on the wall.
    """
    each = length / count
    begin, end = max(0, int((first - start) // each) - 1), min(count, -int((start - last) // each) + 1)
    return slice(begin, end), (round(start + begin * each), round(start + end * each))
