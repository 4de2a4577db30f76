"""What the guesses are worth on faces that nothing was trained or chosen on: figures with counts and intervals."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from narcissus.lab.attributes.portraits import GROUPS, Portraits
from narcissus.lab.attributes.study import Press, scores
from narcissus.networks.attributes.guesses import Attributes

BANDS = ((0, 2), (3, 9), (10, 19), (20, 29), (30, 39), (40, 49), (50, 59), (60, 69), (70, 79), (80, 120))  # years
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float
    n: int

    def table(self) -> dict[str, float]:
        return {name: round(getattr(self, name), 4) for name in self.__slots__}


def mean(values: np.ndarray, seed: int = 0) -> Figure:
    """The mean of `values` (n,), n of at least 1, resampled one by one."""
    values = np.asarray(values, np.float64)
    rows = np.random.default_rng(seed).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.percentile(values[rows].mean(axis=1), (2.5, 97.5))
    return Figure(float(values.mean()), float(low), float(high), len(values))


def divisions(portraits: Portraits) -> Iterator[tuple[str, np.ndarray]]:
    """Names and masks (n,) of the parts of which figures are given: all, age bands, labelled gender and group."""
    yield "all", np.ones(len(portraits), bool)
    for low, high in BANDS:
        yield (
            f"{low}–{high} years" if high < 100 else f"{low} and older",
            (portraits.age >= low) & (portraits.age <= high),
        )
    yield "labelled male", portraits.female < 0.5
    yield "labelled female", portraits.female > 0.5
    for number, name in enumerate(GROUPS):
        yield f"labelled {name}", portraits.group == number


def by_division(portraits: Portraits, guesses: np.ndarray) -> dict[str, dict[str, Figure]]:
    """Of each part that somebody belongs to: age error, shift (guess minus label), gender right, called female."""
    error = guesses[:, 0] - portraits.age
    female = guesses[:, 2] > 0.5
    columns = {
        "age error": np.abs(error),
        "age shift": error,
        "gender right": female == (portraits.female > 0.5),
        "called female": female,
    }
    parts = {name: mask for name, mask in divisions(portraits) if mask.any()}
    return {part: {name: mean(column[mask]) for name, column in columns.items()} for part, mask in parts.items()}


def when_augmented(portraits: Portraits, attributes: Attributes) -> dict[str, tuple[Figure, Figure]]:
    """Age error and gender right of the same faces as other cameras would give them."""
    side = portraits.images.shape[2]
    looks: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "as they are": lambda image: image,
        "grey": lambda image: np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2),
        "64 px, as a render": lambda image: _coarse(image, side / 64),
        "32 px": lambda image: _coarse(image, side / 32),
        "half as bright": lambda image: image // 2,
    }
    table = {}
    for name, look in looks.items():
        rows = attributes.guess_many([look(image) for image in portraits.images], portraits.landmarks)
        right = (rows[:, 2] > 0.5) == (portraits.female > 0.5)
        table[name] = mean(np.abs(rows[:, 0] - portraits.age)), mean(right)
    return table


def _coarse(image: np.ndarray, factor: float) -> np.ndarray:
    """The picture seen with `factor` times fewer pixels, back in its size so that the landmarks still fit."""
    size = image.shape[1::-1]
    small = cv2.resize(image, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)


def of_expressions(press: Press, probabilities: np.ndarray, seed: int = 0) -> tuple[Figure, Figure]:
    """Accuracy and balanced accuracy; whole people are resampled."""
    people, person = np.unique(press.person, return_inverse=True)
    order = np.argsort(person, kind="stable")
    rows_of = np.split(order, np.cumsum(np.bincount(person))[:-1])
    rng = np.random.default_rng(seed)
    samples = []
    for _ in range(RESAMPLES // 4):
        rows = np.concatenate([rows_of[who] for who in rng.integers(0, len(people), len(people))])
        samples.append(scores(press.label[rows], probabilities[rows]))
    low, high = np.percentile(samples, (2.5, 97.5), axis=0)
    return tuple(
        Figure(value, float(low[k]), float(high[k]), len(people))
        for k, value in enumerate(scores(press.label, probabilities))
    )


def confusion(truth: np.ndarray, choice: np.ndarray, classes: int) -> np.ndarray:
    """Counts int (classes, classes): rows are labels, columns guesses."""
    table = np.zeros((classes, classes), int)
    np.add.at(table, (truth, choice), 1)
    return table


def within(error: np.ndarray, spread: np.ndarray) -> float:
    """The factor that makes a spread mean "two cases in three": 68.3 % of the errors are below factor · spread."""
    return float(np.percentile(np.abs(error) / spread, 68.3))
