"""Drawn pairs -> the directions of a latent that turn a head and open a mouth, and leave the person alone."""

from collections.abc import Callable

import cv2
import numpy as np
from sklearn.linear_model import Ridge

from narcissus.features.moment import NUMBERS, moment
from narcissus.features.portrait import COLUMNS, GROUPS
from narcissus.inverter.expression import Expression, curved

PENALTY = 30.0  # ridge of what is read from a latent; latents have unit variance
KEPT_SHAPES = 20  # principal components of a shape without its expression
KEPT = 30.0  # how much it costs to change what tells people apart, beside moving at all, …
GUESSED = 10.0  # … so much more to change age and gender presentation, …
PAINTED = 30.0  # … and to repaint what a mouth or a lid leaves alone. With 0 a turned head is another person
UNREAD = 0.1  # of the variance that a latent does not say: a number hard to read is not chased
SIDE, SOFT, PICTURES = 16, 1.5, 2000  # pixels of the drawn pictures that are compared, blur before, and how many

# How much of each is shown. A smile, lids, a nod and brows are small, and chasing them costs the person: chosen on five
# films by who holds.
SHOWN = dict(zip(NUMBERS, (0.9, 0.1, 1.5, 0.1, 0.3, 0.0), strict=True))
LOWEST = dict(zip(NUMBERS, (-2.5, -2.5, -2.5, -2.5, -2.5, -2.5), strict=True))
HIGHEST = dict(zip(NUMBERS, (2.5, 2.0, 7.0, 2.0, 2.0, 2.0), strict=True))  # drawn mouths are mostly closed
# The rows of a picture (from 0, the top, to 1) in which a number may change what is painted; others change all of it.
MAY_PAINT = {"mouth inside aspect": (0.56, 1.0), "mouth curve": (0.56, 1.0)}
MAY_PAINT |= {"eye aspect": (0.19, 0.5), "brow height": (0.19, 0.5)}


def learn_expression(rows: np.ndarray, latents: np.ndarray, render: Callable[[np.ndarray], np.ndarray]) -> Expression:
    """From rows (n, P) without gaps, the latents (n, L) that drew them, and the generator's `render`."""
    numbers = moment(rows)
    mean, spread = numbers.mean(axis=0), np.maximum(numbers.std(axis=0), 1e-6)
    numbers = (numbers - mean) / spread
    shapes = Ridge(1.0).fit(curved(numbers), rows[:, GROUPS["shape"]]).coef_.T
    reading = Ridge(PENALTY).fit(latents, numbers)
    error = np.square(reading.predict(latents) - numbers).mean(axis=0)
    lasting = Ridge(PENALTY).fit(latents, lasting_numbers(rows, curved(numbers) @ shapes)).coef_
    painted = painting(latents[:PICTURES], render)
    moves = np.stack([direction(i, reading.coef_, error, lasting, painted) for i in range(len(NUMBERS))], axis=1)
    limits = [[side[name] for name in NUMBERS] for side in (SHOWN, LOWEST, HIGHEST)]
    arrays = (mean, spread, shapes, reading.coef_, reading.intercept_, moves, *limits)
    return Expression(moment, *(np.asarray(array, np.float32) for array in arrays))


def lasting_numbers(rows: np.ndarray, expressed: np.ndarray) -> np.ndarray:
    """What tells people apart, float64 (n, q), each of unit variance but age and gender presentation, which count more.

    Beside these, colours, and shapes less what was `expressed` (n, 136).
    """
    shapes = rows[:, GROUPS["shape"]] - expressed
    _, _, components = np.linalg.svd((shapes - shapes.mean(axis=0))[:10_000], full_matrices=False)
    guessed = [COLUMNS.index("age"), COLUMNS.index("female")]
    others = [*guessed, *range(len(COLUMNS))[GROUPS["colour"]]]
    lasting = np.hstack([shapes @ components[:KEPT_SHAPES].T, rows[:, others]]).astype(np.float64)
    worth = np.ones(lasting.shape[1])
    worth[KEPT_SHAPES : KEPT_SHAPES + len(guessed)] = np.sqrt(GUESSED)
    varying = lasting.std(axis=0) > 1e-6
    return ((lasting - lasting.mean(axis=0))[:, varying] / lasting.std(axis=0)[varying]) * worth[varying]


def painting(latents: np.ndarray, render: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """What each axis of a latent does to a small picture: (SIDE, SIDE, 3, L), in mean spreads of a Lab pixel."""
    small = np.concatenate([_small(render(part)) for part in np.array_split(latents, max(1, len(latents) // 25))])
    spread = max(float(small.std(axis=0).mean()), 1e-6)
    return Ridge(PENALTY).fit(latents, small.reshape(len(small), -1)).coef_.reshape(SIDE, SIDE, 3, -1) / spread


def _small(pictures: np.ndarray) -> np.ndarray:
    """uint8 (n, R, R, 3) RGB -> float32 (n, SIDE, SIDE, 3) Lab."""
    smooth = [cv2.GaussianBlur(picture, (0, 0), SOFT * picture.shape[0] / 64) for picture in pictures]
    shrunk = [cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for picture in smooth]
    return np.stack([cv2.cvtColor(np.float32(picture) / 255, cv2.COLOR_RGB2LAB) for picture in shrunk])


def direction(index: int, reads: np.ndarray, error: np.ndarray, lasting: np.ndarray, painted: np.ndarray) -> np.ndarray:
    """(L,): along it the number `index` of those that `reads` (m, L) reads grows, by less than 1 where its share of
    `error` (m,) is large, and the others stay, at the least cost to what lasts and to what is painted elsewhere.
    """
    cost = np.eye(reads.shape[1]) + KEPT * lasting.T @ lasting
    if NUMBERS[index] in MAY_PAINT:
        top, bottom = (round(SIDE * edge) for edge in MAY_PAINT[NUMBERS[index]])
        elsewhere = np.delete(painted, range(top, bottom), axis=0).reshape(-1, reads.shape[1])
        cost += PAINTED * elsewhere.T @ elsewhere
    easy = np.linalg.inv(cost) @ reads.T  # (L, m)
    return easy @ np.linalg.inv(reads @ easy + UNREAD * np.diag(error))[:, index]
