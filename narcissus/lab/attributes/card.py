"""The model card: what the guesses are, what they are worth, and for whom they are wrong, in plain words and tables."""

from dataclasses import dataclass

import numpy as np

from narcissus.lab.attributes.figures import Figure
from narcissus.lab.attributes.learn import Epoch
from narcissus.lab.attributes.plots import heat, lines
from narcissus.lab.attributes.study import Study
from narcissus.networks.attributes.expression import EXPRESSIONS

LICENCE = "research and non-commercial use only, as the UTKFace data set asks"

TEXT = """\
# What the machine takes you for
This page and everything beside it is written by `python scripts/train_attributes.py`; change that, not this.

`attributes.npz` guesses age, gender presentation and expression from one picture of a face. The mirror uses the guesses
to choose whom you see; on the wall they are shown only if the artist asks for it. **They are guesses about a picture.**
They say how strangers labelled similar pictures, not who anybody is.

- *Age*: years, with a spread. A small network over an upright crop of 64 px, {weights:,} weights.
- *Gender presentation*: the probability that UTKFace would have labelled the face "female". The data set knows two
  labels, given by others from looks; the guess knows no more than that and cannot see anybody's gender.
- *Expression*: neutral, happiness, surprise and all others pooled, from {count} displacements between landmarks, chosen
  greedily, and a linear SVM. It sees the shape a face makes, not what somebody feels.

Made for this art work. Never to be used to decide anything about anybody. Licence: {licence}.

## What it gets wrong, and for whom
{plain}

## Age and gender on {held_out:,} portraits never trained on
The last {held_out:,} portraits of the data; neither training nor any choice saw them, nor any other print of the same
photograph (UTKFace holds many twice). The same person may still appear on both sides, for UTKFace does not say who is
who. In brackets: 95 % bootstrap intervals; where all n were right they cannot doubt, and 1 − 3/n is the lower bound.
*Shift* is guess minus label.

{divisions}

Two spreads: the label lies within one spread of the guess for {one:.0%} of the portraits, within two for {two:.0%}.

| | called male | called female |
|---|---|---|
{gender_table}

![guessed against labelled age](age.png)

The same portraits as other cameras would give them:

{augmented}

## Expression on {people:,} people, each held out
{faces:,} press photographs, five folds by person; the displacements were chosen anew without each fold's people.
Accuracy {accuracy}, balanced accuracy (the mean over the four) {balanced}.
A rare expression weighs more than it occurs (surprise is {surprise:.0%} of the photographs), so probabilities lean
towards it.

{expression_table}

![accuracy by number of displacements](expression.png)

## How it was trained
{trained}

![age error by epoch](training.png)
![gender error by epoch](gender.png)

Augmentation (other light, cameras and blur), network and learning are described in `narcissus/lab/attributes/`.
Beside UTKFace: landmarks of the Apache-licensed `facial_expressions` press photographs. No photograph is stored here.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """All that the card tells."""

    divisions: dict[str, dict[str, Figure]]
    augmented: dict[str, tuple[Figure, Figure]]
    ages: tuple[np.ndarray, np.ndarray, np.ndarray]  # labels, guesses and spreads (n,), years
    genders: np.ndarray  # counts (2, 2)
    expressions: np.ndarray  # counts (4, 4)
    accuracies: tuple[Figure, Figure]  # of the expressions: plain, balanced
    study: Study
    diary: list[Epoch]
    weights: int
    faces: int  # photographs with an expression
    trained: str


def write(found: Findings) -> dict[str, bytes]:
    """File name -> content: README.md and its pictures."""
    label, guess, spread = found.ages
    error = np.abs(label - guess)
    text = TEXT.format(
        weights=found.weights,
        count=found.study.count,
        licence=LICENCE,
        plain=_plain_words(found.divisions),
        held_out=len(label),
        divisions=_divisions(found.divisions),
        one=np.mean(error <= spread),
        two=np.mean(error <= 2 * spread),
        gender_table=_rows(("labelled male", "labelled female"), found.genders),
        augmented=_augmented(found.augmented),
        people=found.accuracies[0].n,
        faces=found.faces,
        accuracy=_share(found.accuracies[0]),
        balanced=_share(found.accuracies[1]),
        surprise=found.expressions[2].sum() / found.expressions.sum(),
        expression_table=_confusion(found.expressions),
        trained=found.trained,
    )
    curve, epochs = found.study.curve, [entry.number for entry in found.diary]
    accuracy, balanced = zip(*curve.values(), strict=True)
    return {
        "README.md": text.encode(),
        "age.png": heat("guessed age over labelled age", "labelled, years", label, guess, 100),
        "expression.png": lines(
            "people held out", "displacements", list(curve), {"accuracy": accuracy, "balanced accuracy": balanced}
        ),
        "training.png": lines(
            "validation", "epoch", epochs, {"age error, years": [entry.age_error for entry in found.diary]}
        ),
        "gender.png": lines(
            "validation", "epoch", epochs, {"gender wrong, share": [entry.gender_error for entry in found.diary]}
        ),
    }


def _plain_words(divisions: dict[str, dict[str, Figure]]) -> str:
    """The extremes of the tables as sentences; parts of fewer than 30 faces are not spoken of."""
    everyone = divisions["all"]
    counted = {name: part for name, part in divisions.items() if name != "all" and part["age error"].n >= 30}
    groups = {name: part for name, part in counted.items() if name.startswith("labelled ")}
    bands = {name: part for name, part in counted.items() if name not in groups}
    sentences = [
        f"On average the age is wrong by {everyone['age error'].value:.1f} years, and the gender label is met in "
        f"{everyone['gender right'].value:.1%}.",
        *(_extremes(title, parts) for title, parts in (("By age", bands), ("By label", groups)) if parts),
    ]
    if bands:
        old = min(bands, key=lambda name: bands[name]["age shift"].value)
        young = max(bands, key=lambda name: bands[name]["age shift"].value)
        sentences.append(
            f"*{old}* are guessed {-bands[old]['age shift'].value:.1f} years too young, *{young}* "
            f"{bands[young]['age shift'].value:.1f} years too old: like every such model it pulls towards the middle."
        )
    sentences += [
        f"Of these portraits {_part(divisions, 'labelled White')} are labelled White and "
        f"{_part(divisions, '20–29 years', '30–39 years')} are 20 to 39 years old; those it learned from are alike. "
        "Everybody else is guessed from fewer examples.",
        "The faces of small children show no gender that could be read off them; the network guesses all the same. Not "
        "measured: profiles, hats, hands before the face, heavy make-up, and how well the labels fit the people.",
    ]
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _extremes(title: str, parts: dict[str, dict[str, Figure]]) -> str:
    age = max(parts, key=lambda name: parts[name]["age error"].value)
    least = min(parts, key=lambda name: parts[name]["gender right"].value)
    most = max(parts, key=lambda name: parts[name]["gender right"].value)
    return (
        f"{title}: the age is worst for *{age}* ({parts[age]['age error'].value:.1f} years); the gender label is met "
        f"least for *{least}* ({parts[least]['gender right'].value:.0%}) and most for *{most}* "
        f"({parts[most]['gender right'].value:.0%})."
    )


def _part(divisions: dict[str, dict[str, Figure]], *names: str) -> str:
    count = sum(divisions[name]["age error"].n for name in names if name in divisions)
    return f"{count / divisions['all']['age error'].n:.0%}"


def _divisions(divisions: dict[str, dict[str, Figure]]) -> str:
    columns = ("", "portraits", "age error, years", "shift, years", "gender label met", "called female")
    head = f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|\n"
    return head + "\n".join(
        f"| {name} | {part['age error'].n} | {_years(part['age error'])} | {_years(part['age shift'], '+')} "
        f"| {_share(part['gender right'])} | {_share(part['called female'])} |"
        for name, part in divisions.items()
    )


def _augmented(augmented: dict[str, tuple[Figure, Figure]]) -> str:
    head = "| | age error, years | gender label met |\n|---|---|---|\n"
    return head + "\n".join(
        f"| {name} | {_years(age)} | {_share(gender)} |" for name, (age, gender) in augmented.items()
    )


def _confusion(counts: np.ndarray) -> str:
    head = f"| | {' | '.join(f'called {name}' for name in EXPRESSIONS)} |\n|---|{'---|' * len(EXPRESSIONS)}\n"
    return head + _rows(EXPRESSIONS, counts)


def _rows(names: tuple[str, ...], counts: np.ndarray) -> str:
    """A row per label: counts, and the share of the row in brackets."""
    rows = []
    for name, row in zip(names, counts, strict=True):
        cells = " | ".join(f"{count} ({count / max(row.sum(), 1):.0%})" for count in row)
        rows.append(f"| {name} | {cells} |")
    return "\n".join(rows)


def _years(figure: Figure, sign: str = "") -> str:
    return f"{figure.value:{sign}.1f} ({figure.low:{sign}.1f} to {figure.high:{sign}.1f})"


def _share(figure: Figure) -> str:
    return f"{figure.value:.1%} ({figure.low:.1%} to {figure.high:.1%})"
