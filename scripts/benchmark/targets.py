"""What is asked of the mirror's speed, to be told beside what was reached."""

from collections.abc import Iterator
from typing import NamedTuple

from benchmark.rows import Row


class Goal(NamedTuple):
    section: str
    row: str  # every row whose name begins so must reach it
    figure: str
    least: bool  # True: at least `bound`; False: at most
    bound: float
    unit: str = ""

    @property
    def what(self) -> str:
        return f"{self.section}, {self.row}: {self.figure}"

    @property
    def asked(self) -> str:
        return f"{'≥' if self.least else '≤'} {self.bound:g}{self.unit}"


GOALS = (
    *(
        Goal("generator", f"{size} px, batch 1, bfloat16", figure, True, bound)
        for size in (64, 128, 256, 1024)
        for figure, bound in (("× plain", 1.3), ("× plain float32", 2.5), ("% of convolution", 60.0))
    ),
    Goal("perception", "all of them, 640×480", "ms", False, 3.0),
    Goal("perception", "all of them, 640×480", "apart %", False, 2.0),
    Goal("perception", "all of them, 1280×720", "ms", False, 6.0),
    Goal("perception", "all of them, 1280×720", "apart %", False, 2.0),
    Goal("perception", "found again", "worst ms", False, 150.0),
    Goal("perception", "somebody new", "worst ms", False, 300.0),
    Goal("perception", "two viewers", "× one viewer", False, 2.0),
    Goal("training", "128 px", "minutes for 20000", False, 12.0),
    Goal("training", "train_inverter.py", "most memory, GB", False, 2.0),
    Goal("mirror", "64 px", "reflections a second", True, 59.5),
    Goal("mirror", "64 px", "95 %", False, 80.0),
    Goal("mirror", "128 px", "reflections a second", True, 55.0),
    Goal("mirror", "128 px", "95 %", False, 60.0),
)


def judged(rows: list[Row]) -> Iterator[tuple[Goal, float, bool]]:
    """Each goal that was measured, the worst of its rows, and whether that is good enough."""
    for goal in GOALS:
        found = [
            row.figures[goal.figure]
            for row in rows
            if row.section == goal.section
            and row.name.startswith(goal.row)
            and row.figures.get(goal.figure) is not None
        ]
        if found:
            worst = min(found) if goal.least else max(found)
            yield goal, worst, worst >= goal.bound if goal.least else worst <= goal.bound
