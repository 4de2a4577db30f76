"""What a person asks of a machine before hanging a mirror on it, answered with what this run has measured."""

from benchmark.rows import Row

ASKED = (  # question, section, figure, unit
    ("How smoothly does it move?", "mirror", "reflections a second", "reflections a second"),
    ("How soon does it answer a movement?", "mirror", "latency, ms", "ms from the camera's picture to the wall's"),
    ("How long from the start to the first picture?", "mirror", "first picture after, s", "s"),
    ("How much of the processor does it take?", "mirror", "cores busy", "cores"),
    ("How much memory?", "mirror", "most memory, GB", "GB"),
    ("How long does it take to train an inverter (20,000 faces)?", "training", "minutes for 20000", "minutes"),
)


def answers(rows: list[Row]) -> str:
    """A table of questions and answers, by the size of the picture where a row names one; only what was measured."""
    lines = ["| you may ask | on this machine |", "| --- | --- |"]
    for question, section, figure, unit in ASKED:
        told: dict[str, list[float]] = {}
        for row in rows:
            value = row.figures.get(figure)
            if row.section == section and isinstance(value, int | float):
                told.setdefault(row.name.split(",")[0], []).append(value)
        if told:
            said = "; ".join(f"{name}: {_between(values)}" for name, values in told.items())
            lines.append(f"| {question} | {said} {unit} |")
    return "\n".join(lines)


def _between(values: list[float]) -> str:
    low, high = f"{min(values):.3g}", f"{max(values):.3g}"
    return low if low == high else f"{low} to {high}"
