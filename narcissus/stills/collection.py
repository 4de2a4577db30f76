"""A collection seen at once: a contact sheet, and a page that shows each picture as it was beside what it became."""

import base64
import html
import math
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import cv2
import numpy as np

SIDE = 320  # pixels of the longer side of a small picture
MOST_ACROSS = 6  # pictures in a row of the contact sheet
GAP, PAPER = 12, 24  # pixels between them, and the grey behind them

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
 :root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }}
 body {{ max-width: 1240px; margin: 2rem auto; padding: 0 1rem; }}
 main {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(340px, 1fr)); gap: 1.5rem; align-items: end; }}
 figure {{ margin: 0; }} figcaption {{ font-size: .85rem; opacity: .8; overflow-wrap: anywhere; }}
 a {{ display: grid; grid-template-columns: 1fr 1fr; gap: 2px; color: inherit; }}
 img {{ width: 100%; display: block; }}
</style>
<h1>{title}</h1>
<p>{said}</p>
<main>
{figures}
</main>
</html>
"""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One picture of the collection."""

    file: Path  # what it became
    before: np.ndarray  # uint8 (h, w, 3) RGB, small
    after: np.ndarray  # the same size


def small(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) -> its longer side SIDE pixels at most."""
    scale = SIDE / max(image.shape[:2])
    if scale >= 1:
        return image
    size = [max(1, round(side * scale)) for side in image.shape[1::-1]]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def contact_sheet(pieces: list[Piece]) -> bytes:
    """A PNG of what all of them became, in rows."""
    across = min(MOST_ACROSS, math.ceil(math.sqrt(len(pieces))))
    down = math.ceil(len(pieces) / across)
    cell = SIDE + GAP
    sheet = np.full((down * cell + GAP, across * cell + GAP, 3), PAPER, np.uint8)
    for number, piece in enumerate(pieces):
        height, width = piece.after.shape[:2]
        top = GAP + number // across * cell + (SIDE - height) // 2
        left = GAP + number % across * cell + (SIDE - width) // 2
        sheet[top : top + height, left : left + width] = piece.after
    return cv2.imencode(".png", cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))[1].tobytes()


def page(pieces: list[Piece], title: str, said: str, folder: Path) -> str:
    """HTML that stands by itself but for the pictures it leads to, which lie in `folder`."""
    figures = "\n".join(_figure(piece, folder) for piece in pieces)
    return PAGE.format(title=html.escape(title), said=html.escape(said), figures=figures)


def _figure(piece: Piece, folder: Path) -> str:
    name = str(piece.file.relative_to(folder))
    pictures = "".join(f'<img alt="{alt}" src="{_inside(image)}">' for alt, image in _views(piece))
    return f'<figure><a href="{quote(name)}">{pictures}</a><figcaption>{html.escape(name)}</figcaption></figure>'


def _views(piece: Piece) -> list[tuple[str, np.ndarray]]:
    return [("before", piece.before), ("after", piece.after)]


def _inside(image: np.ndarray) -> str:
    data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, 85))[1]
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
