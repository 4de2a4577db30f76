"""A contact sheet of whom films make of their viewers under several lights: drawn faces alone, no viewer is in it."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

import cv2
import numpy as np

from narcissus.core.types import Frame
from narcissus.lab.likeness import film
from narcissus.lab.likeness.lights import under
from narcissus.sources.lockstep import every_frame

SHOWN = ("as it is", "exposure 0.5", "tungsten", "shade")  # of lights.LIGHTS
SECONDS, PAUSE = 1.6, 10.0  # of film, after which an arrival is over; from the beginning of one to that of the next
GAP, LABEL, INK, PAPER = 4, 150, 40, 235  # pixels: between pictures, and for a row's name; grey levels


def sheet(films: Sequence[Path], rows: dict[str, object], lights: Sequence[str] = SHOWN) -> np.ndarray:
    """uint8 (H, W, 3): a column for each film; for every light each of `rows`, a Mirror by what its row is called.

    A film in which nobody is found leaves what its mirror dreams.
    """
    lines, start = [], 0.0
    for light in lights:
        for name, scene in rows.items():
            pictures = []
            for path in films:
                pictures.append(last_picture(scene, frames_under(path, light, start)))
                start += PAUSE
            lines.append(_line(light, name, pictures))
    return np.vstack(lines)


def frames_under(path: Path, light: str, start: float) -> Iterator[Frame]:
    """The first SECONDS of a film under one of `lights.LIGHTS`, as a cut at the moment `start`."""
    for number, frame in enumerate(takewhile(lambda frame: frame.time <= SECONDS, every_frame(path))):
        yield Frame(under(frame.image, light), start + frame.time, frame.cut or number == 0)


def last_picture(scene, frames: Iterator[Frame]) -> np.ndarray:
    """What the wall shows for the last of the frames: uint8 (R, R, 3)."""
    for _, picture in film.run(scene, frames):
        last = picture.image
    return last


def _line(light: str, name: str, pictures: list[np.ndarray]) -> np.ndarray:
    side = pictures[0].shape[0]
    paper = np.full((side + GAP, LABEL + len(pictures) * (side + GAP), 3), PAPER, np.uint8)
    for row, word in enumerate((light, name)):
        place = (8, side // 2 - 6 + 22 * row)
        cv2.putText(paper, word, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (INK,) * 3, 1, cv2.LINE_AA)
    for number, picture in enumerate(pictures):
        left = LABEL + number * (side + GAP)
        paper[:side, left : left + side] = picture
    return paper
