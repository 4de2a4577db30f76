"""What lies around a picture on a larger wall: its own colours, out of focus."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from narcissus.sinks.place import Part

CELLS = 16  # of the picture's shorter side: as coarse is what continues beyond its edge
SOFT = 1.6  # blur in cells
BAND = 0.14  # of the picture: from its edge inwards, so far it passes over into what lies around it


@dataclass(frozen=True)
class Surroundings:
    """How many pixels are added to a picture of this (height, width) on each side."""

    shape: tuple[int, int]
    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def of(cls, part: Part, shape: tuple[int, int], wall: tuple[int, int]) -> "Surroundings":
        """As many as cover the wall; `shape` is that of the part in its own pixels."""
        wide, high = part.size[0] / shape[1], part.size[1] / shape[0]  # of a pixel, in the wall's
        right, bottom = wall[0] - part.left - part.size[0], wall[1] - part.top - part.size[1]
        missing = (part.left / wide, part.top / high, right / wide, bottom / high)
        return cls(shape, *(max(0, int(np.ceil(side))) for side in missing))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole."""
        return self.left + self.shape[1] + self.right, self.top + self.shape[0] + self.bottom

    def laid(self, part: Part) -> Part:
        """Where the whole comes to lie, if the picture itself is this part."""
        wide, high = part.size[0] / self.shape[1], part.size[1] / self.shape[0]
        size = round(self.size[0] * wide), round(self.size[1] * high)
        left, top = part.left - round(self.left * wide), part.top - round(self.top * high)
        return Part(slice(0, self.size[1]), slice(0, self.size[0]), left, top, size)

    def around(self, image: np.ndarray) -> np.ndarray:
        """uint8 (H, W, 3) -> uint8 (top + H + bottom, left + W + right, 3)."""
        whole = self._continued(image)
        far = [whole[band].copy() for band, _ in self._bands]
        whole[self._inside] = image
        for (band, kept), beyond in zip(self._bands, far, strict=True):
            whole[band] = cv2.blendLinear(whole[band], beyond, kept, 1 - kept)
        return whole

    def _continued(self, image: np.ndarray) -> np.ndarray:
        """The picture's border colours, further and further: without anything that could be taken for a face."""
        cell = min(self.shape) / CELLS  # pixels
        across, down = (max(1, round(side / cell)) for side in self.shape[::-1])
        coarse = cv2.resize(image, (across, down), interpolation=cv2.INTER_AREA)
        wide, high = self.shape[1] / across, self.shape[0] / down  # of a cell, in pixels
        more = [int(np.ceil(side / each)) + 1 for side, each in zip(
            (self.top, self.bottom, self.left, self.right), (high, high, wide, wide), strict=True
        )]  # fmt: skip
        coarse = cv2.copyMakeBorder(coarse, *more, cv2.BORDER_REPLICATE)
        coarse = cv2.GaussianBlur(coarse, (0, 0), SOFT, borderType=cv2.BORDER_REPLICATE)
        size = round(coarse.shape[1] * wide), round(coarse.shape[0] * high)
        left, top = round(more[2] * wide) - self.left, round(more[0] * high) - self.top
        large = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)
        return np.ascontiguousarray(large[top : top + self.size[1], left : left + self.size[0]])

    @property
    def _inside(self) -> tuple[slice, slice]:
        return slice(self.top, self.top + self.shape[0]), slice(self.left, self.left + self.shape[1])

    @cached_property
    def _bands(self) -> list[tuple[tuple[slice, slice], np.ndarray]]:
        """Each edge that is no edge of the wall's: where it is, and how much of the picture is kept there."""
        (rows, columns), found = self._inside, []
        down, across = (_ramp(max(1, round(side * BAND))) for side in self.shape)
        if self.left:
            found.append(((rows, slice(columns.start, columns.start + len(across))), across[None]))
        if self.right:
            found.append(((rows, slice(columns.stop - len(across), columns.stop)), across[None, ::-1]))
        if self.top:
            found.append(((slice(rows.start, rows.start + len(down)), columns), down[:, None]))
        if self.bottom:
            found.append(((slice(rows.stop - len(down), rows.stop), columns), down[::-1, None]))
        shape = lambda band: tuple(cut.stop - cut.start for cut in band)
        return [(band, np.ascontiguousarray(np.broadcast_to(kept, shape(band)))) for band, kept in found]


def _ramp(count: int) -> np.ndarray:
    """From 0 at the edge to 1 where the picture is left alone: float32 (count,)."""
    far = (np.arange(count, dtype=np.float32) + 0.5) / count
    return far * far * (3 - 2 * far)
