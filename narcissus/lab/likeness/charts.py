"""Small drawings in SVG: a figure among its baselines, shares of a whole, a table of transitions."""

from collections.abc import Sequence
from html import escape

WIDTH = 420  # of a whisker's box, in SVG units
BOUNDS = {"own photo", "oracle"}  # drawn as diamonds
SHADES = ("#f3e3d0", "#e4c4a0", "#cd9f75", "#a9764d", "#79502f", "#47301f")  # tones, lightest first
PLAIN = ("#e7e2d6", "#cfc8b7", "#b2aa97", "#938b79", "#6f6858", "#4b463b")  # bands of age; gender takes the 2nd and 5th


def whisker(
    figure: dict, others: dict[str, float | None], scale: tuple[float, float], goal: float | None = None
) -> str:
    """One line: the figure with its interval, the baselines as small marks, the goal as a tick. Values beyond are
    clipped.

    `figure` is {value, low, high, n}; `others` maps the name of a baseline or bound to its value; `scale` is (left,
    right).
    """
    at = lambda value: 8 + (WIDTH - 16) * min(1.0, max(0.0, (value - scale[0]) / (scale[1] - scale[0])))
    parts = [f'<line class="axis" x1="8" x2="{WIDTH - 8}" y1="14" y2="14"/>']
    if goal is not None:
        parts.append(f'<path class="goal" d="M{at(goal):.1f} 3V25"><title>asked for: {goal:g}</title></path>')
    for name, value in others.items():
        if value is not None:
            title = f"<title>{escape(name)}: {value:.3g}</title>"
            x = f"{at(value):.1f}"
            bound = f'<path class="bound" d="M{x} 8l6 6l-6 6l-6 -6z">{title}</path>'
            parts.append(bound if name in BOUNDS else f'<circle class="base" cx="{x}" cy="14" r="4">{title}</circle>')
    if figure["low"] is not None:
        parts.append(f'<line class="span" x1="{at(figure["low"]):.1f}" x2="{at(figure["high"]):.1f}" y1="14" y2="14"/>')
    if figure["value"] is not None:
        parts.append(f'<circle class="ours" cx="{at(figure["value"]):.1f}" cy="14" r="5.5"/>')
    return f'<svg class="whisker" viewBox="0 0 {WIDTH} 28" role="img">{"".join(parts)}</svg>'


def shares(named: dict[str, dict], shades: Sequence[str]) -> str:
    """One stacked bar, 0 to 100 %: {band: {value, low, high, n}}; the interval and count are in each part's title."""
    parts = []
    for (name, figure), shade in zip(named.items(), shades, strict=False):
        share = 100 * (figure["value"] or 0.0)
        span = "" if figure["low"] is None else f" ({100 * figure['low']:.0f} to {100 * figure['high']:.0f} %)"
        title = escape(f"{name}: {share:.1f} %{span}, n = {figure['n']}")
        ink = "#fff" if _dark(shade) else "#222"
        text = f"{share:.0f}" if share > 3.5 else ""
        style = f"flex:0 0 {share:.3f}%;background:{shade};color:{ink}"
        parts.append(f'<span style="{style}" title="{title}">{text}</span>')
    return f'<div class="shares">{"".join(parts)}</div>'


def legend(names: Sequence[str], shades: Sequence[str]) -> str:
    keys = (
        f'<span><i style="background:{shade}"></i>{escape(name)}</span>'
        for name, shade in zip(names, shades, strict=False)
    )
    return f'<p class="legend">{"".join(keys)}</p>'


def transition_table(counts: list[list[int]], names: Sequence[str]) -> str:
    """Viewers' bands down, reflections' bands across; the darker a cell, the larger its share of the row."""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows = []
    for name, row in zip(names, counts, strict=True):
        total = sum(row)
        cells = "".join(
            f'<td style="background:rgba(58,84,74,{0.75 * count / max(total, 1):.2f})" title="{_part(count, total)}">'
            f"{count or '·'}</td>"
            for count in row
        )
        rows.append(f"<tr><th>{escape(name)}</th>{cells}<td class='sum'>{total}</td></tr>")
    return f'<table class="transitions"><tr><th></th>{head}<th class="sum">n</th></tr>{"".join(rows)}</table>'


def _part(count: int, total: int) -> str:
    return f"{100 * count / total:.0f} % of {total}" if total else "nobody"


def _dark(shade: str) -> bool:
    red, green, blue = (int(shade[i : i + 2], 16) for i in (1, 3, 5))
    return 0.3 * red + 0.6 * green + 0.1 * blue < 140


def number(value: float, digits: int) -> str:
    """With a true minus, and none before a zero."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if not float(text) else text.replace("-", "−")
