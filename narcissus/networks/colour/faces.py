"""A face laid into the frame that the network learned faces in, and its colours laid back (cv2)."""

from dataclasses import dataclass

import cv2
import numpy as np

from narcissus.networks.attributes.crop import ANCHORS, EYE, HALF, MOUTH, OTHER_EYE, complex_plane, similarity
from narcissus.networks.attributes.crop import SIZE as ANCHORS_SIDE

SIDE = 128  # pixels of an aligned crop; its chroma is 64
TIGHT, LOOSE = 1.0, 1.6  # a face as the training's portraits show it; with hair, neck and shoulders
FEATHER = 0.3  # of the crop's half side: over so much of its rim a face's colours give way to those around it


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """Where a crop lies: crop = turn · picture + shift, complex x + iy, pixel corners at whole numbers."""

    turn: complex
    shift: complex

    def matrix(self, scale: float = 1.0) -> np.ndarray:
        """float64 (2, 3) for pixel middles, from the picture to a crop `scale` times as large."""
        turn, shift = self.turn * scale, self.shift * scale + HALF * (self.turn * scale - 1)
        return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def alignment_of(landmarks: np.ndarray, room: float = TIGHT) -> Alignment:
    """Where the crop of the face at `landmarks` (68, 2), pixel middles at whole numbers, lies.

    `room` 1 is the frame of the training's portraits; larger, so many times as much is around the face.
    """
    points = complex_plane(landmarks)
    seen = np.array([points[part].mean() for part in (EYE, OTHER_EYE, MOUTH)])
    middle = HALF * SIDE
    anchors = middle + ((ANCHORS + HALF) * (SIDE / ANCHORS_SIDE) - middle) / room
    turn, shift = similarity(seen + HALF, anchors)
    return Alignment(complex(turn), complex(shift))


def cropped(lightness: np.ndarray, alignment: Alignment) -> np.ndarray:
    """float32 (H, W) -> float32 (128, 128), averaged where it shrinks; beyond the picture its edge, drawn out."""
    grain = int(np.clip(np.ceil(1 / max(abs(alignment.turn), 1e-6) - 0.01), 1, 8))
    fine = cv2.warpAffine(
        lightness, alignment.matrix(grain), (SIDE * grain,) * 2, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return cv2.resize(fine, (SIDE, SIDE), interpolation=cv2.INTER_AREA) if grain > 1 else fine


def laid_in(around: np.ndarray, chroma: np.ndarray, alignment: Alignment) -> np.ndarray:
    """`around` float32 (H, W, 2) with the face's colours (h, h, 2) in their place, without a seam."""
    size = around.shape[1], around.shape[0]
    layer = np.dstack([chroma, rim(chroma.shape[0])]).astype(np.float32)  # (h, h, 3)
    inverse = cv2.invertAffineTransform(alignment.matrix(chroma.shape[0] / SIDE))
    there = cv2.warpAffine(layer, inverse, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return around + there[..., 2:] * (there[..., :2] - around)  # the rim is 0, and so is all beyond it


def rim(side: int) -> np.ndarray:
    """float32 (side, side): 1 in the middle of a crop, falling smoothly to 0 at its rim."""
    along = np.abs(np.linspace(-1, 1, side, dtype=np.float32))
    from_rim = np.clip((1 - along) / FEATHER, 0, 1)
    smooth = from_rim**2 * (3 - 2 * from_rim)  # no edge where it begins or ends
    return np.outer(smooth, smooth)
