"""Rows -> what people read: a table for each section, and what was asked beside what was reached."""

from benchmark.answers import answers
from benchmark.rows import Figure, Row, columns
from benchmark.targets import judged

TITLES = {
    "machine": "The machine's own ceiling",
    "generator": "Generator",
    "perception": "Perception",
    "features": "Features and inverter",
    "selection": "Greedy selection",
    "training": "Training",
    "mirror": "The whole mirror",
    "felt": "Latency as a viewer feels it",
}


def shown(figure: Figure) -> str:
    """Three digits that mean something."""
    if figure is None:
        return ""
    if not isinstance(figure, float):
        return str(figure)
    return f"{figure:.0f}" if abs(figure) >= 100 else f"{figure:.3g}"


def table(rows: list[Row], first: str = "") -> str:
    """One section's rows as Markdown."""
    names = columns(rows)
    notes = any(row.note for row in rows)
    head = [first, *names, *(["note"] if notes else [])]
    lines = [head, ["---"] + ["---:"] * len(names) + (["---"] if notes else [])]
    for row in rows:
        lines.append([row.name, *(shown(row.figures.get(name)) for name in names), *([row.note] if notes else [])])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def goals(rows: list[Row]) -> str:
    """What was asked, what this run reached: only of what it measured."""
    lines = [["what", "asked", "reached", ""], ["---", "---:", "---:", "---"]]
    lines += [[goal.what, goal.asked, shown(value), "yes" if kept else "**no**"] for goal, value, kept in judged(rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def markdown(machine: dict[str, str], command: str, rows: list[Row]) -> str:
    """The whole page."""
    parts = [
        "# How fast it is",
        f"Measured with `{command}`; anybody can repeat it with `make bench`. This page is written by that command.",
        answers(rows),
        "The pictures' sizes are the generators'. Everything below is for those who want to know why, and measured on:",
        "\n".join(f"- {name}: {value}" for name, value in machine.items()),
        "## Asked and reached",
        goals(rows),
    ]
    for section, title in TITLES.items():
        mine = [row for row in rows if row.section == section]
        if mine:
            parts += [f"## {title}", EXPLAINED[section], table(mine)]
    return "\n\n".join(parts) + "\n"


EXPLAINED = {
    "machine": (
        "Through the same library and with as many threads as the generator has. `best` is the quickest of all turns."
    ),
    "generator": (
        "`ms` is the median for a whole batch, latents in, uint8 pictures out, by the clock on the wall; `10 %` "
        "and `90 %` are quantiles over the turns; `processor ms` is what it kept cores busy, in which other "
        "programs do not count. Beside it, in the same rounds and with as many threads, runs the *plain* network, "
        "written down from the paper (nearest ×2, then the convolution; weights scaled when used) in the same "
        "precision and in float32. Ratios are the median over rounds; with one thread they compare processor "
        "time. `GFLOP` counts what the fused network computes, which is less than the plain one does. `% of "
        "convolution`: its rate as a share of the fastest of its own 3×3 convolutions run bare; `% of product`: "
        "of a large matrix product. 128 px is the mirror's own, 64 px the one of `generator: fast`; the others have "
        "random weights: 256 px with map base 4096 and at most 256 maps, 1024 px in the official shape (8192, 512)."
    ),
    "perception": (
        "Milliseconds of one core for each frame while somebody is followed (processor time of the perceiving "
        "thread, mean), on the viewers' videos fitted into a camera's frame. *HOG on every frame* detects in the "
        "whole frame at its own size and places the landmarks each time. `apart` is the mean distance between its "
        "landmarks and ours, in inter-ocular distances. Being found is counted from the first frame that shows "
        "the face, looking included."
    ),
    "features": ("One frame of one viewer."),
    "selection": (
        "Multi-output forward selection among displacements of landmarks, seconds of one core. The small problem "
        "is solved by all three and must end in the same features; what brute force and scikit-learn would need "
        "for the large one is *extrapolated* from the number of fits and the measured time of one large fit."
    ),
    "training": ("Pairs of latent and row, drawn and seen as `train_inverter.py` does it."),
    "felt": (
        "How far the reflection's movements trail the viewer's: the lag at which the landmarks of both agree best, and "
        "their correlation there. Film and screen run in lockstep, so this is what filters, springs and prediction "
        "take; capture to screen, above, is what the machine takes. Nothing is told of what agrees by less than 0.5 or "
        "does not move."
    ),
    "mirror": (
        "`run_mirror.py --offscreen` in a process of its own, at 60 pictures a second at most; the figures of its "
        "`report.json`. `cores busy` is its processor time over the time of showing, filming included."
    ),
}
