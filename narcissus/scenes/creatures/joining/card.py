"""What stands in the middle of the wall while somebody joins: the ring, then the hybrid with its profile and its code.

Pictures of uint8 (h, w, 3) RGB, in the house's own letters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import segno

from narcissus.scenes.creatures.profile.profile import Profile
from narcissus.sinks.lettering import FONT

PAPER, INK, QUIET, ACCENT = (17, 17, 20), (236, 232, 222), (150, 147, 140), (255, 170, 110)
TRACK = (52, 52, 56)  # what the ring has yet to run
MARGIN = 0.05  # of the height
FINE = 4  # bits behind the point of coordinates
QUIET_ZONE = 4  # modules around a QR code: ISO/IEC 18004


@dataclass(frozen=True, slots=True, eq=False)
class Ring:
    """The ring of one size before any of it has run, around each number that it comes to."""

    faces: tuple[np.ndarray, ...]  # uint8 (h, w, 3), of 1, 2, 3 …

    @classmethod
    def lettered(cls, size: tuple[int, int], most: int, line: str) -> "Ring":
        """Numbers up to `most`, over one line of words."""
        return cls(tuple(_face(size, str(number), line) for number in range(1, most + 1)))

    def run(self, progress: float, count: int) -> np.ndarray:
        """`progress` 0 to 1 of it drawn, around `count`: uint8 (h, w, 3). Letters nothing: any thread has time."""
        image = self.faces[count - 1].copy()
        _arc(image, progress, ACCENT)
        return image


def card(
    size: tuple[int, int],
    portrait: np.ndarray,
    profile: Profile,
    below: Sequence[tuple[str, bool]],
    guessed: str,
    born: str,
    address: str,
    scan: str,
) -> np.ndarray:
    """The hybrid, its profile and what it means; `below`: lines for the visitor, True those that matter most.

    `address`: what the QR code holds; "": there is no page, and no code.
    """
    width, height = size
    image = np.full((height, width, 3), PAPER, np.uint8)
    margin = round(MARGIN * height)
    side = min(round(height * 0.63), round(width * 0.34))
    _lay(image, portrait, margin, margin, side)
    code = round(side * 0.6) if address else 0
    left = 2 * margin + side
    _profile(image[:, : width - code - (2 * margin if code else margin)], profile, guessed, born, left, margin, side)
    if address:
        _scan(image, address, scan, width - margin - code, margin, code)
    _below(image, below, margin, 2 * margin + side)
    return image


def folded(text: str, size: int, width: int) -> list[str]:
    """The text in lines no wider than `width` pixels, broken between words."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _width(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def qr(address: str, side: int) -> np.ndarray:
    """A QR code uint8 (n, n, 3), at most `side` pixels, every module as many pixels as may be."""
    modules = np.array([list(row) for row in segno.make(address, error="m").matrix_iter(border=QUIET_ZONE)], np.uint8)
    each = max(1, side // len(modules))
    dark = np.kron(modules, np.ones((each, each), np.uint8)) > 0
    return np.where(dark[..., None], np.uint8(PAPER), np.uint8(INK))


def _face(size: tuple[int, int], number: str, line: str) -> np.ndarray:
    width, height = size
    image = np.full((height, width, 3), PAPER, np.uint8)
    _arc(image, 1.0, TRACK)
    (across, down), radius = _ring_of(height, width)
    _centred(image, number, across, round(down + radius * 0.34), round(radius * 0.95), INK)
    lines = folded(line, height // 15, width - 2 * round(MARGIN * height))
    for count, words in enumerate(lines):
        _centred(image, words, across, round(height * (0.88 + 0.09 * count)), height // 15, INK)
    return image


def _profile(image: np.ndarray, profile: Profile, guessed: str, born: str, left: int, top: int, side: int) -> None:
    lines = len(profile.invented) + len(profile.guessed) + 5
    size, step, room = round(side / lines * 0.84), side / lines, image.shape[1] - left
    y = top + step * 1.25
    _write(image, profile.name, left, y, round(size * 1.7), INK)
    y += step
    _write(image, fitting(born, size, room), left, y, size, QUIET)
    across = min(room // 2, max(_width(name, size) for name, _ in profile.invented) + size)
    for name, value in profile.invented:
        y += step
        _write(image, fitting(name, size, across), left, y, size, QUIET)
        _write(image, fitting(value, size, room - across), left + across, y, size, INK)
    y += step * 1.5
    _write(image, guessed, left, y, round(size * 0.92), ACCENT)
    for line in profile.guessed:
        y += step
        _write(image, fitting(line, size, room), left, y, size, QUIET)


def fitting(text: str, size: int, room: int) -> str:
    """The text, cut where it is wider than `room` pixels."""
    while text and _width(text, size) > room:
        text = text[:-2].rstrip() + "…" if len(text) > 2 else ""
    return text


def _scan(image: np.ndarray, address: str, words: str, left: int, top: int, side: int) -> None:
    code = qr(address, side)
    inset = (side - len(code)) // 2
    image[top : top + len(code), left + inset : left + inset + len(code)] = code
    size = max(9, side // 11)
    for number, line in enumerate(folded(words, size, side)):
        _write(image, line, left + inset, top + len(code) + size * (1.5 + 1.3 * number), size, QUIET)


def _below(image: np.ndarray, lines: Sequence[tuple[str, bool]], margin: int, top: int) -> None:
    """As many lines as there are, in the room that is left."""
    height, width = image.shape[:2]
    step = (height - top - margin // 2) / max(2, len(lines))
    for number, (words, matters) in enumerate(lines):
        size = min(round(step * (0.85 if matters else 0.66)), height // 12)
        while size > 8 and _width(words, size) > width - 2 * margin:
            size -= 1
        _write(image, words, margin, top + step * (number + 0.72), size, ACCENT if matters else INK)


def _lay(image: np.ndarray, portrait: np.ndarray, left: int, top: int, side: int) -> None:
    smaller = len(portrait) > side
    how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    image[top : top + side, left : left + side] = cv2.resize(portrait, (side, side), interpolation=how)


def _ring_of(height: int, width: int) -> tuple[tuple[int, int], int]:
    """The ring's centre and radius, in pixels."""
    return (width // 2, round(height * 0.42)), round(height * 0.28)


def _arc(image: np.ndarray, share: float, colour: tuple) -> None:
    """So much of the ring, from its top on."""
    (across, down), radius = _ring_of(*image.shape[:2])
    turn = np.radians(np.linspace(-90, -90 + 360 * share, max(2, round(180 * share))))
    points = np.rint(np.stack([across + radius * np.cos(turn), down + radius * np.sin(turn)], axis=1) * 2**FINE)
    thick = max(2, len(image) // 60)
    cv2.polylines(image, [points.astype(np.int32)], False, colour, thick, cv2.LINE_AA, FINE)


@lru_cache(1)
def _font() -> "cv2.FontFace":
    return cv2.FontFace(str(FONT))


def _width(text: str, size: int) -> int:
    return int(cv2.getTextSize((0, 0), text, (0, 0), _font(), size)[2])


def _write(image: np.ndarray, text: str, left: float, baseline: float, size: int, colour: tuple) -> None:
    if text:
        cv2.putText(image, text, (round(left), round(baseline)), colour, _font(), max(1, size))


def _centred(image: np.ndarray, text: str, middle: int, baseline: int, size: int, colour: tuple) -> None:
    _write(image, text, middle - _width(text, size) / 2, baseline, size, colour)
