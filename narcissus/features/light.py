"""What light a face stands in, as far as the face itself can say: exposure and illuminant beside a well-lit portrait.

Percentiles of brightness around a face, in it and in its eyes (shine, the whites, hair, what stands beside it) are much
alike in well-lit portraits; their means and covariance are stored. Two normal distributions explain a picture: the
light is as in portraits and this face differs, or the room differs too, by a light of which a room's spread is known.
The answer is the mean light of both, each weighed by how likely it makes what is seen: a portrait stays as measured, a
dim room is made good. Of what is clipped only that is known: that it is at least as bright, and that whoever takes a
portrait avoids it in the face.

A camera's encoding is nearly a power law, so a gain of light is a gain of encoded values and nothing is decoded.
"""

from math import erfc
from pathlib import Path

import numpy as np

from narcissus.features.sampling import face_axes, nearest_pixels
from narcissus.features.spatial import MEAN_SHAPE

AROUND, INSIDE, EYES = (50, 75, 90, 97), (25, 50, 75, 90, 97), (50, 80, 95)  # percentiles of each channel
SEEN = len(AROUND) + len(INSIDE) + len(EYES)
_INSIDE = slice(3 * len(AROUND), 3 * (len(AROUND) + len(INSIDE)))  # of all numbers, channel by channel within each
LEAST = 4  # numbers that must be usable
CLIPPED, DARKEST = 250.0, 2.0  # encoded values beyond which there was more, or mostly rounding
SIDE = 40  # samples along each side of the neighbourhood

# Spreads of the logarithm of encoded gains in rooms: exposure, lamps from tungsten to shade (red against blue), green.
EXPOSURE, WARMTH, GREEN = 0.9, 0.4, 0.05
ODDS = 0.0  # logarithm: of a light as in portraits, before anything is seen; lower, and portraits lose their own skin
CLIPPING = 1.0  # taken off the log odds of a portrait's light for each clipped percentile inside the face: few have any
FARTHEST = 2.0  # logarithm: a gain beyond seven times only shows rounding

ONE_LAMP = np.full((3, 3), EXPOSURE**2)
_WARM = np.array([0.5, 0.0, -0.85])
ROOMS = ONE_LAMP + WARMTH**2 * np.outer(_WARM, _WARM) + np.diag([0.0, GREEN**2, 0.0])
_STORED = np.loadtxt(Path(__file__).with_name("light.txt"))  # written by scripts/learn_light.py
MEAN, COVARIANCE = _STORED[0], _STORED[1:]  # (36,), (36, 36): logarithms of percentiles, channel by channel within each
FACE = np.exp(MEAN.reshape(-1, 3)[len(AROUND) + INSIDE.index(75)]).astype(np.float32)  # (3,): the middle of all skins

_TICKS = (np.arange(SIDE) + 0.5) / SIDE
_PLACES = np.stack(np.meshgrid(_TICKS * 1.7 - 0.85, _TICKS * 1.7 - 0.95), -1).reshape(-1, 2)  # face sizes
_EYE = np.stack(np.meshgrid((np.arange(14) + 0.5) / 14 - 0.5, (np.arange(8) + 0.5) / 8 - 0.5), -1).reshape(-1, 2)


def _in_face() -> np.ndarray:
    """Which places lie within the mean face, bool (1600,): an ellipse from brows to chin."""
    low, high = MEAN_SHAPE.min(axis=0), MEAN_SHAPE.max(axis=0)
    return np.square((_PLACES - (low + high) / 2) / ((high - low) * 0.48)).sum(axis=1) < 1


_IN_FACE = _in_face()


def gains(
    image: np.ndarray, landmarks: np.ndarray, *, colourless: bool = False, room: np.ndarray | None = None
) -> np.ndarray:
    """The factors of encoded R, G and B that make the face look well lit: float32 (3,).

    `image` is uint8 (H, W, 3) RGB, `landmarks` float32 (68, 2) in its pixels. Of a `colourless` picture only the
    exposure is asked: all three are then in the proportion of `room`. `room` (3,), all 1 where nothing is known: gains
    that a white sheet has told (`sheet`), from which the search begins; they stand where too little of the face can be
    seen to say anything.
    """
    room = np.ones(3, np.float32) if room is None else np.asarray(room, np.float32)
    values = percentiles(image, np.asarray(landmarks, np.float32))
    usable = np.isfinite(values) & (values < CLIPPED) & (values >= DARKEST)
    clipped = values >= CLIPPED
    values = values * room
    if colourless:
        usable[:, [0, 2]] = clipped[:, [0, 2]] = False
    usable, clipped = usable.ravel(), clipped.ravel()
    if usable.sum() < LEAST:
        return room
    away = np.where(usable, np.log(np.maximum(values.ravel(), DARKEST)) - MEAN, 0)
    limit = np.tile(np.log(CLIPPED * room), SEEN) - MEAN
    light = _light(away, usable, clipped, limit, ONE_LAMP if colourless else ROOMS)
    return room * np.exp(-np.clip(light, -FARTHEST, FARTHEST)).astype(np.float32)


