"""The page about one training: the style, held-out pictures at three strengths, curves and figures."""

import base64
from collections.abc import Sequence
from html import escape

import numpy as np

from narcissus.lab.likeness.pictures import jpeg
from narcissus.lab.likeness.template import whole_page
from narcissus.lab.style.learn import Entry, Trainer

WIDE, HIGH = 460, 150  # of a curve, in SVG units


def page(name: str, trainer: Trainer, strip: np.ndarray, facts: dict) -> str:
    """HTML. `strip` is what preview.strip makes; `facts` go into the table as they are."""
    style = trainer.style
    diary = trainer.diary
    body = [
        f"<h1>{escape(name)}</h1>",
        f'<p class="lead">A filter from one picture: {escape(style.name)}, {style.pixels.shape[1]} × '
        f"{style.pixels.shape[0]} pixels.</p>",
        _image(style.pixels, f"the style: {style.name}"),
        "<h2>Pictures that nothing was learned from</h2>",
        '<p class="note">As they are, and at three strengths.</p>',
        _image(strip, "held-out pictures, as they are and at three strengths"),
        "<h2>The training</h2>",
        "".join(_curve(what, [(line.step, getattr(line, key)) for line in diary]) for what, key in CURVES),
        "<table>" + "".join(_row(what, told) for what, told in (_facts(trainer) | facts).items()) + "</table>",
    ]
    return whole_page(f"Filter {escape(name)}", body)


CURVES = (
    ("patch distance to the style, held-out pictures", "style"),
    ("distance to the content, held-out pictures", "content"),
)


def _facts(trainer: Trainer) -> dict:
    diary: list[Entry] = trainer.diary
    first, best = diary[0], min(diary, key=lambda line: line.total)
    return {
        "steps": f"{trainer.step:,} of {trainer.steps:,}",
        "time of training": f"{trainer.seconds / 60:.1f} minutes",
        "weights": f"{sum(array.size for array in trainer.best.values()):,}",
        "patch distance of the pictures as they are": f"{first.style:.3f}",
        "patch distance, of the weights kept": f"{best.style:.3f} (step {best.step:,})",
        "content distance, of the weights kept": f"{best.content:.4f}",
        "pictures learned from": f"{len(trainer.contents):,}",
        "seed": str(trainer.seed),
    }


def _row(what: str, told: str) -> str:
    return f'<tr><th>{escape(what)}</th><td class="num">{escape(told)}</td></tr>'


def _image(picture: np.ndarray, alt: str) -> str:
    data = base64.b64encode(jpeg(picture, 88)).decode()
    return f'<p><img style="max-width:100%" alt="{escape(alt)}" src="data:image/jpeg;base64,{data}"></p>'


def _curve(what: str, points: Sequence[tuple[float, float]]) -> str:
    """A line over the steps, from 0 to the largest value."""
    most, last = max(value for _, value in points) or 1.0, max(step for step, _ in points) or 1
    at = [f"{8 + (WIDE - 16) * step / last:.1f},{HIGH - 8 - (HIGH - 24) * value / most:.1f}" for step, value in points]
    axis = f'<path class="axis" fill="none" d="M8 8V{HIGH - 8}H{WIDE - 8}"/>'
    line = f'<polyline fill="none" stroke="#3a544a" stroke-width="2" points="{" ".join(at)}"/>'
    words = f'<text x="14" y="16" font-size="12" fill="#807a6d">{most:.3g}; at the end {points[-1][1]:.3g}</text>'
    svg = f'<svg viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" role="img">{axis}{line}{words}</svg>'
    return f"<figure>{svg}<figcaption>{escape(what)}</figcaption></figure>"
