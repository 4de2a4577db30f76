"""Skin tone as a number: the individual typology angle (Chardon, Cretois and Hourseau 1991)."""

import numpy as np

from narcissus.features.colour import PATCHES

SKIN = [PATCHES.index(name) for name in ("cheek left", "cheek right", "forehead")]

# Names and lower limits in degrees: Chardon et al. 1991; "dark" below −30 after Del Bino and Bernerd 2013.
TONES = (
    ("very light", 55.0),
    ("light", 41.0),
    ("intermediate", 28.0),
    ("tan", 10.0),
    ("brown", -30.0),
    ("dark", -90.0),
)


def skin_of(patches: np.ndarray) -> np.ndarray:
    """Lab (…, 3) of the skin: the mean of cheeks and forehead, those that are seen of patches (…, 8, 3); NaN if none
    is.
    """
    skin = patches[..., SKIN, :]
    seen = np.isfinite(skin)
    with np.errstate(invalid="ignore"):
        return np.where(seen, skin, 0).sum(axis=-2) / np.where(seen.any(axis=-2), seen.sum(axis=-2), np.nan)


def typology_angle(lab: np.ndarray) -> np.ndarray:
    """ITA = arctan((L* − 50) / b*) in degrees, of Lab (…, 3): higher is lighter.

    Written with the two-argument arctangent, which is the same for b* > 0 and does not jump where a bluish picture
    has b* ≤ 0.
    """
    return np.degrees(np.arctan2(lab[..., 0] - 50, lab[..., 2]))


def tone(angles: np.ndarray) -> np.ndarray:
    """The index into TONES of each angle; −1 where it is NaN."""
    limits = np.array([limit for _, limit in TONES[:-1]])
    bands = (np.asarray(angles)[..., None] <= limits).sum(axis=-1)
    return np.where(np.isnan(angles), -1, bands)
