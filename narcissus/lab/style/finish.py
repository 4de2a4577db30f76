"""The end of a training, or of what there was of it: default strength chosen; filter, card and report written."""

from pathlib import Path

import numpy as np

from narcissus.core.errors import ConfigError
from narcissus.core.files import write_whole
from narcissus.lab.style import card, faces, report
from narcissus.lab.style.contents import shown
from narcissus.lab.style.learn import Trainer
from narcissus.lab.style.preview import strip
from narcissus.lab.style.session import SHOWN, SHOWN_SIDE, model
from narcissus.networks.style import store
from narcissus.networks.style.filter import Filter

TRIED = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)  # strengths
FOUND, DRIFT = 0.95, 0.035  # what is asked of the default strength; 0.9 and 0.04 are promised


def refuse_taken(folder: Path) -> None:
    """Raises ConfigError where there is a filter already."""
    if (folder / store.FILE).exists():
        raise ConfigError(
            f"{folder}: there is such a filter already, and none is overwritten; give another --name, or move it away"
        )


def finish(trainer: Trainer, folder: Path, work: Path, origin: dict[str, str], licence: str) -> Filter:
    """Write folder/filter.npz with sidecar, README.md and samples.jpg, and work/report.html."""
    weights = {name: array.astype(np.float16).astype(np.float32) for name, array in trainer.best.items()}
    strength, told = chosen(Filter(model(trainer, weights, folder.name)))
    painter = Filter(model(trainer, weights, folder.name, strength))
    best = min(trainer.diary, key=lambda line: line.total)
    facts = {
        "seed": trainer.seed,
        "steps": best.step,
        "seconds": round(trainer.seconds, 1),
        "loss": {"style": best.style, "content": best.content, "weight of the content": trainer.terms.content},
        "style size": list(trainer.style.pixels.shape[:2]),
        "faces": told,
    }
    kept = store.Model(folder.name, weights, trainer.size, strength, facts)
    store.save(folder, kept, licence, origin)
    write_whole(folder / "samples.jpg", card.samples(painter))
    write_whole(folder / "README.md", card.text(trainer, painter, origin, licence))
    sheet = strip(painter, shown(trainer.contents, SHOWN, SHOWN_SIDE))
    page = report.page(folder.name, trainer, sheet, {"default strength": f"{strength:g}", "faces": told})
    write_whole(work / "report.html", page)
    return painter


def chosen(painter: Filter) -> tuple[float, str]:
    """The greatest strength at which drawn faces stay faces, and what was found there."""
    given = faces.drawn()
    for strength in TRIED:
        found, drift = faces.kept(given, painter.paint(given.pictures, strength))
        if found >= FOUND and drift <= DRIFT:
            break
    return (
        strength,
        f"{found:.0%} of drawn faces found at {strength:g}, landmarks drift {drift:.1%} of the eyes' distance",
    )
