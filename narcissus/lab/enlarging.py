"""What ways of enlarging a face are worth, against real faces of that size.

Distance: sliced Wasserstein, 7×7 patches of the finest level (Karras et al. 2018). Edge: the mean slope of the steepest
twentieth of all pixels, of that in the real faces. Ringing: how far pixels lie beyond all that the real face has within
four pixels, in steps of 255. Grid: what is left of a fine grid laid over the small picture, the same unit.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from narcissus.sinks.enlarge import cubic, enlarge

TIMES = 4
PATCH, PATCHES, DIRECTIONS = 7, 160, 128
AROUND = np.ones((9, 9), np.uint8)
WAYS = {
    "cubic": cubic,
    "Lanczos": lambda image, size: cv2.resize(image, (size, size), interpolation=cv2.INTER_LANCZOS4),
    "soft": enlarge,
}


def measured(real: list[np.ndarray]) -> Iterator[tuple[str, list[float]]]:
    """Each way's name, and distance, edge and ringing; then distance, edge and what is left of it under a grid.

    `real` are faces uint8 (H, W, 3), H and W multiples of TIMES.
    """
    small = [cv2.resize(face, None, fx=1 / TIMES, fy=1 / TIMES, interpolation=cv2.INTER_AREA) for face in real]
    random = np.random.default_rng(0)
    laid_over = [np.clip(face + grid(face.shape[:2], random)[..., None], 0, 255).astype(np.uint8) for face in small]
    for name, way in WAYS.items():
        clean, laid = ([way(face, face.shape[0] * TIMES) for face in faces] for faces in (small, laid_over))
        ringing = np.mean([beyond(*pair) for pair in zip(clean, real, strict=True)])
        left = np.mean([(one.astype(int) - other).std() for one, other in zip(laid, clean, strict=True)])
        values = [distance(clean, real), slope(clean) / slope(real), float(ringing)]
        yield name, [*values, distance(laid, real), slope(laid) / slope(real), float(left)]


def portraits(path: Path, count: int) -> list[np.ndarray]:
    """The first picture in each folder of the archive, uint8 (H, W, 3)."""
    with zipfile.ZipFile(path) as archive:
        first = {Path(name).parent: name for name in sorted(archive.namelist(), reverse=True) if "." in name}
        names = sorted(first.values())[:count]
        return [cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR) for name in names]


def grid(shape: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """Every other row and column a little brighter, here more and there less: float32 (h, w)."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    laid = np.zeros(shape, np.float32)
    for sign in ((-1.0) ** x, (-1.0) ** y, (-1.0) ** (x + y), np.cos(0.9 * np.pi * x), np.cos(0.9 * np.pi * y)):
        strength = cv2.GaussianBlur(random.standard_normal(shape).astype(np.float32), (0, 0), 4)
        laid += (1.2 * sign * strength / strength.std()).astype(np.float32)
    return laid


def distance(drawn: list[np.ndarray], real: list[np.ndarray]) -> float:
    """Sliced Wasserstein distance of the patches of the finest level."""
    directions = np.random.default_rng(0).standard_normal((PATCH * PATCH, DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    first, second = (np.sort(patches(faces) @ directions, axis=0) for faces in (drawn, real))
    return float(np.abs(first - second).mean())


def patches(faces: list[np.ndarray]) -> np.ndarray:
    """float64 (n, PATCH²): what each patch has beyond the next coarser level."""
    random, found = np.random.default_rng(1), []
    for face in faces:
        grey = face[..., 1].astype(np.float32)
        fine = grey - cv2.pyrUp(cv2.pyrDown(grey), dstsize=grey.shape[::-1])
        for y, x in random.integers(0, min(grey.shape) - PATCH, (PATCHES, 2)):
            found.append(fine[y : y + PATCH, x : x + PATCH].ravel())
    return np.array(found)


def slope(faces: list[np.ndarray]) -> float:
    steepest = []
    for face in faces:
        grey = face[..., 1].astype(np.float32)
        slopes = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)).ravel()
        steepest.append(np.sort(slopes)[-slopes.size // 20 :].mean())
    return float(np.mean(steepest))


def beyond(drawn: np.ndarray, real: np.ndarray) -> float:
    over = drawn.astype(int) - cv2.dilate(real, AROUND)
    under = cv2.erode(real, AROUND).astype(int) - drawn
    return float((np.maximum(over, 0) + np.maximum(under, 0)).mean())
