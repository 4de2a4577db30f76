"""The bare reflection for films and other programs: whole and upright, without the framing of the wall."""

import cv2
import numpy as np

from narcissus.sinks.enlarge import FINE, enlarge

LEAST, MOST = 720, 1080  # pixels of its height


def size_of(image: np.ndarray) -> tuple[int, int]:
    """Width and height for pictures such as this one, uint8 (H, W, 3); even, as video wants them."""
    height = min(MOST, max(LEAST, image.shape[0]))
    width = round(height * image.shape[1] / image.shape[0])
    return width + width % 2, height + height % 2


def bare(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """uint8 (H, W, 3) RGB -> uint8 (height, width, 3) RGB; `size` is width and height. Black stands where it ends."""
    width, height = size
    scale = min(width / image.shape[1], height / image.shape[0])
    across, down = (max(1, round(side * scale)) for side in (image.shape[1], image.shape[0]))
    fine = enlarge(image, min(down, max(FINE, image.shape[0])))
    large = cv2.resize(fine, (across, down), interpolation=cv2.INTER_LINEAR)
    if (across, down) == size:
        return large
    whole = np.zeros((height, width, 3), np.uint8)
    left, top = (width - across) // 2, (height - down) // 2
    whole[top : top + down, left : left + across] = large
    return whole
