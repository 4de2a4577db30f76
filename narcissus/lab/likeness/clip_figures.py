"""Figures of a clip: stability of identity and of the guesses; correlation, slope and lag of its movements."""

from collections.abc import Sequence

import numpy as np

from narcissus.lab.likeness.clips import SIGNALS, Clip
from narcissus.lab.likeness.film import spread
from narcissus.lab.likeness.identity import distances

NEAREST = 0.05  # quantile of the distances between clips below which a pair within a clip should lie
LONGEST, STEP = 0.4, 0.005  # seconds: lags that are tried
AGREES = 0.5  # correlation below which a signal says nothing about its lag


def identity_held(clips: Sequence[Clip]) -> dict[str, float]:
    """Descriptor distances of pictures of one viewer in a clip against those of different clips; NaN without pairs."""
    codes, seats = (np.concatenate([getattr(one, name) for one in clips]) for name in ("codes", "seats"))
    clip = np.repeat(np.arange(len(clips)), [len(one.codes) for one in clips])
    known = np.isfinite(codes[:, 0])
    apart, clip, seats = distances(codes[known], codes[known]), clip[known], seats[known]
    pair = np.triu(np.ones(apart.shape, bool), 1)
    same = clip[:, None] == clip[None]
    within = apart[pair & same & (seats[:, None] == seats[None])]
    between = np.sort(apart[pair & ~same])
    if not len(within) or not len(between):
        return {"hold_auc": float("nan"), "hold_share": float("nan")}
    farther = 1 - np.searchsorted(between, within) / len(between)
    return {
        "hold_auc": float(farther.mean()),
        "hold_share": float((within < np.quantile(between, NEAREST)).mean()),
    }


def flips(clip: Clip, whose: str = "guesses") -> tuple[int, float]:
    """How often a guessed gender presentation changes from one asked picture to the next, and in how many minutes.

    `whose`: "guesses" (of the reflection), "own" (of the viewer's own frames) or "told" (what the wall says).
    """
    guesses = getattr(clip, whose)
    known = np.isfinite(guesses[:, 1])
    women, seats = guesses[known, 1] > 0.5, clip.seats[known]
    minutes = float(np.ptp(clip.asked_at)) / 60 if len(clip.asked_at) else 0.0
    return int(((women[1:] != women[:-1]) & (seats[1:] == seats[:-1])).sum()), minutes


def age_spread(clip: Clip, whose: str = "guesses") -> float:
    """Standard deviation of a guessed age in years, around each viewer's own mean; `whose` as in `flips`."""
    guesses = getattr(clip, whose)
    known = np.isfinite(guesses[:, 0])
    ages, seats = guesses[known, 0], clip.seats[known]
    away = [ages[seats == seat] - ages[seats == seat].mean() for seat in np.unique(seats)]
    return float(np.sqrt(np.square(np.concatenate(away)).mean())) if away else float("nan")


def on_the_manifold(clips: Sequence[Clip], drawn: np.ndarray, sharp: float) -> dict[str, float]:
    """How far what is shown lies from the nearest drawn faces, of whom `drawn` (n, 128) are the descriptors, beside how
    far these lie from one another; and its sharpness over `sharp`, theirs.
    """
    shown = np.concatenate([one.codes for one in clips])
    apart = distances(shown[np.isfinite(shown[:, 0])], drawn)
    among = distances(drawn, drawn) + np.diag(np.full(len(drawn), np.inf))
    if not apart.size or len(drawn) < 2:
        return {}
    return {
        "nearest_drawn": float(apart.min(axis=1).mean()),
        "nearest_among_drawn": float(among.min(axis=1).mean()),
        "sharpness": float(np.concatenate([one.sharp for one in clips]).mean() / max(sharp, 1e-9)),
    }


def paired(clip: Clip, name: str, lag: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """A signal of the viewer `lag` seconds before, and of the reflection, at the pictures with a face."""
    index = SIGNALS.index(name)
    known = np.isfinite(clip.shown[:, index]) & (clip.shown_at - lag >= min(clip.seen_at, default=0.0))
    if not known.any():
        return np.zeros(0), np.zeros(0)
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


def figures(clips: Sequence[Clip], names: Sequence[str], drawn: np.ndarray | None = None, sharp: float = 1.0) -> dict:
    """All of it for a report: "all" of the clips together, and "each" by its name; None where there is no answer.

    `drawn` (n, 128) and `sharp`: see `on_the_manifold`; None: not asked.
    """
    whole = identity_held(clips) | {
        "found": float(np.concatenate([np.isfinite(one.shown[:, 0]) for one in clips]).mean()),
        "flips_a_minute": _a_minute(clips, "guesses"),
        "flips_a_minute_own": _a_minute(clips, "own"),
        "flips_a_minute_told": _a_minute(clips, "told"),
        "yaw_r": _pooled(clips, "yaw"),
        "roll_r": _pooled(clips, "roll"),
    }
    whole |= {} if drawn is None else on_the_manifold(clips, drawn, sharp)
    each = [
        {
            "found": one.found,
            "flips": flips(one)[0],
            "age_spread": age_spread(one),
            "age_spread_own": age_spread(one, "own"),
            "age_spread_told": age_spread(one, "told"),
            "mouth_amplitude": amplitude(one),
            "eyes_amplitude": amplitude(one, "eyes"),
            "yaw_r": correlation(one, "yaw"),
            "yaw_slope": slope(one, "yaw"),
            "roll_r": correlation(one, "roll"),
            "roll_slope": slope(one, "roll"),
            "felt_latency_ms": felt_latency(one),
        }
        for one in clips
    ]
    return {"all": _rounded(whole), "each": dict(zip(names, map(_rounded, each), strict=True))}


def _a_minute(clips: Sequence[Clip], whose: str) -> float:
    """Flips of all clips over all their minutes; NaN where nothing was guessed."""
    if not any(np.isfinite(getattr(one, whose)[:, 1]).any() for one in clips):
        return float("nan")
    counts, minutes = zip(*(flips(one, whose) for one in clips), strict=True)
    return sum(counts) / sum(minutes) if sum(minutes) else float("nan")


def _pooled(clips: Sequence[Clip], name: str) -> float:
    viewers, reflections = (np.concatenate(side) for side in zip(*(paired(one, name) for one in clips), strict=True))
    return float(np.corrcoef(viewers, reflections)[0, 1]) if len(viewers) > 2 else float("nan")


def _rounded(values: dict[str, float]) -> dict[str, float | None]:
    return {name: None if np.isnan(value) else round(float(value), 4) for name, value in values.items()}
