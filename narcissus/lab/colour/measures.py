"""How far assumed colours are from true ones: ΔE00 by region, colourfulness, and what becomes of skin."""

from collections.abc import Iterable

import numpy as np
from skimage.color import deltaE_ciede2000

from narcissus.lab.likeness.bootstrap import Figure, Statistic, estimate, mean
from narcissus.networks.colour.regions import masks

REGIONS = ("cheek", "lip", "hair", "rest")


def differences(truth: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """ΔE00 (Sharma et al. 2005) of Lab (n, h, w, 3), float32 (n, h, w), at the lightness of the truth.

    Lightness is not guessed: what rounding to 8 bits did to it is no error of colour.
    """
    level = np.concatenate([truth[..., :1], guess[..., -2:]], axis=-1)
    return np.stack([deltaE_ciede2000(a, b) for a, b in zip(truth, level, strict=True)]).astype(np.float32)


def regions_of(landmarks: Iterable[np.ndarray], side: int, places: int) -> dict[str, np.ndarray]:
    """bool (n, places, places) for each of REGIONS; landmarks (68, 2) in pixels of pictures of `side`."""
    found = [masks((points + 0.5) * (places / side) - 0.5, places, places) for points in landmarks]
    table = {region: np.stack([mask[region] for mask in found]) for region in REGIONS[:3]}
    return table | {"rest": ~np.any(list(table.values()), axis=0)}


def by_region(values: np.ndarray, regions: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Mean (n,) of values (n, h, w) within each region, and of all; NaN where a picture has none of it."""
    within = {name: _within(values, mask) for name, mask in regions.items()}
    return within | {"all": values.mean(axis=(1, 2))}


def figure(values: np.ndarray) -> Figure:
    """The mean over pictures with its interval; NaN is left out."""
    return estimate(mean(values), np.arange(len(values)), np.isfinite(values))


def ratio(values: np.ndarray, over: np.ndarray) -> Figure:
    """Mean over mean, both over the same pictures."""
    used = np.isfinite(values) & np.isfinite(over)
    return estimate(_ratio(np.nan_to_num(values), np.nan_to_num(over)), np.arange(len(values)), used)


def colourfulness(pictures: Iterable[np.ndarray]) -> np.ndarray:
    """Hasler and Süsstrunk 2003, float64 (n,), of uint8 (H, W, 3) RGB."""
    return np.array([_colourfulness(picture.astype(np.float64)) for picture in pictures])


def hue_and_chroma(lab: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the mean colour within bool (n, h, w): hue in degrees (0 red, 90 yellow) and chroma, each (n,)."""
    a, b = (_within(lab[..., channel], mask) for channel in (-2, -1))
    return np.degrees(np.arctan2(b, a)), np.hypot(a, b)


def _within(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    count = mask.sum(axis=(1, 2))
    return np.where(count > 0, (values * mask).sum(axis=(1, 2)) / np.maximum(count, 1), np.nan)


def _ratio(values: np.ndarray, over: np.ndarray) -> Statistic:
    values, over = values.astype(np.float64), over.astype(np.float64)
    return lambda weights: (weights @ values) / (weights @ over)


def _colourfulness(picture: np.ndarray) -> float:
    red, green, blue = np.moveaxis(picture, -1, 0)
    first, second = red - green, (red + green) / 2 - blue
    return float(np.hypot(first.std(), second.std()) + 0.3 * np.hypot(first.mean(), second.mean()))