def _light(away, usable, clipped, limit, rooms: np.ndarray) -> np.ndarray:
    """The mean logarithm (3,) of the light under both explanations; all else (36,), logarithms less the mean."""
    lent = np.tile(rooms, (SEEN, SEEN))  # the covariance that a light lends: it moves all of a channel alike
    differs = COVARIANCE + lent
    odds = _log_likelihood(away, usable, clipped, limit, COVARIANCE) + ODDS - CLIPPING * clipped[_INSIDE].sum()
    odds -= _log_likelihood(away, usable, clipped, limit, differs)
    away = _beyond(away, usable, clipped, limit, differs)
    known = usable | clipped
    light = np.tile(rooms, SEEN)[:, known] @ np.linalg.solve(differs[np.ix_(known, known)], away[known])
    return light / (1 + np.exp(np.clip(odds, -50, 50)))


def _log_likelihood(away, usable, clipped, limit, covariance: np.ndarray) -> float:
    """Of what is seen, and of the most surprising of what is clipped."""
    known = covariance[np.ix_(usable, usable)]
    density = -0.5 * (away[usable] @ np.linalg.solve(known, away[usable]) + np.linalg.slogdet(known)[1])
    if not clipped.any():
        return density
    expected, spread = _expected(away, usable, clipped, covariance)
    return density + float(np.log(np.maximum(_normal((expected - limit[clipped]) / spread), 1e-12)).min())


def _beyond(away, usable, clipped, limit, covariance: np.ndarray) -> np.ndarray:
    """`away` with what is clipped at its expectation, given that it lies beyond the limit (Tobin 1958)."""
    if not clipped.any():
        return away
    expected, spread = _expected(away, usable, clipped, covariance)
    least = (limit[clipped] - expected) / spread
    beyond = np.exp(-0.5 * least**2) / np.sqrt(2 * np.pi) / np.maximum(_normal(-least), 1e-9)  # inverse Mills ratio
    away = away.copy()
    away[clipped] = np.maximum(expected + spread * beyond, limit[clipped])
    return away


def _expected(away, usable, clipped, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread (c,) of what is clipped, given what is usable."""
    weights = np.linalg.solve(covariance[np.ix_(usable, usable)], covariance[np.ix_(usable, clipped)])  # (u, c)
    variance = covariance.diagonal()[clipped] - (covariance[np.ix_(clipped, usable)] * weights.T).sum(axis=1)
    return away[usable] @ weights, np.sqrt(np.maximum(variance, 1e-4))


def _normal(z: np.ndarray) -> np.ndarray:
    """The cumulative distribution of the standard normal."""
    return 0.5 * np.array([erfc(-value / np.sqrt(2)) for value in z])


def percentiles(image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Of each channel around the face, in it and in its eyes: float64 (12, 3), 0 to 255; NaN outside the picture."""
    axes = face_axes(landmarks)
    pixels, inside = nearest_pixels(image, landmarks.mean(axis=0) + _PLACES @ axes)
    eyes, opened = nearest_pixels(image, np.concatenate([_eye(landmarks[part]) for part in _BOTH]))
    parts = ((pixels[inside], AROUND), (pixels[inside & _IN_FACE], INSIDE), (eyes[opened], EYES))
    return np.concatenate([_percentiles(some, ranks) for some, ranks in parts])


_BOTH = (slice(36, 42), slice(42, 48))


def _eye(points: np.ndarray) -> np.ndarray:
    """Places (112, 2) between the lids, in pixels."""
    return points.mean(axis=0) + _EYE * np.ptp(points, axis=0) * 0.9


def _percentiles(pixels: np.ndarray, ranks: tuple[int, ...]) -> np.ndarray:
    few = len(pixels) < 16
    return np.full((len(ranks), 3), np.nan) if few else np.percentile(pixels, ranks, axis=0)
