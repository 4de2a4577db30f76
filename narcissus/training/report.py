"""What a training run leaves for people: report.md and its pictures. Every face in it is drawn by the generator."""

from pathlib import Path

import numpy as np

from narcissus.files import write_whole
from narcissus.training.drawings import curve, features_on_a_face, sheet

SHOWN = 12  # held-out faces in the picture: the first ones, whoever they are


def write_report(out: Path, inverter, tables: dict[str, dict], facts: dict[str, str], faces: tuple) -> None:
    """Write report.md, faces.png, curve.svg and features.svg into `out`, each whole.

    `tables` holds the judge's figures: title -> condition -> figure -> value. `faces` are the viewers' pictures, their
    rows and their reflections, each with SHOWN or more entries.
    """
    features = inverter.coloured.model[0]
    write_whole(out / "faces.png", sheet(*(part[:SHOWN] for part in faces)))
    write_whole(out / "curve.svg", curve(*features.curve_, features.count_))
    write_whole(out / "features.svg", features_on_a_face(features.names_, features.gains_))
    write_whole(out / "report.md", text(inverter, tables, facts))


def text(inverter, tables: dict[str, dict], facts: dict[str, str]) -> str:
    """report.md."""
    features, grey = inverter.coloured.model[0], inverter.grey.model[0]
    parts = [
        f"# The inverter for {inverter.generator[0]}",
        "",
        *(f"- {name}: {value}" for name, value in facts.items()),
        "",
        "![viewers, their landmarks, their reflections](faces.png)",
        "",
        "Above a drawn face that the inverter was not trained on, between what was seen of its shape, below its",
        f"reflection. The first {SHOWN} held-out faces, not chosen.",
    ]
    for title, conditions in tables.items():
        parts += ["", f"## {title}", "", *table(conditions)]
    parts += [
        "",
        f"## {features.count_} features, chosen greedily",
        "",
        "![error against number of features](curve.svg)",
        "",
        "Cross-validated error of a linear fit, as a share of the latents' variance. Most of a latent is not in these",
        "numbers at all; of what is, a few dozen features say nearly everything.",
        "",
        "![the first features on the mean face](features.svg)",
        "",
        *pool_table(features),
        "",
        "Chosen first: " + "; ".join(features.names_[:20]) + ".",
        "",
        f"For pictures without colour {grey.count_} are chosen, first: " + "; ".join(grey.names_[:12]) + ".",
    ]
    return "\n".join(parts) + "\n"


def table(conditions: dict[str, dict[str, float]]) -> list[str]:
    names = list(next(iter(conditions.values())))
    lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    number = lambda value: "–" if np.isnan(value) else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    lines += [
        f"| {name} | " + " | ".join(number(values[key]) for key in names) + " |" for name, values in conditions.items()
    ]
    return lines


def pool_table(features) -> list[str]:
    """What each kind of candidate adds."""
    lines = ["| kind of feature | selected | share of the explained variance |", "|---|---|---|"]
    pools = np.array(features.pools_)
    names = {
        "displacements": "displacements",
        "distances": "log-distances",
        "forms": "ratios and angles",
        "columns": "pose, colours, guesses",
    }
    for pool, name in names.items():
        mine = pools == pool
        lines.append(f"| {name} | {mine.sum()} | {features.gains_[mine].sum() / features.gains_.sum():.0%} |")
    return lines
