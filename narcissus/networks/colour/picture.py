"""A whole picture coloured: the world at its own scale, each face in its aligned crop, chroma spread along lightness.

The chroma of a few thousand places becomes that of every pixel by a guided filter (He, Sun 2015, "Fast Guided Filter"):
at every place chroma is a linear function of lightness, fitted small and applied large.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from narcissus.networks.colour.colourist import Colourist, fitting
from narcissus.networks.colour.faces import LOOSE, TIGHT, Alignment, alignment_of, cropped, laid_in

WORLD_SIDES = (128, 256)  # pixels of the longer side that the network sees of a whole picture; its chroma is half
GUIDE_SIDE = 512  # pixels of the longer side that chroma is fitted at
REACH = 1 / 64  # of the longer side: radius of the guided filter
STIFFNESS = 25.0  # squared L*: lightness that varies less than 5 does not steer chroma
EDGE = 6.0  # L*: so near to black or white no colour can be as strong as elsewhere


def chroma(
    colourist: Colourist,
    lightness: np.ndarray,
    faces: Sequence[np.ndarray] = (),
    pile: str = "all",
    temperature: float | None = None,
) -> np.ndarray:
    """L* float32 (H, W) and the landmarks (68, 2) of its faces -> assumed ab, float32 (H, W, 2), unspread."""
    height, width = lightness.shape
    alignments = [alignment_of(landmarks) for landmarks in faces]
    rows, columns = fitting(height, width, world_side(max(height, width), alignments))
    small = cv2.resize(lightness, (columns, rows), interpolation=cv2.INTER_AREA)
    world = colourist.assume(small, pile, temperature).ab[0]
    ab = cv2.resize(world, (width, height), interpolation=cv2.INTER_LINEAR)
    if not alignments:
        return ab
    smallest_first = sorted(faces, key=lambda landmarks: -abs(alignment_of(landmarks).turn))  # the nearest lies on top
    layers = [alignment_of(landmarks, room) for landmarks in smallest_first for room in (LOOSE, TIGHT)]
    crops = np.stack([cropped(lightness, alignment) for alignment in layers])
    for alignment, assumed in zip(layers, colourist.assume(crops, pile, temperature).ab, strict=True):
        ab = laid_in(ab, assumed, alignment)
    return ab


def world_side(long_side: int, alignments: Sequence[Alignment]) -> int:
    """So many that no face is seen larger than faces were learned: a close portrait is looked at small."""
    nearest = min((abs(alignment.turn) for alignment in alignments), default=np.inf)
    return int(np.clip(long_side * nearest, *WORLD_SIDES))


def spread(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """The linear functions that chroma follows: float32 (H, W, 4), with a = [0]·L + [2] and b = [1]·L + [3]."""
    radius = max(1, round(max(lightness.shape) * REACH))
    mean = lambda x: cv2.blur(x, (2 * radius + 1,) * 2, borderType=cv2.BORDER_REFLECT_101)
    middle = mean(lightness)
    variance = mean(lightness**2) - middle**2
    together = mean(ab * lightness[..., None]) - mean(ab) * middle[..., None]  # (H, W, 2)
    slope = together / (variance + STIFFNESS)[..., None]
    return mean(np.dstack([slope, mean(ab) - slope * middle[..., None]]).astype(np.float32))


def painted(lightness: np.ndarray, functions: np.ndarray, top: int, height: int, strength: float = 1.0) -> np.ndarray:
    """sRGB float32 (h, W, 3), 0 to 1, of the rows from `top` of a picture `height` rows high.

    `lightness` float32 (h, W) are those rows at full size; `functions` (H', W', 4) from `spread`, at any size.
    """
    rows, width = lightness.shape
    across, down = functions.shape[1] / width, functions.shape[0] / height
    matrix = np.array([[across, 0, 0.5 * across - 0.5], [0, down, (top + 0.5) * down - 0.5]])
    here = cv2.warpAffine(
        functions, matrix, (width, rows), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )  # (h, W, 4)
    room = np.clip(np.minimum(lightness, 100 - lightness) * (strength / EDGE), 0, strength)
    lab = np.empty((rows, width, 3), np.float32)
    lab[..., 0] = lightness
    lab[..., 1] = (here[..., 0] * lightness + here[..., 2]) * room
    lab[..., 2] = (here[..., 1] * lightness + here[..., 3]) * room
    return np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1)


def guide(lightness: np.ndarray, side: int = GUIDE_SIDE) -> np.ndarray:
    """L* averaged down so that its longer side is at most `side`."""
    scale = side / max(lightness.shape)
    if scale >= 1:
        return lightness
    size = tuple(max(1, round(length * scale)) for length in lightness.shape[::-1])
    return cv2.resize(lightness, size, interpolation=cv2.INTER_AREA)
