"""A filter's card, and a picture of what it does: to drawn faces and a drawn landscape, for nobody's photograph is
published."""

import cv2
import numpy as np

from narcissus.core.files import HOME
from narcissus.lab.likeness.pictures import jpeg
from narcissus.lab.style.drawings import landscape
from narcissus.lab.style.learn import Trainer
from narcissus.lab.style.preview import STRENGTHS, strip
from narcissus.networks.pggan import Generator
from narcissus.networks.style.filter import Filter

GENERATOR = HOME / "models" / "pg_gan" / "narcissus-128.npz"
SIDE = 256  # pixels of a picture in the sample
LATENTS = 11  # seed of the two faces

CARD = """# The filter `{name}`

A network of {weights:,} weights (in half precision here) that redraws any picture in the manner of one:
{origin}.
Made by `scripts/train_filter.py`, used by `scripts/rotoscope.py` and the scene `rotoscope`. How it is trained
and measured: [docs/filters.md](../../../docs/filters.md).

![Two drawn faces and a drawn landscape, as they are and at three strengths](samples.jpg)

Faces that never existed, drawn by the generator, and a landscape that code draws: as they are, and at strengths
{strengths}.

| | |
|---|---|
| style | {style} |
| its sha256 | `{sha256}` |
| learned at | {wide} × {high} pixels: strokes keep their size in pixels |
| command | `{command}` |
| training | {steps:,} steps, {minutes:.1f} minutes of the clock, seed {seed}, {pictures:,} pictures learned from |
| held-out distance to the style, in the training's own units | {before:.3f} before, {after:.3f} as it is here |
| default strength | {strength:g} |

Licence: {licence}.
"""


def text(trainer: Trainer, painter: Filter, origin: dict[str, str], licence: str) -> str:
    best = min(trainer.diary, key=lambda line: line.total)
    high, wide = trainer.style.pixels.shape[:2]
    return CARD.format(
        name=painter.name,
        weights=sum(array.size for array in trainer.best.values()),
        origin=origin["style"],
        strengths=", ".join(f"{strength:g}" for strength in STRENGTHS),
        style=origin["style"],
        sha256=origin["style_sha256"],
        wide=wide,
        high=high,
        command=origin["command"],
        steps=best.step,
        minutes=trainer.seconds / 60,
        seed=trainer.seed,
        pictures=len(trainer.contents),
        before=trainer.diary[0].style,
        after=best.style,
        strength=painter.strength,
        licence=licence,
    )


def samples(painter: Filter) -> bytes:
    """A JPEG: drawn faces and a landscape, as they are and at three strengths."""
    generator = Generator.load(GENERATOR)
    latents = np.random.default_rng(LATENTS).standard_normal((2, generator.latent_size)).astype(np.float32)
    faces = [cv2.resize(face, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) for face in generator.render(latents)]
    return jpeg(strip(painter, np.stack([*faces, landscape(SIDE)])), 88)
