"""The bias ledger: tone, age and gender presentation of viewers, training set, random renders and reflections."""

from dataclasses import dataclass

import numpy as np

from narcissus.lab.likeness.bootstrap import Figure, correlation, estimate, mean, slope
from narcissus.lab.likeness.perception import Looks
from narcissus.lab.likeness.skin import TONES, tone

AGES = (("0–9", 0), ("10–19", 10), ("20–29", 20), ("30–44", 30), ("45–59", 45), ("60 and over", 60))
GENDERS = ("seen as male", "seen as female")
GROUPS = ("White", "Black", "Asian", "Indian", "other")  # UTKFace's own words, in the order of its numbers
RESAMPLES = 500
SMALLEST = 5  # a group of fewer is counted, not averaged

TRAITS = {
    "tone": tuple(name for name, _ in TONES),
    "age": tuple(name for name, _ in AGES),
    "gender": GENDERS,
}


def bands(looks: Looks) -> dict[str, np.ndarray]:
    """The index into TRAITS of each picture, int (n,); −1 where it is not known."""
    return {"tone": tone(looks.tone), "age": age_band(looks.age), "gender": gender_band(looks.female)}


def age_band(ages: np.ndarray) -> np.ndarray:
    starts = np.array([start for _, start in AGES[1:]])
    return np.where(np.isfinite(ages), (np.nan_to_num(ages)[:, None] >= starts).sum(axis=1), -1)


def gender_band(female: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(female), np.nan_to_num(female) > 0.5, -1).astype(int)


def census(looks: Looks) -> dict:
    """How the machine sees a set of pictures: {trait: {band: {value: share, low, high, n: count}}} and the mean ITA
    and age.
    """
    result = {"pictures": len(looks), "faces": int(looks.found.sum())}
    for trait, index in bands(looks).items():
        known = index >= 0
        result[trait] = {}
        for i, name in enumerate(TRAITS[trait]):
            result[trait][name] = {**share(index == i, known).row(), "n": int((index == i).sum())}
    tones, ages = looks.tone, looks.age
    result["mean ITA"] = alone(tones, np.isfinite(tones)).row()
    result["mean age"] = alone(ages, np.isfinite(ages)).row()
    return result


def alone(values: np.ndarray, used: np.ndarray) -> Figure:
    """The mean of those used, every picture being of another person."""
    return estimate(mean(values), np.arange(len(values)), used, RESAMPLES)


def share(yes: np.ndarray, used: np.ndarray) -> Figure:
    """How often `yes` (n,) is true among those used, with the 95 % interval of Wilson (1927): none of ten is not
    never.
    """
    n = int(used.sum())
    if not n:
        return Figure()
    p, z = float(np.asarray(yes, bool)[used].mean()), 1.96
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return Figure(round(p, 4), round(max(0.0, middle - reach), 4), round(min(1.0, middle + reach), 4), n)


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """What others wrote about the viewers; NaN where they wrote nothing."""

    age: np.ndarray  # (n,), years
    gender: np.ndarray  # (n,), 0 male, 1 female
    race: np.ndarray  # (n,), index into GROUPS

    @classmethod
    def of(cls, names: list[str], table: dict[str, dict[str, float]]) -> "Labels":
        """By file name, without its folder."""
        rows = [table.get(name.rsplit("/", 1)[-1], {}) for name in names]
        return cls(*(np.array([row.get(key, np.nan) for row in rows], float) for key in ("age", "gender", "race")))


