"""Films that must capture nobody: a photograph before a camera that shakes, and a face that crosses the room."""

from collections.abc import Iterator, Sequence
from itertools import cycle

import cv2
import numpy as np

from narcissus.core.types import Frame

RATE = 30  # frames a second
NOISE, QUALITY = 3.0, 80  # grey levels; JPEG
HOLDS = 0.15  # seconds for which a hand's movement is like itself
ROOM = 4  # pictures of the face fit beside one another; the shutter is open for half of each frame


def photograph(
    image: np.ndarray, seconds: float, rng: np.random.Generator, *, shake: float = 3.0, tilt: float = 0.0
) -> Iterator[Frame]:
    """`image` uint8 (H, W, 3) RGB moved by `shake` pixels, turned and tilted as by hand, with noise and compression."""
    height, width = image.shape[:2]
    middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    way, kept = rng.standard_normal(6), np.exp(-1 / RATE / HOLDS)
    for number in range(round(seconds * RATE)):
        way = kept * way + np.sqrt(1 - kept**2) * rng.standard_normal(6)
        matrix = np.linalg.inv(middle) @ _moved(way, shake, tilt / width) @ middle
        moved = cv2.warpPerspective(image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
        yield Frame(_seen(moved, rng), number / RATE)


def passing(faces: Sequence[np.ndarray], width: float, speed: float, rng: np.random.Generator) -> Iterator[Frame]:
    """A living face, uint8 (h, w, 3) each, crosses a room, blurred by it; `speed`: widths of the face a second.

    The face is `width` pixels wide in its pictures, which are shown one after the other, there and back again.
    """
    across = faces[0].shape[1]
    step = speed * width / RATE  # pixels
    return _in_a_room(faces, np.arange(0, (ROOM - 1) * across, step).astype(int), round(step / 2), rng)


def standing(faces: Sequence[np.ndarray], seconds: float, rng: np.random.Generator) -> Iterator[Frame]:
    """The same face in the middle of that room: the control, who should be captured."""
    middle = (ROOM - 1) * faces[0].shape[1] // 2
    return _in_a_room(faces, np.full(round(seconds * RATE), middle), 0, rng)


def _in_a_room(faces: Sequence[np.ndarray], lefts: np.ndarray, blur: int, rng: np.random.Generator) -> Iterator[Frame]:
    high, across = faces[0].shape[:2]
    room = np.full((max(360, 2 * high), ROOM * across, 3), 96, np.uint8)
    top = (len(room) - high) // 2
    turns = cycle([*range(len(faces)), *range(len(faces) - 2, 0, -1)])
    for number, (left, turn) in enumerate(zip(lefts, turns, strict=False)):
        image = room.copy()
        image[top : top + high, left : left + across] = faces[turn]
        yield Frame(_seen(cv2.blur(image, (max(1, blur), 1)), rng), number / RATE)


def _moved(way: np.ndarray, shake: float, tilt: float) -> np.ndarray:
    turn, grown = np.radians(0.4 * way[2]), 1 + 0.004 * way[3]
    cos, sin = grown * np.cos(turn), grown * np.sin(turn)
    return np.array([[cos, -sin, shake * way[0]], [sin, cos, shake * way[1]], [*(tilt * way[4:]), 1]])


def _seen(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    noisy = np.clip(image + rng.normal(0, NOISE, image.shape), 0, 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", noisy[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, QUALITY))[1]
    return np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])
