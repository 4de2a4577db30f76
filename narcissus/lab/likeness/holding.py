"""Who holds: is the reflection one person in a clip, and another in another? And how does it answer there?"""

from collections.abc import Sequence

import numpy as np

from narcissus.lab.likeness.clips import SIGNALS, Clip
from narcissus.lab.likeness.film import spread
from narcissus.lab.likeness.identity import distances

NEAREST = 0.05  # quantile of the distances between clips below which a pair within a clip should lie
LONGEST, STEP = 0.4, 0.005  # seconds: lags that are tried
AGREES = 0.5  # correlation below which a signal says nothing about its lag


def held(clips: Sequence[Clip]) -> dict[str, float]:
    """Descriptor distances of pictures of the same clip against those of different clips; NaN where there are none."""
    codes = np.concatenate([one.codes for one in clips])
    clip = np.repeat(np.arange(len(clips)), [len(one.codes) for one in clips])
    known = np.isfinite(codes[:, 0])
    apart, clip = distances(codes[known], codes[known]), clip[known]
    pair = np.triu(np.ones(apart.shape, bool), 1)
    same = clip[:, None] == clip[None]
    within, between = apart[pair & same], np.sort(apart[pair & ~same])
    if not len(within) or not len(between):
        return {"hold_auc": float("nan"), "hold_share": float("nan")}
    farther = 1 - np.searchsorted(between, within) / len(between)
    return {
        "hold_auc": float(farther.mean()),
        "hold_share": float((within < np.quantile(between, NEAREST)).mean()),
    }


def flips(clip: Clip) -> tuple[int, float]:
    """How often the guessed gender presentation changes from one asked picture to the next, and in how many minutes."""
    women = clip.guesses[np.isfinite(clip.guesses[:, 1]), 1] > 0.5
    minutes = float(np.ptp(clip.asked_at)) / 60 if len(clip.asked_at) else 0.0
    return int((women[1:] != women[:-1]).sum()), minutes


def age_spread(clip: Clip) -> float:
    """Standard deviation of the guessed age in years."""
    return float(np.nanstd(clip.guesses[:, 0])) if np.isfinite(clip.guesses[:, 0]).any() else float("nan")


def paired(clip: Clip, name: str, lag: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """A signal of the viewer `lag` seconds before, and of the reflection, at the pictures with a face."""
    index = SIGNALS.index(name)
    known = np.isfinite(clip.shown[:, index]) & (clip.shown_at - lag >= clip.seen_at[0])
    there = np.interp(clip.shown_at[known] - lag, clip.seen_at, clip.seen[:, index])
    return there, clip.shown[known, index]


def correlation(clip: Clip, name: str, lag: float = 0.0) -> float:
    """Pearson's, at one moment; NaN where one of them never changes."""
    viewer, reflection = paired(clip, name, lag)
    if len(viewer) < 3 or min(viewer.std(), reflection.std()) < 1e-9:
        return float("nan")
    return float(np.corrcoef(viewer, reflection)[0, 1])


def slope(clip: Clip, name: str) -> float:
    viewer, reflection = paired(clip, name)
    return float(np.polyfit(viewer, reflection, 1)[0]) if len(viewer) > 2 and viewer.std() > 1e-9 else float("nan")


def amplitude(clip: Clip, name: str = "mouth") -> float:
    """90th − 10th percentile of the reflection's signal over the viewer's, each after a median of five."""
    viewer, reflection = paired(clip, name)
    return spread(reflection) / max(spread(viewer), 1e-9) if len(viewer) else float("nan")


def felt_latency(clip: Clip, names: Sequence[str] = ("yaw", "pitch", "mouth")) -> float:
    """Milliseconds by which the reflection's movements trail the viewer's: the lag of the largest mean correlation.

    Only signals that agree at some lag are asked. NaN where none does.
    """
    lags = np.arange(0, LONGEST, STEP)
    curves = np.array([[correlation(clip, name, lag) for lag in lags] for name in names])  # (signals, lags)
    curves = curves[np.nan_to_num(curves).max(axis=1) > AGREES]
    return float(1000 * lags[curves.mean(axis=0).argmax()]) if len(curves) else float("nan")
