"""How expressions are learned: nested subsets of chosen displacements, each scored by a linear SVM on unseen people."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from narcissus.core.errors import SourceError, SourceMissing
from narcissus.networks.attributes.expression import EXPRESSIONS, softmax
from narcissus.store import npz

COUNTS = (4, 8, 12, 16, 24, 32, 48)  # sizes of the nested subsets
FOLDS = 5
# A class weighs 1 / share^RARITY. 0 would all but ignore surprise (3 % of the faces), 1 would see it everywhere.
RARITY = 0.65

# (shapes (n, 136), targets (n, 4), count) -> the coordinates `first` and `second` of the displacements, best first
Shortlist = Callable[[np.ndarray, np.ndarray, int], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, slots=True, eq=False)
class Press:
    """Landmarks of press photographs with labels."""

    landmarks: np.ndarray  # float32 (n, 68, 2), pixels
    label: np.ndarray  # int (n,), index into EXPRESSIONS
    person: np.ndarray  # int (n,)


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """What the study found; every probability is that of somebody whom the model behind it never saw."""

    curve: dict[int, tuple[float, float]]  # number of displacements -> accuracy, balanced accuracy
    count: int  # the size that ships
    probabilities: np.ndarray  # (n, 4), the size of each fold chosen on the other folds


def read(path: Path) -> Press:
    """Raises SourceMissing, or SourceError when the file is not one of labelled landmarks."""
    try:
        file = npz.loaded(path)
        names = [str(name) for name in file["names"]]
        pooled = np.array([EXPRESSIONS.index(name if name in EXPRESSIONS else "other") for name in names])
        return Press(file["landmarks"].astype(np.float32), pooled[file["label"]], file["person"])
    except FileNotFoundError:
        raise SourceMissing(f"{path}: no such file; name the folder it lies in with --data") from None
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise SourceError(f"{path}: no expression landmarks ({error})") from error


def investigate(shapes: np.ndarray, press: Press, shortlist: Shortlist) -> Study:
    """Cross-validate with whole people held out; `shapes` (n, 136) are the aligned landmarks."""
    held_out = {count: np.zeros((len(shapes), len(EXPRESSIONS))) for count in COUNTS}
    folds = list(GroupKFold(FOLDS).split(shapes, groups=press.person))
    for learn, test in folds:
        first, second = shortlist(shapes[learn], targets(press.label[learn]), max(COUNTS))
        features = shapes[:, first] - shapes[:, second]
        for count in COUNTS:
            weights, bias = fit(features[learn, :count], press.label[learn], press.person[learn])
            held_out[count][test] = softmax(features[test, :count] @ weights + bias)
    probabilities = np.zeros_like(held_out[COUNTS[0]])
    for learn, test in folds:
        probabilities[test] = held_out[_smallest_good(held_out, press.label, learn)][test]
    everyone = np.arange(len(shapes))
    curve = {count: scores(press.label, guess) for count, guess in held_out.items()}
    return Study(curve, _smallest_good(held_out, press.label, everyone), probabilities)


def fit(features: np.ndarray, label: np.ndarray, person: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Displacements (n, m) -> weights (m, 4) and bias (4,) of the softmax.

    A one-against-rest SVM scores; a logistic regression on its scores for people held out makes them probabilities.
    """
    weight = {k: np.mean(label == k) ** -RARITY for k in np.unique(label)}
    scaler = StandardScaler().fit(features)
    scaled = scaler.transform(features)
    svm = LinearSVC(C=0.1, dual=False, class_weight=weight)
    fair = cross_val_predict(svm, scaled, label, groups=person, cv=GroupKFold(3), method="decision_function")  # (n, 4)
    svm.fit(scaled, label)
    softener = LogisticRegression(C=10, max_iter=1000, class_weight=weight).fit(fair, label)
    weights = svm.coef_.T @ softener.coef_.T / scaler.scale_[:, None]
    bias = softener.intercept_ + svm.intercept_ @ softener.coef_.T - scaler.mean_ @ weights
    return weights, bias


def targets(label: np.ndarray) -> np.ndarray:
    """Class indicators (n, 4), centred and of unit variance: a rare expression counts as much as a common one."""
    indicators = np.eye(len(EXPRESSIONS))[label]
    return (indicators - indicators.mean(axis=0)) / np.maximum(indicators.std(axis=0), 1e-9)


def scores(label: np.ndarray, probabilities: np.ndarray) -> tuple[float, float]:
    """Accuracy and balanced accuracy (the mean share that is right of each expression)."""
    choice = probabilities.argmax(axis=1)
    return float(np.mean(choice == label)), float(balanced_accuracy_score(label, choice))


def _smallest_good(held_out: dict[int, np.ndarray], label: np.ndarray, rows: np.ndarray) -> int:
    """The fewest displacements whose mean of both accuracies is within half a point of the best."""
    merit = {count: np.mean(scores(label[rows], guess[rows])) for count, guess in held_out.items()}
    return min(count for count, value in merit.items() if value >= max(merit.values()) - 0.005)
