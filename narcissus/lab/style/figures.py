"""What is measured of a filter: how near it comes to its style, whether faces stay, noise, flicker and speed."""

import time
from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
import tensorflow as tf

from narcissus.lab.style import patches
from narcissus.lab.style.contents import as_image
from narcissus.networks.style.filter import Filter

SIDE = 11  # pixels of a patch: not what the training looked at
DIRECTIONS = 256
SEED = 20_000
NOISE = 2.0  # σ of 0 to 255
LOST = 1.0  # pixels: where going there and back misses by more, something came into view
QUICKEST = 0.2  # quantile of the times: the others were disturbed


def patch_distance(pictures: np.ndarray, style: np.ndarray) -> float:
    """Mean of the levels' sliced distance of uint8 (n, S, S, 3) to a style float32 (1, H, W, 3), as no training saw it:
    larger patches, other directions, none of them whitened.
    """
    rng = np.random.default_rng(SEED)
    slices = [patches.directions(rng, DIRECTIONS, side=SIDE) for _ in range(patches.LEVELS)]
    return float(
        np.mean(patches.distances(tf.constant(as_image(pictures)), patches.pyramid(tf.constant(style)), slices))
    )


def noise_ratio(painter: Filter, pictures: np.ndarray, strength: float, seed: int = 0) -> float:
    """How much larger the difference that noise makes is after the filter than before, of uint8 (n, H, W, 3)."""
    noise = np.random.default_rng(seed).normal(0, NOISE, pictures.shape)
    noisy = np.clip(np.rint(pictures + noise), 0, 255).astype(np.uint8)
    before = _rms(noisy, pictures)
    return _rms(painter.paint(noisy, strength), painter.paint(pictures, strength)) / before


def flicker(frames: Sequence[np.ndarray], painted: Sequence[np.ndarray]) -> float:
    """Warped error of painted frames over that of the frames themselves; uint8 (H, W, 3) each, in order.

    Each next frame is brought back along the optical flow of the frames; what came into view does not count
    (Ruder, Dosovitskiy, Brox 2016).
    """
    own, theirs = [], []
    for (first, second), (first_painted, second_painted) in zip(pairwise(frames), pairwise(painted), strict=True):
        places, seen = _back(first, second)
        own.append(_warped_error(first, second, places, seen))
        theirs.append(_warped_error(first_painted, second_painted, places, seen))
    return float(np.mean(theirs) / np.mean(own))


def pace(painter: Filter, height: int, width: int, seconds: float = 1.0) -> tuple[float, float]:
    """Milliseconds for a picture of that size, by the clock and of processor time, all threads together.

    Both are the 20 % quantile, for other programs disturb the rest.
    """
    picture = np.random.default_rng(0).integers(0, 256, (1, height, width, 3), dtype=np.uint8)
    painter.paint(picture)  # compiled
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end or len(times) < 5:
        begun = time.perf_counter(), time.process_time()
        painter.paint(picture)
        times.append((time.perf_counter() - begun[0], time.process_time() - begun[1]))
    clock, processor = 1000 * np.quantile(times, QUICKEST, axis=0)
    return float(clock), float(processor)


def _rms(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(one.astype(np.float32) - other))))


def _back(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each pixel of the first frame lies in the second, float32 (H, W, 2), and whether it is seen there."""
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (first, second)]
    there, back = flow.calc(*grey, None), flow.calc(*grey[::-1], None)
    y, x = np.mgrid[: first.shape[0], : first.shape[1]].astype(np.float32)
    places = np.stack([x, y], -1) + there
    returned = there + cv2.remap(back, places[..., 0], places[..., 1], cv2.INTER_LINEAR)
    inside = ((places >= 0) & (places <= np.array(first.shape[1::-1]) - 1)).all(-1)
    return places, inside & (np.linalg.norm(returned, axis=-1) < LOST)


def _warped_error(first: np.ndarray, second: np.ndarray, places: np.ndarray, seen: np.ndarray) -> float:
    warped = cv2.remap(second, places[..., 0], places[..., 1], cv2.INTER_LINEAR)
    return _rms(warped[seen], first[seen])
