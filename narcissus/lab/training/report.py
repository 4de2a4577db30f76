"""What a training run leaves for people: report.html, one page that holds everything, and faces.png.

Every face in it is drawn by the generator; of real portraits it shows numbers alone.
"""

import platform
import shlex
from dataclasses import dataclass
from datetime import date
from html import escape
from importlib.metadata import version
from pathlib import Path
from string import Template

import numpy as np

from narcissus.core.files import write_whole
from narcissus.lab.training import drawings
from narcissus.lab.training.groups import Curve, kind_of
from narcissus.lab.training.judge import landmark_errors
from narcissus.lab.training.pairs import Pairs
from narcissus.lab.training.stages import told

SHOWN = 12  # held-out faces in the uncurated picture: the first ones, whoever they are
RANKED = 6  # faces in each of the rows best, median and worst
LISTED = 24  # features named in their order
PACKAGES = ("numpy", "scikit-learn", "tensorflow", "keras", "dlib-bin", "opencv-python-headless")
FORMER = ("report.md", "curve.svg", "features.svg")  # what reports were made of before they were one page
# Figure -> name, what it says, the ends of its scale.
FIGURES = {
    "face rate": ("a face is found", "share of the reflections in which dlib sees a face", (0.5, 1)),
    "landmark skill": ("shape comes back", "1: exactly; 0: no better than a stranger's shape", (-0.25, 1)),
    "yaw r": ("turn of the head", "correlation", (-0.25, 1)),
    "mouth r": ("opening of the mouth", "correlation", (-0.25, 1)),
    "skin r": ("skin's lightness", "correlation", (-0.25, 1)),
    "skin slope": ("skin's lightness, slope", "1: a step of the viewer's is one of the reflection's", (-0.25, 1.25)),
    "age r": ("guessed age", "correlation", (-0.25, 1)),
    "gender agreement": ("guessed gender presentation", "share in which both guesses agree", (0.3, 1)),
    "apart": ("reflections lie apart", "mean angle between the latents of two viewers, degrees", (0, 95)),
}
UNRANKED = ("skin slope", "apart")  # a slope should be 1, and far apart is no merit
_TEMPLATE = Template((Path(__file__).parent / "report.html").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What a run has learned and measured."""

    inverter: object
    generator: object
    pairs: Pairs  # those learned from
    held: Pairs  # those judged
    latents: np.ndarray  # (n, L), the reflections of the held
    rows: np.ndarray  # (n, P), as those reflections are read
    tables: dict  # "baselines" and perhaps "contest" -> condition -> figure -> value
    curves: list[Curve]
    gaps: dict | None
    plan: object
    kept: int  # pairs that an earlier run had left


def write_report(out: Path, findings: Findings, seconds: dict[str, float]) -> None:
    """Write report.html and faces.png into `out`, each whole; what earlier versions wrote instead is taken away.

    `seconds` is what each stage took.
    """
    first = slice(0, SHOWN)
    viewers = findings.generator.render(findings.held.latents[first])
    reflections = findings.inverter.drawn(findings.generator, findings.latents[first])
    faces = drawings.contact_sheet(viewers, findings.held.rows[first], reflections)
    text = page(findings, seconds, date.today())
    write_whole(out / "faces.png", faces)
    write_whole(out / "report.html", text)
    for name in FORMER:
        (out / name).unlink(missing_ok=True)


def page(findings: Findings, seconds: dict[str, float], today: date) -> str:
    title = f"The inverter for {findings.inverter.generator[0]}"
    body = [_opening(title, findings, seconds), _faces(findings), _baselines(findings.tables["baselines"])]
    if "contest" in findings.tables:
        body.append(_contest(findings))
    body += [_features(findings), _gap(findings.gaps), _making(findings, seconds, today)]
    return _TEMPLATE.substitute(title=escape(title), body="\n".join(body))


def _opening(title: str, findings: Findings, seconds: dict[str, float]) -> str:
    inverter, learned, held, plan = findings.inverter, findings.pairs, findings.held, findings.plan
    found, explained = len(learned) + len(held), 1 - np.mean(inverter.forward_model.error)
    facts = {
        "trained on": f"{len(learned):,} faces, drawn by the generator",
        "judged on": f"{len(held):,} more",
        "dlib found a face in": f"{found / learned.drawn:.1%} of {learned.drawn:,} drawn",
        "estimator": plan.estimator,
        "seed": str(plan.seed),
        "features kept": f"{inverter.coloured.model[0].count_}; {inverter.grey.model[0].count_} without colours",
        "directions that they can say": f"{len(inverter.coloured.axes)} of {inverter.latent_size}",
        "a face's numbers that its latent foretells": f"{explained:.0%} of their variance",
        "time taken": told(sum(seconds.values())),
    }
    return f"""<h1>{escape(title)}</h1>
<p class="lead">It was shown faces that the generator draws, as a camera in a room would see them, and learned
which point of the generator’s space belongs to which numbers of a face. This page says how well it answers
faces that it never saw, all of them drawn; how it answers people is what <code>scripts/evaluate.py</code>
measures.</p>
{_list(facts)}"""


def _list(facts: dict[str, str]) -> str:
    return "<dl>" + "".join(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in facts.items()) + "</dl>"


def _faces(findings: Findings) -> str:
    errors = landmark_errors(findings.held.rows, findings.rows)
    order = np.argsort(errors)[: int(np.isfinite(errors).sum())]
    middle = max(0, (len(order) - RANKED) // 2)
    lost = np.flatnonzero(np.isnan(errors))
    rows = {
        f"The first {min(SHOWN, len(errors))}, not chosen": np.arange(len(errors))[:SHOWN],
        "Best": order[:RANKED],
        "Median": order[middle : middle + RANKED],
        "Worst": order[::-1][:RANKED],
        f"No face is found in the reflection: {len(lost)} of {len(errors)}": lost[:RANKED],
    }
    shown = "".join(
        f"<h3>{head}</h3><div class='faces'>{''.join(_figure(findings, i, errors[i]) for i in chosen)}</div>"
        for head, chosen in rows.items()
        if len(chosen)
    )
    return f"""<h2>Viewers and reflections</h2>
<p class="note">Left a drawn face, between what was read of its shape, right its reflection. Best, median and worst are
chosen by their landmark error: the mean distance between the two shapes’ points, in distances between the eyes. It says
nothing of skin, hair or age.</p>{shown}"""


def _figure(findings: Findings, index: int, error: float) -> str:
    viewer = findings.generator.render(findings.held.latents[index][None])[0]
    reflection = findings.inverter.drawn(findings.generator, findings.latents[index][None])[0]
    three = drawings.photo(viewer, "viewer") + drawings.shape(findings.held.rows[index])
    said = "no face found" if np.isnan(error) else f"landmark error {error:.3f}"
    return (
        f"<figure><div>{three}{drawings.photo(reflection, 'reflection')}</div><figcaption>{said}</figcaption></figure>"
    )


def _baselines(conditions: dict[str, dict[str, float]]) -> str:
    own = conditions["the mirror"]
    others = {name: values for name, values in conditions.items() if values is not own}
    lines = []
    for key, value in own.items():
        name, says, scale = FIGURES[key]
        drawing = drawings.strip(value, {other: values[key] for other, values in others.items()}, scale)
        said = f"<div>{name}<br><small>{says}</small></div>"
        lines.append(f"<div class='figure'>{said}<span class='val'>{_number(value)}</span>{drawing}</div>")
    return f"""<h2>Beside answers that know less</h2>
<p class="note">Dot: the mirror. Rings: the same figure for {", ".join(others)}. All of them answer the same faces. That
the latents of two viewers lie far apart is no merit in itself: random ones do.</p>
{"".join(lines)}
<h3>The same in numbers</h3>{_table(conditions, "the mirror")}"""


def _contest(findings: Findings) -> str:
    table = _table(findings.tables["contest"], findings.plan.estimator, best=True)
    return f"""<h2>The estimators’ contest</h2>
<p class="note">Each after the same features, its directions selected and its answers corrected alike. The best of a
column is set in colour; differences of 0.02 are chance.</p>{table}"""


def _table(conditions: dict[str, dict[str, float]], ours: str, best: bool = False) -> str:
    """Conditions down, figures across; `best`: the greatest of a column is marked where more is better."""
    keys = list(conditions[ours])
    greatest = {key: _number(max(values[key] for values in conditions.values())) for key in keys}
    marked = [key for key in keys if best and key not in UNRANKED and greatest[key] != "–"]
    lines = ["<tr><th></th>" + "".join(f'<th class="num">{escape(key)}</th>' for key in keys) + "</tr>"]
    for name, values in conditions.items():
        texts = [(_number(values[key]), key in marked and _number(values[key]) == greatest[key]) for key in keys]
        cells = "".join(f"<td>{f'<b>{text}</b>' if first else text}</td>" for text, first in texts)
        lines.append(f"<tr{' class=ours' if name == ours else ''}><th>{escape(name)}</th>{cells}</tr>")
    return f'<div class="scroll"><table>{"".join(lines)}</table></div>'


def _number(value: float) -> str:
    if np.isnan(value):
        return "–"
    return (f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}").replace("-", "−")


def _features(findings: Findings) -> str:
    features, grey = findings.inverter.coloured.model[0], findings.inverter.grey.model[0]
    kinds = [kind_of(name, pool) for name, pool in zip(features.names_, features.pools_, strict=True)]
    listed = zip(features.names_[:LISTED], kinds, features.gains_, strict=False)
    whole, without = features.gains_.sum(), escape("; ".join(grey.names_[:8]))
    items = "".join(f"<li>{escape(name)} <small>{kind}, {gain / whole:.1%}</small></li>" for name, kind, gain in listed)
    return f"""<h2>{features.count_} features, chosen greedily</h2>
<p class="note">Each step takes the number that lowers the error of a linear fit most, among 4,556 displacements between
landmarks, their distances, ratios and angles, pose, colours and guesses. It stops where the cross-validated error does.
The error is a share of the latents’ variance: most of a latent is in none of these numbers, and of what is, a few dozen
say nearly everything.</p>
<div class="pair"><div><h3>Error against number of features</h3>{drawings.curves(findings.curves)}</div>
<div><h3>What each kind adds</h3>{_adding(findings.curves)}</div></div>
<div class="pair"><div><h3>What was chosen</h3>{_chosen(kinds, features.gains_)}
<h3>On the mean face <small>those between two landmarks, wider where they gain more</small></h3>
{drawings.features_on_a_face(features.names_, features.gains_)}
<p class="note key"><span class="k-x"><i></i>sideways</span><span class="k-y"><i></i>upright</span><span
class="k-d"><i></i>distance</span></p></div>
<div><h3>In their order <small>share of what all of them explain</small></h3><ol>{items}</ol></div></div>
<p class="note">For pictures without colour {grey.count_} are chosen, first: {without}.</p>"""


def _adding(curves: list[Curve]) -> str:
    """The error that each kind takes away beyond those above it."""
    explained = [1 - one.error for one in curves]
    most = max(max(explained), 1e-9)
    lines = ['<tr><th>may be chosen</th><th class="num">kept</th><th class="num">explains</th><th></th></tr>']
    for number, (one, share) in enumerate(zip(curves, explained, strict=True)):
        name = f"{drawings.swatch(number, len(curves))}{escape(one.name)}"
        cells = f"<td class='num'>{one.kept}</td><td class='num'>{share:.1%}</td>"
        lines.append(f"<tr><td>{name}</td>{cells}<td class='long'>{drawings.bar(share / most)}</td></tr>")
    return f"<table>{''.join(lines)}</table>"


def _chosen(kinds: list[str], gains: np.ndarray) -> str:
    lines = ['<tr><th></th><th class="num">number</th><th class="num">share</th><th></th></tr>']
    for kind in dict.fromkeys(kinds):
        mine = np.array(kinds) == kind
        share = gains[mine].sum() / gains.sum()
        cells = f"<td class='num'>{mine.sum()}</td><td class='num'>{share:.0%}</td>"
        lines.append(f"<tr><td>{kind}</td>{cells}<td class='long'>{drawings.bar(share)}</td></tr>")
    return f"<table>{''.join(lines)}</table>"


def _gap(gaps: dict | None) -> str:
    head = "<h2>Drawn faces and real ones</h2>"
    if gaps is None:
        return f"""{head}
<p class="note">Not measured. To set the drawn faces beside real portraits, give some hundreds of them, of people who
agreed: <code>train_inverter.py --portraits FOLDER_OR_ZIP</code>. Finished batches are kept, so it takes minutes.</p>"""
    lines = [
        "<tr><th></th><th class='num'>offset, as drawn</th><th class='num'>in a room</th>"
        "<th class='num'>spread, as drawn</th><th class='num'>in a room</th>"
        "<th class='num'>farthest off</th></tr>",
    ]
    for kind, clean in gaps["clean"].items():
        seen = gaps["room"][kind]
        numbers = (clean.offset, seen.offset, clean.spread, seen.spread)
        cells = "".join(f"<td>{_number(value)}</td>" for value in numbers)
        name, off = seen.farthest
        said = f"{escape(name)}: {_number(off)}" if name else "the portraits cannot say"
        lines.append(f"<tr><th>{kind}</th>{cells}<td><small>{said}</small></td></tr>")
    return f"""{head}
<p class="note">{gaps["read"]} portraits, a face found in {gaps["found"]:.1%}. Offset: how far the means lie apart, in
spreads of real faces, averaged over the kind’s numbers; 0 is best. Spread: the drawn faces’ spread over the real ones’;
1 is best. “In a room”: after light, white balance, blur, noise and JPEG, which is what the inverter learns from.
Farthest off: the single number whose means lie farthest apart, then.</p>
<div class="scroll"><table>{"".join(lines)}</table></div>"""


def command(generator: str, plan) -> str:
    """What was typed, with every flag that made the inverter or this page what it is."""
    given = {
        "generator": generator,
        "pairs": plan.pairs,
        "seed": plan.seed,
        "features": plan.features,
        "estimator": plan.estimator,
        "workers": plan.workers,
        "cluster": plan.cluster,
        "portraits": plan.portraits and Path(plan.portraits).name,  # the page tells no path of the machine
    }
    flags = [f"--{flag} {shlex.quote(str(value))}" for flag, value in given.items() if value is not None]
    return " ".join(["python train_inverter.py", *flags, *(["--contest"] if plan.contest else [])])


def _making(findings: Findings, seconds: dict[str, float], today: date) -> str:
    plan, (name, sha256) = findings.plan, findings.inverter.generator
    again = command(name, plan)
    times = {stage: told(time) for stage, time in seconds.items()}
    resumed = f"; {findings.kept:,} faces were there from an earlier run" if findings.kept else ""
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    facts = {
        "made on": f"{today.isoformat()}, with {plan.workers} processes{resumed}",
        "generator": f"{name}, {findings.generator.resolution} px, sha256 {sha256[:16]}…",
        "drawn in": findings.generator.precision,
        "versions": f"Python {platform.python_version()}, {packages}",
        **times,
    }
    return f"""<h2>How it was made</h2>{_list(facts)}
<p style="margin-top:20px"><code>{escape(again)}</code></p>
<p class="note">The same command with the same versions comes to the same inverter, in one go or in many.</p>"""
