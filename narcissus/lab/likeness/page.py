"""The evaluation as a page to look at, and the ledger as a page to read; self-contained, one file each."""

from base64 import b64encode
from html import escape

import numpy as np

from narcissus.lab.likeness import charts
from narcissus.lab.likeness.conditions import DRAWN, Reflector
from narcissus.lab.likeness.identity import distances
from narcissus.lab.likeness.photo_set import PhotoSet
from narcissus.lab.likeness.pictures import brought, jpeg, resized
from narcissus.lab.likeness.shape import pair_errors
from narcissus.lab.likeness.template import whole_page
from narcissus.lab.likeness.words import CONDITIONS, WORDS, digits_of

SIDE = 192  # pixels of a face on the page
SHOWN = 6  # pairs a row
PAPER = (235, 232, 224)  # what stands where a photograph ends


def evaluation_page(report: dict, sets: dict[str, PhotoSet], reflector: Reflector, outline: np.ndarray | None) -> str:
    """`outline` float32 (68, 2): where the generator puts a face; None where no photographs were asked about."""
    body = [_opening(report), _figures(report)]
    body += [_faces(name, photo_set, reflector, outline) for name, photo_set in sets.items() if photo_set.photos]
    body += [_quality(report["quality"])] if report["quality"] else []
    return whole_page("Narcissus: likeness, measured", body)


def _opening(report: dict) -> str:
    told = "; ".join(
        f"{name}: {count['seen']} photographs read, {count['with a face']} with a face"
        + (f", {count['unreadable']} unreadable" if count["unreadable"] else "")
        for name, count in report["photographs"].items()
    )
    stopped = (
        ""
        if report["complete"]
        else '<p class="off">Stopped early: these are the figures of what was seen by then.</p>'
    )
    return f"""<h1>Likeness, measured</h1>
<p class="lead">Does the face in the mirror answer the face before it? Every figure below compares photographs
of people on whom nothing was trained with their reflections, as the mirror draws them today.</p>
{stopped}
<p class="soft">{escape(told)}. Generator {escape(report["generator"]["name"])}. {report["seconds"]:.0f} seconds.
<a href="ledger.html">The ledger</a> asks who is drawn lighter, older or other.</p>"""


def _figures(report: dict) -> str:
    columns = {CONDITIONS[k]: v for k, v in (report["baselines"] | report["bounds"]).items() if v}
    lines = []
    for key, word in WORDS.items():
        figure = report.get(key) or report["amplitude"].get(key) or report["beside"].get(key)
        if not figure or figure["value"] is None:
            continue
        others = {name: column[key]["value"] for name, column in columns.items() if column.get(key)}
        drawing = charts.whisker(figure, others, word.scale, word.goal)
        lines.append(
            f'<tr><td style="width:38%">{escape(word.name)}<br><small>{escape(word.meaning)}</small></td>'
            f'<td class="val">{_value(figure, key, word.unit)}</td><td>{drawing}</td>'
            f'<td class="num"><small>{figure["n"]}</small></td></tr>'
        )
    return f"""<h2>The figures</h2>
<p class="note">Dot: the mirror, with its 95 % interval over people. Rings: what needs no likeness at all (a random
face, one face for all, a stranger’s reflection, the nearest of {DRAWN} random faces, a plain ridge regression).
Diamonds: what is possible (the photograph itself at the reflection’s size; the best latent that a search finds).
Point at a mark for its name. Red: what was asked for.</p>
<div class="scroll"><table>{"".join(lines)}</table></div>"""


def _value(figure: dict, key: str, unit: str) -> str:
    text = lambda value: charts.number(value, digits_of(key))
    span = (
        "" if figure["low"] is None else f'<br><span class="ci">{text(figure["low"])} to {text(figure["high"])}</span>'
    )
    return f"{text(figure['value'])}{' ' + unit if unit else ''}{span}"


def _faces(name: str, photo_set: PhotoSet, reflector: Reflector, outline: np.ndarray) -> str:
    """Best, median and worst, by shape and by identity, and those in whose reflection no face was found."""
    viewers, reflections = photo_set.viewers, photo_set.reflections
    every = range(len(viewers))
    shapes = [pair_errors(viewers.landmarks[i, None], reflections.landmarks[i, None])[0, 0] for i in every]
    likenesses = [distances(viewers.codes[i, None], reflections.codes[i, None])[0, 0] for i in every]
    show = lambda chosen, says: "".join(_pair(photo_set, i, reflector, outline, says(i)) for i in chosen)
    rows = []
    for title, scores, unit in (("shape", shapes, "landmark error"), ("identity", likenesses, "descriptor distance")):
        for rank, chosen in ranked(np.array(scores)).items():
            rows.append((f"{rank} by {title}", show(chosen, lambda i, s=scores, u=unit: f"{u} {s[i]:.3f}")))
    lost = np.flatnonzero(viewers.found & ~reflections.found)
    rows.append((f"no face found in the reflection: {len(lost)}", show(lost[:SHOWN], lambda i: "no face")))
    return f"""<h2>Side by side: {escape(name)}</h2>
<p class="note">Left the photograph, right its reflection: the best, the middle and the worst of all that were
measured, whatever they look like.</p>
{"".join(f'<h3>{head}</h3><div class="row">{pairs}</div>' for head, pairs in rows if pairs)}"""


def ranked(scores: np.ndarray) -> dict[str, np.ndarray]:
    """Indices of the least, the middle and the greatest scores; NaN has no rank."""
    order = np.argsort(scores)[: int(np.isfinite(scores).sum())]
    middle = max(0, len(order) // 2 - SHOWN // 2)
    return {"best": order[:SHOWN], "median": order[middle : middle + SHOWN], "worst": order[-SHOWN:][::-1]}


def _pair(photo_set: PhotoSet, index: int, reflector: Reflector, outline: np.ndarray, caption: str) -> str:
    scale = SIDE / reflector.generator.resolution
    photo = photo_set.album.read(photo_set.photos[index])
    viewer = brought(photo, photo_set.viewers.landmarks[index], (outline + 0.5) * scale - 0.5, SIDE, PAPER)
    reflection = resized(reflector.pictures(photo_set.latents[index : index + 1])[0], SIDE)
    pair = f"<div>{_picture(viewer)}{_picture(reflection)}</div>"
    return f"<figure>{pair}<figcaption>{escape(caption)}</figcaption></figure>"


def _picture(image: np.ndarray) -> str:
    return f'<img alt="" src="data:image/jpeg;base64,{b64encode(jpeg(image, 88)).decode()}">'


def _quality(quality: dict) -> str:
    names = {"real": "other real faces (the floor)", "reflections": "reflections", "random": "random faces"}
    levels = list(quality["sliced_wasserstein"]["real"])
    head = "".join(f"<th>{'mean' if level == 'mean' else level + ' px'}</th>" for level in levels)
    rows = "".join(
        f"<tr><th>{names[key]}</th>"
        + "".join(f"<td>{row[level]:.1f}</td>" for level in levels)
        + f"<td>{quality['frechet'].get(key, float('nan')):.3f}</td></tr>"
        for key, row in quality["sliced_wasserstein"].items()
    )
    return f"""<h2>Among real faces</h2>
<p class="note">Distances from the same {quality["n"]} real faces, at the generator’s size: sliced Wasserstein
×10³ on 7×7 patches of each level of the Laplacian pyramid (Karras et al. 2018), and Fréchet in the space of the
face descriptor (n = {quality["n_frechet"]}). Smaller is nearer; the first line is what chance alone makes of
real faces.</p>
<table><tr><th></th>{head}<th>Fréchet</th></tr>{rows}</table>"""
