"""Small pictures of figures for the model card, drawn with cv2 alone."""

from collections.abc import Sequence

import cv2
import numpy as np

INK, PALE = (40, 40, 40), (225, 225, 225)  # BGR
COLOURS = ((160, 90, 20), (40, 90, 200))
LEFT, TOP, WIDTH, HEIGHT = 60, 40, 400, 240  # pixels of the frame that holds the data


def lines(title: str, across: str, x: Sequence[float], series: dict[str, Sequence[float]]) -> bytes:
    """A PNG of each series over x, from zero up."""
    top = _round_up(max(max(values) for values in series.values()))
    canvas = _frame(title, across, (min(x), max(x)), (0.0, top))
    for row, (name, values) in enumerate(series.items()):
        right = LEFT + _place(x, min(x), max(x), WIDTH)
        down = TOP + HEIGHT - _place(values, 0, top, HEIGHT)
        points = np.stack([right, down], axis=-1).round().astype(np.int32)
        cv2.polylines(canvas, [points], False, COLOURS[row], 2, cv2.LINE_AA)
        _write(canvas, name, (LEFT + 160 + 130 * row, 24), COLOURS[row])
    return _png(canvas)


def heat(title: str, across: str, x: np.ndarray, y: np.ndarray, limit: float, cells: int = 40) -> bytes:
    """A PNG of how often (x, y) falls where, both from 0 to `limit`; on the diagonal both are equal."""
    counts = np.histogram2d(y, x, cells, ((0, limit), (0, limit)))[0][::-1]  # rows from the top
    dark = 255 - 255 * np.sqrt(counts / counts.max())
    canvas = _frame(title, across, (0, limit), (0, limit))
    shade = cv2.resize(dark.astype(np.uint8), (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
    canvas[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH] = shade[..., None]
    cv2.line(canvas, (LEFT, TOP + HEIGHT), (LEFT + WIDTH, TOP), COLOURS[1], 1, cv2.LINE_AA)
    return _png(canvas)


def _frame(title: str, across: str, x: tuple[float, float], y: tuple[float, float]) -> np.ndarray:
    canvas = np.full((TOP + HEIGHT + 50, LEFT + WIDTH + 20, 3), 255, np.uint8)
    for share in np.linspace(0, 1, 5):
        right, down = round(LEFT + share * WIDTH), round(TOP + HEIGHT - share * HEIGHT)
        cv2.line(canvas, (LEFT, down), (LEFT + WIDTH, down), PALE, 1)
        _write(canvas, f"{y[0] + share * (y[1] - y[0]):.3g}", (10, down + 4))
        _write(canvas, f"{x[0] + share * (x[1] - x[0]):.3g}", (right - 8, TOP + HEIGHT + 18))
    cv2.rectangle(canvas, (LEFT, TOP), (LEFT + WIDTH, TOP + HEIGHT), INK, 1)
    _write(canvas, title, (LEFT, 24))
    _write(canvas, across, (LEFT, TOP + HEIGHT + 38))
    return canvas


def _round_up(value: float) -> float:
    """The next 1, 2, 4 or 8 times a power of ten: its quarters are short to write."""
    unit = 10.0 ** np.floor(np.log10(max(value, 1e-9)))
    return float(unit * next(step for step in (1, 2, 4, 8, 10) if step * unit >= value))


def _place(values: Sequence[float], low: float, high: float, length: int) -> np.ndarray:
    return (np.asarray(values, float) - low) / max(high - low, 1e-9) * length


def _write(canvas: np.ndarray, text: str, at: tuple[int, int], colour: tuple[int, int, int] = INK) -> None:
    cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, 1, cv2.LINE_AA)


def _png(canvas: np.ndarray) -> bytes:
    return cv2.imencode(".png", canvas)[1].tobytes()
