"""Where several reflections hang on one wall, and how they become one picture."""

from functools import cache

import cv2
import numpy as np

# How many hang in each row; every row stands in the middle, so that all places together run from left to right.
ROWS = {1: (1,), 2: (2,), 3: (2, 1), 4: (2, 2), 5: (3, 2), 6: (3, 3), 7: (2, 3, 2), 8: (3, 2, 3), 9: (3, 3, 3)}
MOST = max(ROWS)
ACROSS = 3  # reflections beside each other, at most
GAP = 0.03  # of a cell's width: dark between two reflections
LARGEST = 1024  # pixels of the whole picture, where the generator's own are no larger
SOFT = 0.45  # blur in pixels of an image that is enlarged ACROSS times: the network's own grid is not to be seen
TWICE = 0.5  # shrunk to less than half, a picture is first averaged: cubic interpolation alone would leave out lines


@cache
def places(count: int) -> np.ndarray:
    """Where `count` reflections (1 to MOST) hang: float64 (count, 3), centre x and y and width, of the wall's width.

    From left to right, and from top to bottom where two hang above each other. A single one fills the wall.
    """
    rows = ROWS[count]
    width = 1 / max(rows)
    top = (1 - width * len(rows)) / 2
    found = [
        ((1 - width * cells) / 2 + width * (column + 0.5), top + width * (row + 0.5))
        for row, cells in enumerate(rows)
        for column in range(cells)
    ]
    shown = width if count == 1 else width * (1 - GAP)
    return np.array([(x, y, shown) for x, y in sorted(found)])


@cache
def parts(count: int, aspect: float) -> np.ndarray:
    """The parts of a wall of this width over height that `count` reflections share: float64 (count, 4).

    Centre x and y, width and height, of the wall's, in the order of `places`; all alike, as near to squares as may be.
    """
    rows = min(range(1, count + 1), key=lambda rows: _unfit(count, rows, aspect))
    each = _rows(count, rows)
    width, height = 1 / max(each), 1 / rows
    found = [
        ((1 - width * cells) / 2 + width * (column + 0.5), height * (row + 0.5))
        for row, cells in enumerate(each)
        for column in range(cells)
    ]
    return np.array([(x, y, width, height) for x, y in sorted(found)])


def _unfit(count: int, rows: int, aspect: float) -> float:
    """How far from squares the parts are, and how much of the wall is left over."""
    across = -(-count // rows)
    return abs(np.log(aspect * rows / across)) + (across * rows - count) / count


def _rows(count: int, rows: int) -> list[int]:
    """How many there are in each row: even if it can be, otherwise more in the middle or above."""
    least, more = divmod(count, rows)
    order = sorted(range(rows), key=lambda row: (abs(row - (rows - 1) / 2) * (1 if more % 2 else -1), row))
    return [least + (row in order[:more]) for row in range(rows)]


def size_for(resolution: int) -> int:
    """The width in pixels of a picture in which the reflections of a full wall keep their own pixels, up to LARGEST."""
    return max(resolution, min(ACROSS * resolution, LARGEST))


def composed(images: np.ndarray, cells: np.ndarray, size: int) -> np.ndarray:
    """One picture uint8 (size, size, 3) on black, the later images over the earlier ones.

    `images` is uint8 (n, H, H, 3); `cells` (n, 4) holds centre x and y, width (of the wall's) and opacity (0 to 1).
    """
    wall = np.zeros((size, size, 3), np.uint8)
    for image, cell in zip(images, cells, strict=True):
        _lay(wall, image, *(float(value) for value in cell))
    return wall


def _lay(wall: np.ndarray, image: np.ndarray, x: float, y: float, width: float, opacity: float) -> None:
    """Lay `image` over `wall`; its edges may lie between pixels, so that it moves without trembling."""
    size = len(wall)
    side = width * size  # pixels, not whole
    left, top = x * size - side / 2, y * size - side / 2
    first = [max(0, int(np.floor(edge))) for edge in (left, top)]
    last = [min(size, int(np.ceil(edge + side))) for edge in (left, top)]
    if side < 1 or opacity <= 0 or first[0] >= last[0] or first[1] >= last[1]:
        return
    if side < TWICE * len(image):
        image = cv2.resize(image, (max(1, round(side)),) * 2, interpolation=cv2.INTER_AREA)
    scale = side / len(image)
    if scale > 1:
        image = cv2.GaussianBlur(image, (0, 0), max(0.1, SOFT * (scale - 1) / (ACROSS - 1)))
    # A pixel's centre lies half a pixel from its edge, before and after: from 0.5 of the image to 0.5 of the wall.
    moved = [edge - start + scale / 2 - 0.5 for edge, start in zip((left, top), first, strict=True)]
    turn = np.array([[scale, 0, moved[0]], [0, scale, moved[1]]])
    shape = (last[0] - first[0], last[1] - first[1])
    part = wall[first[1] : last[1], first[0] : last[0]]
    laid = cv2.warpAffine(image, turn, shape, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    down, across = (_share(edge - start, side, count) for edge, start, count in zip(
        (top, left), (first[1], first[0]), (shape[1], shape[0]), strict=True
    ))  # fmt: skip
    share = opacity * down[:, None] * across[None, :]  # float32 (h, w)
    part[:] = cv2.blendLinear(part, laid, 1 - share, share)


def _share(edge: float, side: float, count: int) -> np.ndarray:
    """How much of each of `count` pixels lies between `edge` and `edge + side`: float32 (count,), 0 to 1."""
    pixels = np.arange(count, dtype=np.float32)
    return np.clip(np.minimum(pixels + 1, edge + side) - np.maximum(pixels, edge), 0, 1).astype(np.float32)
