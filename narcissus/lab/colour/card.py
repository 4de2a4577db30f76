"""The model's card, and a picture of what it assumes: of drawn faces only, for nobody's photograph is published."""

import cv2
import numpy as np

from narcissus.core.files import HOME
from narcissus.lab.colour.heldout import one
from narcissus.lab.colour.learn import Trainer
from narcissus.lab.colour.report import without_colour
from narcissus.lab.likeness.pictures import jpeg, resized
from narcissus.networks.colour.colourist import Colourist
from narcissus.networks.colour.slices import SLICES
from narcissus.networks.pggan import Generator
from narcissus.people.portrait import find_portrait

GENERATOR = HOME / "models" / "pg_gan" / "utk-64.npz"
FACES = 6
SIDE = 120  # pixels of a face in the picture
TITLE = 22  # pixels above it

CARD = """# Colours that a pile of pictures assumes: `{name}`

A U-Net of {weights:,} weights (in half precision here): lightness in, a distribution over {bins} colours out, at half
the size. One input chooses which slice of the pile answers. Made by `scripts/train_colour.py`, used by
`scripts/colourise.py` and the scene `colourise`; figures and ledger: [docs/colour.md](../../docs/colour.md).

![Drawn faces, without colour, and as each slice of the pile assumes]({name}.jpg)

Faces that never existed, drawn by the generator: as drawn, drained of colour, and in the colours of each slice.

## What it was taught
{steps:,} of {planned:,} steps of 24 pictures, seed {seed}. A picture comes as the whole pile's (half of the time) or
as one of its slices'. {untouched:.0%} of the pictures are as a camera of today sees them; the others are aged:
panchromatic, orthochromatic or blue-sensitive film, another contrast, fading, grain, a blurred scan.

| slice | pictures | what it is |
|---|---:|---|
{slices}

Bins lie 10 ab units apart (Zhang, Isola, Efros 2016), with soft encoding (σ 5) and a mild class rebalancing.
{learned_from}

## Temperature
The default, {temperature:.2f}, makes validation portraits as colourful as {aim:.0%} of the truth.

| temperature | {temperatures} |
|---|{rule}
| colourfulness over the truth's | {strengths} |

## What it cannot do
Nobody's colours can be seen in a grey photograph: what comes out is what was common in the pile. Skin and hair are well
taught, the world barely: clothes, walls and skies come out greyish or brown. It says nothing about who somebody is, and
must not be used to tell.

Licence: {licence}.
"""

THE_PILE = """Portraits are UTKFace's, the rest are general photographs. The last 1,500 portraits (and whatever shows
the same photograph as one of them) and the last 150 photographs were not learned from."""
PICTURES_OF_ONES_OWN = """The pictures are those of whoever trained it. The last 1,500 portraits, where there are
any, and the last tenth of the photographs, at most 150, were not learned from."""

WHAT = {
    "all": "the whole pile: portraits two times of three, photographs one",
    "lighter": "the third of the portraits with the lightest measured skin (ITA above {ita[1]:.0f}°)",
    "middle": "the third between",
    "darker": "the third with the darkest (ITA below {ita[0]:.0f}°)",
    "younger": "the third labelled youngest (below {age[0]:.0f} years)",
    "older": "the third labelled oldest (above {age[1]:.0f} years)",
    "faces": "portraits only",
    "world": "photographs only",
}


def text(
    name: str,
    trainer: Trainer,
    facts: dict,
    tried: dict[float, float],
    temperature: float,
    weights: int,
    learned_from: str,
    licence: str,
) -> str:
    """The card, in Markdown; `learned_from`: THE_PILE or PICTURES_OF_ONES_OWN."""
    from narcissus.lab.colour.ageing import UNTOUCHED
    from narcissus.lab.colour.finish import AS_COLOURFUL

    limits = facts["limits"] or {"ita": (0, 0), "age": (0, 0)}
    rows = [f"| {slice} | {count:,} | {WHAT[slice].format(**limits)} |" for slice, count in facts["pictures"].items()]
    return CARD.format(
        name=name,
        weights=weights,
        bins=len(trainer.centres),
        steps=trainer.step,
        planned=trainer.planned,
        seed=trainer.seed,
        untouched=UNTOUCHED,
        slices="\n".join(rows),
        temperature=temperature,
        aim=AS_COLOURFUL,
        temperatures=" | ".join(f"{t:g}" for t in tried),
        rule="---:|" * len(tried),
        strengths=" | ".join(f"{value:.2f}" for value in tried.values()),
        learned_from=learned_from,
        licence=licence,
    )


def picture(colourist: Colourist) -> bytes:
    """A JPEG: rows of drawn faces; as drawn, without colour, and as each slice assumes."""
    generator = Generator.load(GENERATOR)
    drawn = generator.render(
        np.random.default_rng(7).standard_normal((FACES, generator.latent_size)).astype(np.float32)
    )
    rows = [_row(resized(face, 128), colourist) for face in drawn]
    return jpeg(np.vstack([_titles(("drawn", "grey", *SLICES)), *rows]), 90)


def _row(face: np.ndarray, colourist: Colourist) -> np.ndarray:
    found = find_portrait(face)
    landmarks = None if found is None else found.landmarks
    views = [face, without_colour(face), *(one(face, landmarks, colourist, pile, None) for pile in SLICES)]
    return np.hstack([resized(view, SIDE) for view in views])


def _titles(names: tuple[str, ...]) -> np.ndarray:
    paper = np.full((TITLE, SIDE * len(names), 3), 255, np.uint8)
    for column, name in enumerate(names):
        cv2.putText(paper, name, (column * SIDE + 4, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (40, 40, 40), 1, cv2.LINE_AA)
    return paper