def echo(viewers: Looks, reflections: Looks, own: Looks) -> dict:
    """What becomes of a viewer: {measure: {"mirror": …, "estimator": …}}.

    The mirror's line compares a viewer with the reflection, the estimator's compares her photograph with itself at
    the generator's size: what a perfect mirror of that size would show.
    """
    result = {}
    for name, of in (("ITA, degrees", lambda looks: looks.tone), ("age, years", lambda looks: looks.age)):
        lines = {}
        for who, others in (("mirror", reflections), ("estimator", own)):
            x, y = of(viewers), of(others)
            used = np.isfinite(x) & np.isfinite(y)
            apart = np.arange(len(x))
            lines[who] = {
                "change": alone(y - x, used).row(),
                "mean error": alone(np.abs(y - x), used).row(),
                "r": estimate(correlation(x, y), apart, used, RESAMPLES).row(),
                "slope": estimate(slope(x, y), apart, used, RESAMPLES).row(),
            }
        result[name] = lines
    kept = {}
    for who, others in (("mirror", reflections), ("estimator", own)):
        used = np.isfinite(viewers.female) & np.isfinite(others.female)
        same = gender_band(viewers.female) == gender_band(others.female)
        kept[who] = {"kept": share(same, used).row()}
    return result | {"gender presentation": kept}


def transitions(viewers: Looks, reflections: Looks) -> dict:
    """Tables of counts: {trait: rows of viewers' bands × columns of reflections' bands}."""
    result = {}
    here, there = bands(viewers), bands(reflections)
    for trait, names in TRAITS.items():
        table = np.zeros((len(names), len(names)), int)
        known = (here[trait] >= 0) & (there[trait] >= 0)
        np.add.at(table, (here[trait][known], there[trait][known]), 1)
        result[trait] = table.tolist()
    return result


def groups(viewers: Looks, reflections: Looks, own: Looks, labels: Labels | None) -> list[dict]:
    """One line per group of viewers: counts, detection failures, changes, and the estimator's own error beside each.

    With labels, people are grouped as the labels say, and the estimator is also held against them; without, as the
    machine sees them, and viewers in whom no face was found belong to no group.
    """
    lines = [("everybody", "all", np.ones(len(viewers), bool))]
    if labels is None:
        index = bands(viewers)
    else:
        index = {
            "labelled group": np.where(np.isfinite(labels.race), np.nan_to_num(labels.race), -1).astype(int),
            "age": age_band(labels.age),
            "gender": np.where(np.isfinite(labels.gender), np.nan_to_num(labels.gender), -1).astype(int),
            "tone": tone(viewers.tone),
        }
    names = TRAITS | {"labelled group": GROUPS} | ({"gender": ("male", "female")} if labels is not None else {})
    for trait, which in index.items():
        lines += [(trait, name, which == i) for i, name in enumerate(names[trait]) if (which == i).any()]
    return [_line(*line, viewers, reflections, own, labels) for line in lines]


def _line(trait, name, members, viewers: Looks, reflections: Looks, own: Looks, labels: Labels | None) -> dict:
    seen = viewers.found
    line = {
        "by": trait,
        "group": name,
        "n": int(members.sum()),
        "no face in the photograph": share(~seen, members).row(),
        "no face in the reflection": share(~reflections.found, members & seen).row(),
        "ITA change": _mean(reflections.tone - viewers.tone, members),
        "ITA, estimator's own": _mean(own.tone - viewers.tone, members),
        "age change": _mean(reflections.age - viewers.age, members),
        "age, estimator's own": _mean(own.age - viewers.age, members),
        "gender kept": _share(_same(viewers, reflections), members),
        "gender, estimator's own": _share(_same(viewers, own), members),
    }
    if labels is not None:
        line["age error against the label"] = _mean(np.abs(viewers.age - labels.age), members)
        right = np.where(np.isfinite(labels.gender), (viewers.female > 0.5) == (labels.gender > 0.5), np.nan)
        line["gender right against the label"] = _share(np.where(np.isfinite(viewers.female), right, np.nan), members)
    return line


def _same(a: Looks, b: Looks) -> np.ndarray:
    known = np.isfinite(a.female) & np.isfinite(b.female)
    return np.where(known, (a.female > 0.5) == (b.female > 0.5), np.nan)


def _mean(values: np.ndarray, members: np.ndarray) -> dict:
    used = members & np.isfinite(values)
    return (alone(values, used) if used.sum() >= SMALLEST else Figure(n=int(used.sum()))).row()


def _share(values: np.ndarray, members: np.ndarray) -> dict:
    used = members & np.isfinite(values)
    return (share(np.nan_to_num(values), used) if used.sum() >= SMALLEST else Figure(n=int(used.sum()))).row()
