"""docs/colour.md: what was asked, what was reached, and whose skin becomes whose, in plain words."""

from narcissus.lab.colour.evaluation import BEST_OF_ONE, GUESSES, Findings
from narcissus.lab.colour.measures import REGIONS
from narcissus.lab.likeness.bootstrap import Figure
from narcissus.networks.colour.slices import SLICES

FEW = 20  # portraits: a group of fewer is not judged
JUST_SEEN = 3.0  # units of chroma, or degrees of hue × 1: smaller changes are passed over in the words

PAGE = """# Assumed colours: figures and ledger

Written by `{command}` with `models/colour/{name}.npz` at its default
temperature, {temperature:.2f}. {portraits} portraits and {photographs} photographs that nothing was trained or
chosen on; the mean with its 95 % interval (bootstrap over pictures).
ΔE is CIEDE2000 at 64 × 64 places of a picture; 1 is just seen, side by side.
Lightness is not guessed and counts nowhere.

## What was asked and reached
| asked | reached | |
|---|---:|---|
{asked}

The classifier is gradient boosting over how a picture's colours are distributed: quantiles, the joint histogram of a
and b, differences between neighbours 1 to 16 places apart, correlation with lightness; five folds, a picture and its
coloured twin always on the same side. 0.5 would be guessing, 1 never wrong. It sees 64 × 64 places, where a true
picture has grain in its chroma and an assumed one has none; at 8 × 8 places its AUC is {afar}.

## How far from the truth
ΔE00 of portraits, and of whole photographs.

| | {regions} | portraits, all | photographs |
|---|{rule}
{errors}

"mean ab" gives every place the one mean colour of the pile's portraits (or photographs); "nearest" the colours of the
most similar grey picture of the pile. "one cheek" gives every place the mean colour of the very cheeks that are
measured: the best that one colour can do for them. What is left after that is lamps, cameras and people; lightness
alone tells little of it.

Colourfulness (Hasler and Süsstrunk) over the truth's: portraits {colourful_portraits}, photographs {colourful_world}.
A viewer who keeps still under camera noise: ΔE {flicker} from one picture to the next, each coloured by itself.

## Whose skin becomes whose
ΔE of the cheek: rows are who is seen, columns which slice of the pile answers. Shown, not tuned away: it is what the
work is about.

| portraits of | n | {slices} |
|---|---:|{slice_rule}
{matrix}

How hue (degrees: 0 is red, 90 yellow) and chroma of the cheek change from the true picture to the assumed one:

| portraits of | true hue, chroma | {slices} |
|---|---:|{slice_rule}
{shifts}

### In plain words
{words}

Groups are the thirds that the training parted by measured skin (ITA) and by labelled age, and UTKFace's own labels.
Groups of fewer than {few} portraits are left out of the words.
"""


def page(findings: Findings, about: dict) -> str:
    """`about` holds name, temperature, command, portraits and photographs (counts)."""
    return PAGE.format(
        **about,
        asked="\n".join(_asked(findings)),
        regions=" | ".join(REGIONS),
        rule="---:|" * (len(REGIONS) + 2),
        errors="\n".join(_errors(findings, guess) for guess in (*GUESSES, BEST_OF_ONE)),
        colourful_portraits=_interval(findings.colourful["portraits"]),
        colourful_world=_interval(findings.colourful["photographs"]),
        afar="{:.2f} ({:.2f}–{:.2f})".format(*findings.auc_afar),
        flicker=_interval(findings.flicker),
        slices=" | ".join(SLICES),
        slice_rule="---:|" * len(SLICES),
        matrix="\n".join(_row(findings, group) for group in findings.matrix),
        shifts="\n".join(_shift(findings, group) for group in findings.matrix),
        words="\n".join(_words(findings)),
        few=FEW,
    )


