"""Drawn faces, seen by the live perception, teach the inverter which latent looks like which numbers."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from narcissus.training.cluster import working_at
from narcissus.training.fit import build, estimators, prepare
from narcissus.training.judge import Judge
from narcissus.training.pairs import Pairs, draw_pairs
from narcissus.training.report import SHOWN, write_report

HELD = 200  # faces that are judged; the last ones drawn, never trained on
CONTEST = "Estimators after the same features, selected and corrected alike"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the artist asked for."""

    pairs: int
    seed: int
    features: int
    workers: int
    estimator: str
    contest: bool
    cluster: str | None = None  # the address of a Dask scheduler whose workers see the faces; None: this machine


def train(generator, attributes: Path | None, out: Path, plan: Plan) -> None:
    """Draw, see, fit, judge; then write the inverter, its sidecar and its report into `out`.

    Raises KeyboardInterrupt when it is stopped: finished batches of pairs stay in `out`/pairs, nothing else is touched.
    """
    with working_at(plan.cluster):
        pairs = draw_pairs(generator, plan.pairs, plan.seed, out / "pairs", plan.workers, attributes)
    learned, held = pairs[:-HELD], pairs[-HELD:]
    judge = Judge(generator, attributes, plan.workers)
    rivals = [name for name in estimators(plan.seed) if plan.contest and name != plan.estimator]
    with tqdm(total=8 + len(rivals), desc="fitting and judging", unit=" steps") as bar:
        ground = prepare(learned, plan.features, plan.seed)
        bar.update()
        inverter = build(ground, generator, plan.estimator)
        bar.update()
        answers = judge.answers(inverter, learned, held, plan.seed)
        tables = {f"{HELD} drawn faces, held out": _judged(judge, answers, held, bar)}
        if rivals:
            mirrors = {name: lambda name=name: _mirror(build(ground, generator, name), held) for name in rivals}
            own = next(iter(tables.values()))["the mirror"]
            tables[CONTEST] = {plan.estimator: own} | _judged(judge, mirrors, held, bar)
    inverter.save(out, {"pairs": len(learned), "drawn": pairs.drawn, "seed": plan.seed, "estimator": plan.estimator})
    facts = {
        "trained on": f"{len(learned):,} faces, of {pairs.drawn:,} drawn; dlib found {len(pairs) / pairs.drawn:.1%}",
        "seed": str(plan.seed),
        "estimator": plan.estimator,
        "directions that features can say": f"{len(inverter.coloured.axes)} of {inverter.latent_size}",
        "variance of a face's numbers that its latent foretells": f"{1 - np.mean(inverter.sight.doubt):.0%}",
    }
    latents = answers["the mirror"]()
    faces = tuple(generator.render(part[:SHOWN]) for part in (held.latents, latents))
    write_report(out, inverter, tables, facts, (faces[0], held.rows, faces[1]))


def _judged(judge: Judge, answers: dict, held: Pairs, bar: tqdm) -> dict[str, dict[str, float]]:
    figures = {}
    for name, answer in answers.items():
        figures[name] = judge.judge(answer(), held)
        bar.update()
    return figures


def _mirror(inverter, held: Pairs) -> np.ndarray:
    return inverter.compose(inverter.explain(held.rows)[0], inverter.fill(held.rows))
