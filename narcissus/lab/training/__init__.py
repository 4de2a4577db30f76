"""Training of the inverter: drawn faces, measured by the live perception, are regressed on their latents."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from narcissus.core.errors import ConfigError, ModelMismatch
from narcissus.lab.training import gap, groups, needs, pairs
from narcissus.lab.training.cluster import here, working_at
from narcissus.lab.training.fit import build, estimators, prepare
from narcissus.lab.training.judge import Judge
from narcissus.lab.training.pairs import SEEING, Pairs, draw_pairs, kept_pairs
from narcissus.lab.training.report import Findings, write_report
from narcissus.lab.training.stages import Stages

HELD = 200  # faces that are judged; the last ones drawn, never trained on
LEAST = 1000  # pairs; fewer teach nothing
GAPPED = 600  # drawn faces that are set beside real portraits
FITTING, JUDGING, WEIGHING = "fitting", "judging", "weighing features"
READING, COMPARING, REPORTING = "reading portraits", "comparing with portraits", "writing the report"
# Seconds on two cores, so that the time left is about right: each thousand pairs, and a judgement of HELD faces.
PREPARING, BUILDING, LOOKING = 3, 3, 4


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
    portraits: Path | None = None  # real faces in a folder or zip file, to compare the drawn ones with


def train(generator, attributes: Path | None, out: Path, plan: Plan) -> None:
    """Draw, see, fit, judge; then write the inverter, its sidecar and its report into `out`.

    Whatever stops it, finished batches of pairs stay in `out`/pairs and nothing else is touched; all that follows
    them is reckoned anew, and comes out the same. Raises KeyboardInterrupt when it is stopped, NarcissusError when
    there is too little room for it, or too few faces.
    """
    portraits = gap.Portraits(plan.portraits) if plan.portraits else None
    given = bool(portraits)
    stages = Stages([*[READING] * given, SEEING, FITTING, JUDGING, WEIGHING, *[COMPARING] * given, REPORTING])
    kept = kept_pairs(generator, plan.pairs, plan.seed, out / "pairs", attributes)
    print("This takes " + _needed(generator, out, plan, kept), flush=True)
    judge = Judge(generator, attributes, plan.workers)
    real = _read(judge, portraits, stages) if portraits else None  # first: too few of them are told before hours pass
    with working_at(plan.cluster):
        drawn = draw_pairs(generator, plan.pairs, plan.seed, out / "pairs", plan.workers, attributes, stages)
    if len(drawn) < 2 * HELD and len(drawn) < drawn.drawn:
        raise ModelMismatch(f"{generator.name}: {len(drawn)} faces were found in {drawn.drawn}; ask for more --pairs")
    learned, held = drawn[:-HELD], drawn[-HELD:]
    with stages.stage(FITTING, PREPARING + BUILDING) as bar:
        prepared = prepare(learned, plan.features, plan.seed)
        bar.update(PREPARING)
        if not fits(plan.estimator, prepared):
            raise ConfigError(
                f"--estimator {plan.estimator} needs 40 features, fewer were selected; ask for more --pairs"
            )
        inverter = build(prepared, generator, plan.estimator)
        bar.update(BUILDING)
    with here():
        tables, latents, rows = _judged(judge, prepared, inverter, held, plan, stages)
    with stages.stage(WEIGHING, len(groups.STEPS) + 1) as bar:
        weighed = []
        for curve in groups.curves(prepared.rows, learned.latents, prepared.features[0]):
            weighed.append(curve)
            bar.update()
    with here():
        gaps = None if real is None else _gaps(judge, real, learned, stages)
    findings = Findings(
        inverter=inverter,
        generator=generator,
        pairs=learned,
        held=held,
        latents=latents,
        rows=rows,
        tables=tables,
        curves=weighed,
        gaps=gaps,
        plan=plan,
        kept=kept,
    )
    with stages.stage(REPORTING, 1) as bar:
        inverter.save(
            out, {"pairs": len(learned), "drawn": drawn.drawn, "seed": plan.seed, "estimator": plan.estimator}
        )
        write_report(out, findings, stages.seconds)
        bar.update()


def _needed(generator, out: Path, plan: Plan, kept: int) -> str:
    return needs.check(
        out,
        plan.pairs,
        kept,
        LEAST,
        latent_size=generator.latent_size,
        workers=plan.workers,  # a cluster sees the faces that are learned from; those that are judged are seen here
        chunk=pairs.CHUNK,
        pixels=generator.resolution,
        forest=plan.contest or plan.estimator == "forest",
    )


def _judged(
    judge: Judge, prepared, inverter, held: Pairs, plan: Plan, stages: Stages
) -> tuple[dict, np.ndarray, np.ndarray]:
    """The tables, title -> condition -> figure -> value; the reflections' latents (n, L), and their rows (n, P)."""
    answers = judge.answers(inverter, prepared.pairs, held, plan.seed)
    rivals = [
        name for name in estimators(plan.seed) if plan.contest and name != plan.estimator and fits(name, prepared)
    ]
    each = BUILDING * len(prepared.rows) // 1000 + LOOKING
    with stages.stage(JUDGING, LOOKING * len(answers) + each * len(rivals)) as bar:
        figures = {}
        for name, answer in answers.items():
            latents = answer()
            figures[name], rows = judge.judge(latents, held)
            if name == "the mirror":
                reflected, seen = latents, rows
            bar.update(LOOKING)
        contest = {plan.estimator: figures["the mirror"]}
        for name in rivals:
            rival = build(prepared, judge.generator, name)
            contest[name], _ = judge.judge(rival.answer(held.rows), held)
            bar.update(each)
    return {"baselines": figures} | ({"contest": contest} if rivals else {}), reflected, seen


def fits(estimator: str, prepared) -> bool:
    """Partial least squares has no more components than there are features; few pairs leave few."""
    return estimator != "pls" or min(one.count_ for one in prepared.features) >= 40


def _read(judge: Judge, portraits: gap.Portraits, stages: Stages) -> np.ndarray:
    """Rows (m, P) of the portraits; NaN where no face is found. Raises SourceError where too few show one."""
    with here(), stages.stage(READING, len(portraits)) as bar:
        real = judge.read(portraits)
        bar.update(len(portraits))
    gap.faces(real)
    return real


def _gaps(judge: Judge, real: np.ndarray, learned: Pairs, stages: Stages) -> dict:
    """Kind -> gap, of faces as they are drawn, and of the same as seen in a room, from the portraits' rows (m, P)."""
    some = learned[:GAPPED]
    with stages.stage(COMPARING, len(some)) as bar:
        clean = judge.look(some.latents)
        bar.update(len(some))
    found = float((~np.isnan(real[:, 0])).mean())
    return {"clean": gap.gaps(clean, real), "room": gap.gaps(some.rows, real), "read": len(real), "found": found}