def _asked(findings: Findings) -> list[str]:
    cheek, world = findings.over_mean_ab["cheek"], findings.over_mean_ab["photographs"]
    colourful, (auc, low, high) = findings.colourful["portraits"], findings.auc
    rows = [
        ("ΔE of the cheek at most 0.6 × mean ab's", _interval(cheek), cheek.value <= 0.6),
        ("ΔE of photographs, all places, at most 0.9 × mean ab's", _interval(world), world.value <= 0.9),
        ("colourfulness of portraits 0.85 to 1.1 of the truth's", _interval(colourful), 0.85 <= colourful.value <= 1.1),
        ("a classifier's AUC, real against coloured, at most 0.85", f"{auc:.2f} ({low:.2f}–{high:.2f})", auc <= 0.85),
    ]
    return [f"| {what} | {value} | {'reached' if met else 'not reached'} |" for what, value, met in rows]


def _errors(findings: Findings, guess: str) -> str:
    by = findings.portraits[guess]
    cells = [_interval(by[region], 1) for region in (*REGIONS, "all")]
    world = findings.photographs.get(guess, {}).get("all")
    return f"| {guess} | {' | '.join(cells)} | {_interval(world, 1)} |"


def _row(findings: Findings, group: str) -> str:
    cells = [_short(findings.matrix[group][pile]["ΔE"]) for pile in SLICES]
    return f"| {group} | {findings.groups[group]} | {' | '.join(cells)} |"


def _shift(findings: Findings, group: str) -> str:
    skin, by = findings.skin[group], findings.matrix[group]
    cells = [f"{_signed(by[pile]['hue'])}°, {_signed(by[pile]['chroma'])}" for pile in SLICES]
    return f"| {group} | {_short(skin['hue'])}°, {_short(skin['chroma'])} | {' | '.join(cells)} |"


def _words(findings: Findings) -> list[str]:
    """One sentence for each group, about the whole pile's answer; then who is met best and worst."""
    judged = [group for group, count in findings.groups.items() if count >= FEW]
    sentences = [f"- **{group}** ({findings.groups[group]}): {_becomes(findings, group)}." for group in judged]
    labelled = [group for group in judged if group.startswith("labelled")]
    if len(labelled) > 1:
        error = lambda group: findings.matrix[group]["all"]["ΔE"].value
        best, worst = min(labelled, key=error), max(labelled, key=error)
        apart = findings.matrix[best]["all"]["ΔE"].high < findings.matrix[worst]["all"]["ΔE"].low
        told = f"meets *{best}* best (ΔE {error(best):.1f}) and *{worst}* worst (ΔE {error(worst):.1f})"
        sentences.append(f"- Of the labelled groups the pile {told if apart else 'meets none clearly best or worst'}.")
    return sentences


def _becomes(findings: Findings, group: str) -> str:
    by = findings.matrix[group]["all"]
    told = [
        _change(by["hue"], "yellower", "redder", "°"),
        _change(by["chroma"], "more colourful", "paler in colour", ""),
    ]
    told = [words for words in told if words]
    return f"cheeks become {' and '.join(told)}" if told else "cheeks keep hue and chroma, within what is seen"


def _change(figure: Figure, more: str, less: str, unit: str) -> str:
    """Nothing where the change is small, or its interval holds 0."""
    if figure.value is None or abs(figure.value) < JUST_SEEN or figure.low is None or figure.low <= 0 <= figure.high:
        return ""
    return f"{more if figure.value > 0 else less} by {abs(figure.value):.0f}{unit}"


def _interval(figure: Figure | None, digits: int = 2) -> str:
    if figure is None or figure.value is None:
        return "–"
    if figure.low is None:
        return f"{figure.value:.{digits}f}"
    return f"{figure.value:.{digits}f} ({figure.low:.{digits}f}–{figure.high:.{digits}f})"


def _short(figure: Figure) -> str:
    return "–" if figure.value is None else f"{figure.value:.1f}"


def _signed(figure: Figure) -> str:
    return "–" if figure.value is None else f"{figure.value:+.0f}"
