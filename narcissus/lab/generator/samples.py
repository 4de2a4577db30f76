"""What the generator draws so far: a page in the work folder that renews itself while the training goes on."""

from html import escape
from pathlib import Path

import numpy as np

from narcissus.core.files import write_whole
from narcissus.lab.generator.training import Entry, Training
from narcissus.lab.likeness.pictures import png
from narcissus.lab.likeness.template import whole_page
from narcissus.networks.pggan.samples import sample_latents, tiled

ROWS, COLUMNS = 8, 8
AT_ONCE = 16  # pictures drawn
RENEWED = 20  # seconds between two looks of the browser
LINES = 40  # of the diary on the page; the newest

STYLE = """<style>img.sheet { width: 100%; image-rendering: pixelated; display: block; margin: 24px 0; }
table { width: auto; } td, th { text-align: right; padding-right: 26px; }</style>"""


def sheet(training: Training) -> np.ndarray:
    """64 samples, none left out: uint8 (8·r, 8·r, 3), r the resolution that is being learned."""
    latents = sample_latents(training.adversaries.arguments.latent_size, ROWS * COLUMNS)
    parts = [latents[start : start + AT_ONCE] for start in range(0, len(latents), AT_ONCE)]
    return tiled(np.concatenate([training.adversaries.draw(part, *training.growth) for part in parts]), ROWS)


def show(work: Path, training: Training, name: str, told: str, until: float, ended: str = "") -> None:
    """Write samples.png and index.html; this sitting goes on until `until` seconds of training in all.

    `ended` says how it ended, and stops the renewing.
    """
    write_whole(work / "samples.png", png(sheet(training)))
    write_whole(work / "index.html", page(training, name, told, until, ended))


def page(training: Training, name: str, told: str, until: float, ended: str) -> str:
    last, fade = training.growth
    now = f"{2**last} of {training.adversaries.arguments.resolution} px" + (", fading in" if fade else "")
    times, until = training.seen / len(training.pictures), max(until, training.seconds)
    body = [
        STYLE,
        f"<h1>{escape(name)}</h1>",
        f'<p class="lead">{now}, {training.seen:,} pictures seen, each about {times:.0f} times; '
        f"{_minutes(training.seconds)} of {_minutes(until)} trained.</p>",
        f'<p class="soft">{escape(told)}. {escape(ended)}</p>',
        f'<img class="sheet" alt="64 samples" src="samples.png?{training.step}">',
        '<p class="note">64 samples, none left out, always of the same latents.</p>',
        f"<h2>How it goes</h2>{_diary(training.diary)}",
        "" if ended else f"<script>setTimeout(() => location.reload(), {RENEWED * 1000})</script>",
    ]
    return whole_page(f"{name}: samples", body)


def _diary(diary: list[Entry]) -> str:
    head = "<tr><th>time<th>px<th>seen<th>judge’s loss<th>generator’s loss<th>sure of examples<th>augmented</tr>"
    lines = "".join(
        f"<tr><td>{_minutes(e.seconds)}<td>{e.pixels}<td>{e.seen:,}<td>{e.judge:.2f}<td>{e.generator:.2f}"
        f"<td>{e.sureness:+.2f}<td>{e.augmenting:.0%}</tr>"
        for e in reversed(diary[-LINES:])
    )
    note = (
        "The judge’s loss is 1.39 where it cannot tell drawn from real, and 0 where it always can. Where it becomes "
        "too sure of the examples (above +0.60), more of what it sees is augmented."
    )
    return f'<p class="note">{note}</p><div class="scroll"><table>{head}{lines}</table></div>'


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min"
