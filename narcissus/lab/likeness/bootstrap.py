"""A figure with its interval: the percentile bootstrap over people (Efron and Tibshirani 1993, chapter 13).

A statistic here is a function of weights: float32 (B, n) -> float64 (B,). Row b says how often each of n photographs
stands in sample b. Drawing people with replacement then needs no copying of data, and photographs of one person
always come and go together.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Statistic = Callable[[np.ndarray], np.ndarray]
BLOCK = 64  # samples at a time: memory for pairs is BLOCK × n


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and its 95 % interval over people; None where the input cannot say."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0  # photographs it was measured on (people, for recall; films, for motion)

    def row(self) -> dict[str, float | int | None]:
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n}


def estimate(
    statistic: Statistic, people: np.ndarray, used: np.ndarray, resamples: int = 1000, seed: int = 0
) -> Figure:
    """The statistic of all photographs, and its 2.5 % and 97.5 % points over samples of people.

    `people` (n,) names the person of each photograph; `used` (n,) bool are the photographs that the statistic can
    use. With one person there is a value and no interval; with no photograph there is nothing.
    """
    if not used.any():
        return Figure()
    value = float(statistic(used[None].astype(np.float32))[0])
    if not np.isfinite(value):
        return Figure()
    names, person = np.unique(people[used], return_inverse=True)
    if len(names) < 2:
        return Figure(_rounded(value), None, None, int(used.sum()))
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)
    samples = []
    for start in range(0, resamples, BLOCK):
        weights = np.zeros((len(drawn[start : start + BLOCK]), len(people)), np.float32)
        weights[:, used] = drawn[start : start + BLOCK, person]
        samples.append(statistic(weights))
    samples = np.concatenate(samples)
    samples = samples[np.isfinite(samples)]  # a sample of one person has no pairs of strangers
    if not len(samples):
        return Figure(_rounded(value), None, None, int(used.sum()))
    low, high = np.percentile(samples, [2.5, 97.5])
    return Figure(_rounded(value), _rounded(low), _rounded(high), int(used.sum()))


def _rounded(value: float) -> float:
    return round(float(value), 4)


def mean(values: np.ndarray) -> Statistic:
    """Of values (n,); NaN must not be among those used."""
    values = np.nan_to_num(values).astype(np.float64)
    return lambda weights: weights @ values / weights.sum(axis=1)


def correlation(x: np.ndarray, y: np.ndarray) -> Statistic:
    """Pearson's r; NaN where either does not vary."""

    def statistic(weights: np.ndarray) -> np.ndarray:
        across, along_x, along_y = _moments(weights, x, y)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(along_x * along_y > 1e-18, across / np.sqrt(along_x * along_y), np.nan)

    return statistic


def slope(x: np.ndarray, y: np.ndarray) -> Statistic:
    """Of the least-squares line of y on x: 1 where a difference of viewers is kept, 0 where it is lost."""

    def statistic(weights: np.ndarray) -> np.ndarray:
        across, along_x, _ = _moments(weights, x, y)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(along_x > 1e-12, across / along_x, np.nan)

    return statistic


def _moments(weights: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weighted covariance and variances, each (B,); centred first, so that nothing cancels."""
    share = weights / weights.sum(axis=1, keepdims=True)
    used = np.isfinite(x) & np.isfinite(y)
    x, y = (np.where(used, v, 0.0).astype(np.float64) for v in (x, y))
    x, y = x - x[used].mean(), y - y[used].mean()
    mean_x, mean_y = share @ x, share @ y
    return share @ (x * y) - mean_x * mean_y, share @ (x * x) - mean_x**2, share @ (y * y) - mean_y**2
