"""The pictures of a training report: faces as PNG, curves and features as SVG."""

import cv2
import numpy as np

from narcissus.portrait import GROUPS
from narcissus.spatial import MEAN_SHAPE, POINT_NAMES

SIDE = 128  # pixels of each face
DRAWN = 40  # selected features that are drawn on the mean face
_LINES = ((0, 17), (17, 22), (22, 27), (27, 31), (31, 36), (36, 42), (42, 48), (48, 60), (60, 68))


def sheet(viewers: np.ndarray, rows: np.ndarray, reflections: np.ndarray) -> bytes:
    """PNG: the viewers uint8 (n, R, R, 3), their landmarks, their reflections, one column for each."""
    large = lambda picture: cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    columns = [np.vstack([large(v), dots(row), large(r)]) for v, row, r in zip(viewers, rows, reflections, strict=True)]
    return cv2.imencode(".png", np.hstack(columns)[..., ::-1])[1].tobytes()


def dots(row: np.ndarray) -> np.ndarray:
    """The shape of a row, uint8 (SIDE, SIDE, 3), white on black."""
    canvas = np.zeros((SIDE, SIDE, 3), np.uint8)
    points = row[GROUPS["shape"]].reshape(68, 2) * 0.5 * SIDE + SIDE / 2
    for start, end in _LINES:
        closed = start >= 36
        cv2.polylines(
            canvas, [np.round(points[start:end] * 8).astype(np.int32)], closed, (255, 255, 255), 1, cv2.LINE_AA, 3
        )
    return canvas


def curve(counts: np.ndarray, errors: np.ndarray, kept: int) -> str:
    """SVG: cross-validated error against the number of features (logarithmic), a mark where selection stopped."""
    low, high = errors.min(), errors.max()
    x = lambda m: 60 + 520 * np.log(m) / np.log(counts[-1])
    y = lambda e: 20 + 200 * (high - e) / max(high - low, 1e-9)
    line = " ".join(f"{x(m):.1f},{y(e):.1f}" for m, e in zip(counts, errors, strict=True))
    ticks = "".join(
        f'<text x="{x(m):.0f}" y="250" text-anchor="middle">{m}</text>' for m in counts if m in (1, 4, 16, 64, 200)
    )
    marks = "".join(f'<text x="52" y="{y(e) + 4:.0f}" text-anchor="end">{e:.3f}</text>' for e in (low, high))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 280" font-family="sans-serif" font-size="12">'
        '<rect width="620" height="280" fill="white"/>'
        f'<polyline points="{line}" fill="none" stroke="#246" stroke-width="2"/>'
        f'<line x1="{x(kept):.1f}" x2="{x(kept):.1f}" y1="20" y2="230" stroke="#b33" stroke-dasharray="4 3"/>'
        f'<text x="{x(kept) + 4:.0f}" y="32" fill="#b33">{kept} kept</text>{ticks}{marks}'
        '<text x="320" y="272" text-anchor="middle">features</text></svg>\n'
    )


def features_on_a_face(names: tuple[str, ...], gains: np.ndarray) -> str:
    """SVG: the first features between two landmarks as lines on the mean face, wider where they gain more."""
    place = {name: 200 + 230 * np.array(xy) for name, xy in zip(POINT_NAMES, MEAN_SHAPE.tolist(), strict=True)}
    points = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="#999"/>' for x, y in place.values())
    lines = []
    for name, gain in zip(names[:DRAWN], gains[:DRAWN], strict=True):
        ends = name.removeprefix("log distance ").removesuffix(", x").removesuffix(", y").split(" – ")
        if len(ends) == 2:
            (x1, y1), (x2, y2) = place[ends[0]], place[ends[1]]
            width = 1 + 4 * np.sqrt(gain / gains[0])
            lines.append(
                f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{_ink(name)}"'
                f' stroke-width="{width:.1f}" stroke-opacity="0.6"/>'
            )
    keys = ((372, "a, x", "sideways"), (388, "a, y", "upright"), (404, "a", "log-distance"))
    key = "".join(f'<text x="14" y="{y}" fill="{_ink(like)}">{word}</text>' for y, like, word in keys)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 420" font-family="sans-serif" font-size="12">'
        f'<rect width="400" height="420" fill="white"/>{"".join(lines)}{points}{key}</svg>\n'
    )


def _ink(name: str) -> str:
    return "#246" if name.endswith(", x") else "#b33" if name.endswith(", y") else "#383"
