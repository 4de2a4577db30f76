"""Text for the public: in the house's own font, large enough for two metres, legible on any picture.

Capitals are a fortieth of the wall's shorter side: 10 mm on a screen of 32 inches, 17 minutes of arc at two metres,
where ISO 9241-303 asks for 16. On a larger screen they are larger.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pygame

FONT = Path(__file__).parent / "fonts" / "SourceSansPro-Regular.ttf"  # SIL Open Font License 1.1, beside it
CAPITALS = 1 / 40  # of the wall's shorter side
EM = 1 / 0.66  # of the height of its capitals
LEAST = 12  # pixels of an em, on a wall too small for anything
LEADING = 1.25  # from line to line, in ems
INK = (245, 243, 238)  # RGB: paper by lamplight
HALO, DARKNESS = 0.22, 2.2  # blur in ems, and strength, of the dark around letters


def em_of(wall: tuple[int, int]) -> int:
    """The size in pixels of letters on a wall of this width and height."""
    return max(LEAST, round(min(wall) * CAPITALS * EM))


@lru_cache(maxsize=8)
def font_of(em: int) -> pygame.font.Font:
    return pygame.font.Font(FONT, em)


def forget_fonts() -> None:
    """They end with the display that they were opened for."""
    font_of.cache_clear()


def wrapped(text: str, em: int, width: int) -> list[str]:
    """The lines of a text that is no wider than `width` pixels, about as long as each other.

    A word that is wider has a line of its own; a number and its per cent stay together.
    """
    text = text.replace(" %", "\N{NO-BREAK SPACE}%")
    lines = _broken(text, em, width)
    for narrower in range(width - em, width // 2, -em):
        fewer = _broken(text, em, narrower)
        if len(fewer) > len(lines):
            break
        lines = fewer
    return lines


def _broken(text: str, em: int, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font_of(em).size(longer)[0] <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def lettered(paragraphs: Sequence[Sequence[str]], em: int, centred: bool = False) -> pygame.Surface:
    """Lines, half a line of room after every paragraph, as a picture with alpha, in a soft darkness of their own."""
    font, margin, step = font_of(em), round(2 * HALO * em), round(LEADING * em)
    drawn = [(font.render(line, True, INK), top) for line, top in _set(paragraphs, step)]
    width = max((line.get_width() for line, _ in drawn), default=0)
    height = max((top + line.get_height() for line, top in drawn), default=0)
    mask = np.zeros((height + 2 * margin, width + 2 * margin), np.uint8)
    for line, top in drawn:
        left = margin + (width - line.get_width()) // 2 * centred
        letters = pygame.surfarray.array_alpha(line).T  # (h, w)
        part = mask[margin + top :, left:][: letters.shape[0], : letters.shape[1]]
        np.maximum(part, letters, out=part)
    return _inked(mask, em)


def _set(paragraphs: Sequence[Sequence[str]], step: int) -> Iterator[tuple[str, int]]:
    """Every line and how far down it stands, in pixels."""
    top = 0
    for paragraph in paragraphs:
        for line in paragraph:
            yield line, top
            top += step
        top += step // 2


def _inked(mask: np.ndarray, em: int) -> pygame.Surface:
    """Letters where `mask` uint8 (h, w) is, over their own shadow."""
    letters = mask.astype(np.float32) / 255
    around = np.clip(cv2.GaussianBlur(letters, (0, 0), HALO * em) * DARKNESS, 0, 0.75)
    alpha = letters + around * (1 - letters)  # (h, w): letters over their darkness
    ink = letters / np.maximum(alpha, 1e-6)
    pixels = np.dstack([*(ink * part for part in INK[::-1]), 255 * alpha])
    data = np.rint(pixels).astype(np.uint8)
    return pygame.image.frombuffer(data.tobytes(), data.shape[1::-1], "BGRA")  # as displays are
