"""The pictures of a training report: faces as JPEG and PNG, shapes, curves and features as SVG.

The SVG are parts of a page and take their ink from its style sheet (report.html), so that they follow light and dark.
"""

from base64 import b64encode
from collections.abc import Sequence
from html import escape

import cv2
import numpy as np

from narcissus.features.portrait import GROUPS
from narcissus.features.spatial import MEAN_SHAPE, ends_of
from narcissus.lab.training.groups import Curve

SIDE = 128  # pixels of each face in the sheet
SHOWN_SIDE = 160  # … and on the page
DRAWN = 40  # selected features that are drawn on the mean face
_LINES = ((0, 17), (17, 22), (22, 27), (27, 31), (31, 36), (36, 42), (42, 48), (48, 60), (60, 68))
_CLOSED = 36  # the lines from this point on are closed


def contact_sheet(viewers: np.ndarray, rows: np.ndarray, reflections: np.ndarray) -> bytes:
    """PNG: the viewers uint8 (n, R, R, 3), their landmarks, their reflections, one column for each."""
    large = lambda picture: resized(picture, SIDE)
    columns = [np.vstack([large(v), dots(row), large(r)]) for v, row, r in zip(viewers, rows, reflections, strict=True)]
    return cv2.imencode(".png", np.hstack(columns)[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()


def dots(row: np.ndarray) -> np.ndarray:
    """The shape of a row, uint8 (SIDE, SIDE, 3), white on black."""
    canvas = np.zeros((SIDE, SIDE, 3), np.uint8)
    points = row[GROUPS["shape"]].reshape(68, 2) * 0.5 * SIDE + SIDE / 2
    for start, end in _LINES:
        line = np.round(points[start:end] * 8).astype(np.int32)
        cv2.polylines(canvas, [line], start >= _CLOSED, (255, 255, 255), 1, cv2.LINE_AA, 3)
    return canvas


def resized(picture: np.ndarray, side: int) -> np.ndarray:
    """uint8 (side, side, 3): averaged down, or bicubic up."""
    how = cv2.INTER_AREA if side < picture.shape[0] else cv2.INTER_CUBIC
    return cv2.resize(picture, (side, side), interpolation=how)


def photo(picture: np.ndarray, said: str) -> str:
    """An <img> that holds its picture uint8 (R, R, 3)."""
    data = cv2.imencode(".jpg", resized(picture, SHOWN_SIDE)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes()
    return f'<img alt="{escape(said)}" src="data:image/jpeg;base64,{b64encode(data).decode()}">'


def shape(row: np.ndarray) -> str:
    """SVG: the shape of a row, upright and in the size of its eyes."""
    points = row[GROUPS["shape"]].reshape(68, 2) * 50 + 50
    lines = (
        f'<{"polygon" if start >= _CLOSED else "polyline"} points="{_points(points[start:end])}"/>'
        for start, end in _LINES
    )
    return f'<svg class="shape" viewBox="0 0 100 100" role="img" aria-label="its landmarks">{"".join(lines)}</svg>'


def curves(many: Sequence[Curve]) -> str:
    """SVG: cross-validated error against the number of features (logarithmic); a ring where each selection stopped."""
    most = max(int(one.counts[-1]) for one in many)
    low, start = min(one.errors.min() for one in many), max(one.errors[0] for one in many)
    high = start + 0.1 * (start - low)  # beyond, too many features only learn the training faces by heart
    x = lambda m: 46 + 424 * np.log(m) / np.log(max(most, 2))
    y = lambda e: 14 + 220 * (high - e) / max(high - low, 1e-9)
    parts = []
    for share in np.linspace(low, high, 4):
        parts.append(f'<line class="rule" x1="46" x2="470" y1="{y(share):.1f}" y2="{y(share):.1f}"/>')
        parts.append(f'<text x="40" y="{y(share) + 4:.1f}" text-anchor="end">{share:.3f}</text>')
    for m in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512):
        if m <= most:
            parts.append(f'<text x="{x(m):.1f}" y="254" text-anchor="middle">{m}</text>')
    lines, rings = [], []
    for number, one in enumerate(many):
        ink = _ink(number, len(many))
        line = _points(np.column_stack([[x(m) for m in one.counts], [y(e) for e in one.errors]]))
        kept = f'cx="{x(one.kept):.1f}" cy="{y(one.error):.1f}"'
        lines.append(f'<polyline class="{ink}" points="{line}"><title>{escape(one.name)}</title></polyline>')
        rings.append(f'<circle class="{ink}" {kept} r="4"><title>{one.kept} kept</title></circle>')
    inner = 'x="46" y="8" width="424" height="230" viewBox="46 8 424 230"'  # what runs out of it is not drawn
    parts += [f"<svg {inner}>{''.join(lines)}</svg>", *rings]
    parts.append('<text x="258" y="274" text-anchor="middle">number of features</text>')
    return f'<svg class="curves" viewBox="0 0 480 280" role="img" aria-label="error">{"".join(parts)}</svg>'


def features_on_a_face(names: tuple[str, ...], gains: np.ndarray) -> str:
    """SVG: the first features between two landmarks as lines on the mean face, wider where they gain more."""
    face = 200 + 230 * MEAN_SHAPE.astype(float)  # (68, 2)
    parts = [
        f'<{"polygon" if start >= _CLOSED else "polyline"} class="outline" points="{_points(face[start:end])}"/>'
        for start, end in _LINES
    ]
    for name, gain in zip(names[:DRAWN], gains[:DRAWN], strict=True):
        if ends := ends_of(name):
            (x1, y1), (x2, y2) = face[list(ends)]
            width = 1 + 4 * np.sqrt(gain / gains[0])
            parts.append(
                f'<line class="{_way(name)}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
                f' stroke-width="{width:.1f}"><title>{escape(name)}</title></line>'
            )
    parts += [f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="2"/>' for x, y in face]
    (left, top), (width, height) = face.min(axis=0) - 8, np.ptp(face, axis=0) + 16
    frame = f"{left:.0f} {top:.0f} {width:.0f} {height:.0f}"
    return f'<svg class="features" viewBox="{frame}" role="img" aria-label="features">{"".join(parts)}</svg>'


def strip(own: float, others: dict[str, float], scale: tuple[float, float]) -> str:
    """SVG: one figure as a dot among rings, which are the same figure of answers that know less; NaN is left out."""
    at = lambda value: 6 + 228 * min(1.0, max(0.0, (value - scale[0]) / (scale[1] - scale[0])))
    parts = ['<line class="rule" x1="6" x2="234" y1="11" y2="11"/>']
    for name, value in others.items():
        if not np.isnan(value):
            said = f"<title>{escape(name)}: {value:.2f}</title>"
            parts.append(f'<circle class="other" cx="{at(value):.1f}" cy="11" r="4">{said}</circle>')
    if not np.isnan(own):
        parts.append(f'<circle class="own" cx="{at(own):.1f}" cy="11" r="5.5"/>')
    return f'<svg class="strip" viewBox="0 0 240 22" aria-hidden="true">{"".join(parts)}</svg>'


def bar(share: float) -> str:
    """A part of a whole, 0 to 1, as a line of that length."""
    return f'<span class="bar" style="width:{100 * min(1.0, max(0.0, share)):.1f}%"></span>'


def swatch(number: int, count: int) -> str:
    """The key of a curve, for the table beside it."""
    line = f'<line class="{_ink(number, count)}" x1="1" x2="21" y1="5" y2="5"/>'
    return f'<svg class="swatch" viewBox="0 0 22 10" aria-hidden="true">{line}</svg>'


def _ink(number: int, count: int) -> str:
    """The last one is what is used; those before it lead there."""
    return "c-all" if number == count - 1 else f"c-{number}"


def _way(name: str) -> str:
    return "sideways" if name.endswith(", x") else "upright" if name.endswith(", y") else "distance"


def _points(points: np.ndarray) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
