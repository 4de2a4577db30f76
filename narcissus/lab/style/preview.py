"""Strips of pictures through a filter: what one looks at while it learns, and afterwards."""

from collections.abc import Sequence

import cv2
import numpy as np

from narcissus.networks.style.filter import Filter

STRENGTHS = (0.33, 0.66, 1.0)
TITLE = 22  # pixels above a column


def strip(painter: Filter, contents: np.ndarray, strengths: Sequence[float] = STRENGTHS) -> np.ndarray:
    """uint8 (n, S, S, 3) -> a row for each: as it is, and at each strength; with titles."""
    columns = [contents, *(painter.paint(contents, strength) for strength in strengths)]
    rows = np.concatenate(columns, axis=2)  # (n, S, columns·S, 3)
    titles = ("0", *(f"{strength:g}" for strength in strengths))
    return np.vstack([titled(titles, contents.shape[2]), *rows])


def titled(names: Sequence[str], side: int) -> np.ndarray:
    """uint8 (TITLE, side·n, 3): a word above each column."""
    paper = np.full((TITLE, side * len(names), 3), 255, np.uint8)
    for column, name in enumerate(names):
        cv2.putText(paper, name, (column * side + 4, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (40, 40, 40), 1, cv2.LINE_AA)
    return paper
