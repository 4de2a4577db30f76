"""The report of a training: held-out pictures, true | grey | assumed, with their ΔE. Photographs: never committed."""

import base64
from collections.abc import Iterator

import cv2
import numpy as np

from narcissus.lab.colour.heldout import HeldOut, coloured, lab_of
from narcissus.lab.colour.learn import Entry
from narcissus.lab.colour.measures import differences
from narcissus.lab.likeness.pictures import jpeg, resized
from narcissus.networks.colour.colourist import Colourist

PORTRAITS = 36
PHOTOGRAPHS = 24
SIDE = 192  # pixels

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Assumed colours</title>
<style>
 :root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }}
 body {{ max-width: 1240px; margin: 2rem auto; padding: 0 1rem; }}
 .row {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(380px, 1fr)); gap: 1rem; }}
 figure {{ margin: 0; }} img {{ width: 100%; display: block; }} figcaption {{ font-size: .85rem; opacity: .8; }}
 table {{ border-collapse: collapse; }} td, th {{ padding: .1rem .8rem; text-align: right; }}
</style>
<h1>Assumed colours</h1>
<p>Pictures that nothing was trained or chosen on: true, without colour, and as the whole pile assumes.
ΔE is CIEDE2000, the mean of all places of the picture.</p>
{sections}
<h2>The training</h2>
<table><tr><th>step<th>loss<th>error, ab units</tr>{diary}</table>
</html>
"""


def page(shown: list[HeldOut], colourist: Colourist, diary: list[Entry]) -> str:
    sections = "\n".join(_section(held_out, colourist) for held_out in shown)
    lines = "".join(f"<tr><td>{line.step}<td>{line.loss:.3f}<td>{line.error:.2f}</tr>" for line in diary)
    return PAGE.format(sections=sections, diary=lines)


def _section(held_out: HeldOut, colourist: Colourist) -> str:
    people = held_out.colour_portraits is not None
    count = PORTRAITS if people else PHOTOGRAPHS
    few = HeldOut(held_out.pictures[:count], held_out.landmarks[:count], None)
    title = "Portraits" if people else "Photographs"
    return f'<h2>{title}</h2><div class="row">{"".join(_figures(few, coloured(few, colourist)))}</div>'


def _figures(held_out: HeldOut, assumed: list[np.ndarray]) -> Iterator[str]:
    guess = np.stack([lab_of(picture) for picture in assumed])
    errors = differences(held_out.truth(), guess).mean(axis=(1, 2))
    for true, seen, error in zip(held_out.pictures, assumed, errors, strict=True):
        strip = np.hstack([resized(view, SIDE) for view in (true, without_colour(true), seen)])
        data = base64.b64encode(jpeg(strip, 85)).decode()
        alt = f"true, grey and assumed; ΔE {error:.1f}"
        image = f'<img alt="{alt}" src="data:image/jpeg;base64,{data}">'
        yield f"<figure>{image}<figcaption>ΔE {error:.1f}</figcaption></figure>"


def without_colour(picture: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) -> the same, a and b nothing."""
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lab[..., 1:] = 0
    return cv2.convertScaleAbs(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), alpha=255)
