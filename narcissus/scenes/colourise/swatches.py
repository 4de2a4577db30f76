"""The palette on the wall: for each region the likeliest colours, as wide as they are likely, with their shares."""

import cv2
import numpy as np

from narcissus.networks.colour.palette import Likely

HEIGHT, WIDTH = 0.055, 0.34  # of one row, of the picture's height; of all, of its width
MARGIN = 0.03  # of the picture's height
SHOWN_AT = 65.0  # L* of a swatch: hue and chroma compare when lightness is the same
INK, PAPER = (245, 245, 245), (24, 24, 24)


def with_palette(image: np.ndarray, palette: dict[str, list[Likely]]) -> np.ndarray:
    """uint8 (H, W, 3), a copy with the palette in its lower left corner."""
    image = image.copy()
    height, width = image.shape[:2]
    row, across, margin = round(HEIGHT * height), round(WIDTH * width), round(MARGIN * height)
    top = height - margin - row * len(palette)
    for region, colours in palette.items():
        _row(image[top : top + row - max(2, row // 8), margin : margin + across], region, colours)
        top += row
    return image


def swatch(ab: tuple[float, float]) -> tuple[int, int, int]:
    """The sRGB colour that stands for a and b."""
    lab = np.array([[[SHOWN_AT, *ab]]], np.float32)
    return tuple(int(value) for value in np.rint(np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)[0, 0], 0, 1) * 255))


def _row(strip: np.ndarray, region: str, colours: list[Likely]) -> None:
    """Draw into strip (h, w, 3): the region's name, then its colours."""
    height, width = strip.shape[:2]
    size = height / 42
    label = round(width * 0.2)
    strip[:, :label] = PAPER
    _write(strip, region, 4, size, INK)
    total = sum(colour.probability for colour in colours)
    left = label
    for number, colour in enumerate(colours, 1):
        share = sum(c.probability for c in colours[:number]) / total
        right = label + round((width - label) * share)
        strip[:, left:right] = swatch(colour.ab)
        if right - left > 34 * size * 2:
            _write(strip, f"{colour.probability:.0%}", left + 4, size, PAPER)
        left = right


def _write(strip: np.ndarray, text: str, x: int, size: float, colour: tuple[int, int, int]) -> None:
    at = x, round(strip.shape[0] * 0.68)
    cv2.putText(strip, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)
