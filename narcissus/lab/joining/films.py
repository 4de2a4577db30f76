"""Films that must capture nobody: a photograph before a camera that shakes, and a face that crosses the room."""

from collections.abc import Iterator

import cv2
import numpy as np

from narcissus.core.types import Frame

RATE = 30  # frames a second
NOISE, QUALITY = 3.0, 80  # grey levels; JPEG
HOLDS = 0.15  # seconds for which a hand's movement is like itself


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


def passing(
    image: np.ndarray, box: tuple[int, int, int, int], speed: float, rng: np.random.Generator
) -> Iterator[Frame]:
    """The face in `box` (left, top, right, bottom) crosses a room at `speed` face widths a second, blurred by it."""
    left, top, right, bottom = box
    face = image[top:bottom, left:right]
    height, width = max(360, 2 * len(face)), 4 * face.shape[1]
    room = np.full((height, width, 3), 96, np.uint8)
    step = speed * face.shape[1] / RATE
    blur = max(1, round(step / 2))  # the shutter is open for half of the time
    for number in range(round((width - face.shape[1]) / step)):
        frame, x, y = room.copy(), round(number * step), (height - len(face)) // 2
        frame[y : y + len(face), x : x + face.shape[1]] = face
        yield Frame(_seen(cv2.blur(frame, (blur, 1)), rng), number / RATE)


def _moved(way: np.ndarray, shake: float, tilt: float) -> np.ndarray:
    turn, grown = np.radians(0.4 * way[2]), 1 + 0.004 * way[3]
    cos, sin = grown * np.cos(turn), grown * np.sin(turn)
    return np.array([[cos, -sin, shake * way[0]], [sin, cos, shake * way[1]], [*(tilt * way[4:]), 1]])


def _seen(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    noisy = np.clip(image + rng.normal(0, NOISE, image.shape), 0, 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", noisy[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, QUALITY))[1]
    return np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])
