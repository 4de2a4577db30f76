"""All measures of one set of viewers and their reflections; docs/likeness.md says each in words."""

import numpy as np

from narcissus.features.spatial import FORMS, forms, normalise, pose
from narcissus.lab.likeness import identity
from narcissus.lab.likeness.bootstrap import Figure, Statistic, correlation, estimate, mean, slope
from narcissus.lab.likeness.perception import Looks
from narcissus.lab.likeness.shape import pair_errors, skill

FROM_PICTURES = (
    *("landmark_skill", "identity_auc", "identity_auc_other", "recall_at_1", "recall_latent", "recall_features"),
    *("recall_chance", "age_mae", "age_r", "gender_agreement", "mouth_r", "yaw_r", "skin_r", "skin_slope"),
    *("variety_ratio", "face_rate", "face_rate_real"),
)
FROM_FILMS = ("still_degrees", "t90_ms")
AMPLITUDES = ("amplitude_mouth", "amplitude_eyes")
BESIDE = ("landmark_error", "smile_agreement", "variety_of_people")  # for the page; not asked for by name
FROM_PORTRAITS = {
    "age_mae",
    "age_r",
    "gender_agreement",
    "skin_r",
    "skin_slope",
}  # these prefer --faces, others --people

MOUTH = FORMS.index("mouth inside aspect")
EYES = [FORMS.index("eye left aspect"), FORMS.index("eye right aspect")]


def mouth_opening(landmarks: np.ndarray) -> np.ndarray:
    """Landmarks (…, 68, 2) -> (…): mean height between the inner lips over the width between their corners."""
    return forms(normalise(landmarks))[..., MOUTH]


def eye_opening(landmarks: np.ndarray) -> np.ndarray:
    """Landmarks (…, 68, 2) -> (…): the eye aspect ratio (Soukupová and Čech 2016), mean of both eyes."""
    return forms(normalise(landmarks))[..., EYES].mean(axis=-1)


def measure(
    viewers: Looks,
    reflections: Looks,
    latents: np.ndarray,
    people: np.ndarray,
    random_spread: float | None,
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Figure]:
    """Every figure that pictures can give, each with its interval over people.

    `random_spread` is the mean distance between codes of random renders, the unit of variety.
    """
    both = viewers.found & reflections.found

    def figure(statistic: Statistic, used: np.ndarray) -> Figure:
        return estimate(statistic, people, used, resamples, seed)

    def related(statistic, x: np.ndarray, y: np.ndarray) -> Figure:
        return figure(statistic(x, y), both & np.isfinite(x) & np.isfinite(y))

    errors = pair_errors(viewers.landmarks, reflections.landmarks)
    tone, tone_back = viewers.tone, reflections.tone
    ages = np.isfinite(viewers.age) & np.isfinite(reflections.age)
    figures = {
        "landmark_skill": figure(skill(errors, people), both),
        "landmark_error": figure(mean(np.diagonal(errors)), both),
        "age_mae": figure(mean(np.abs(viewers.age - reflections.age)), ages),
        "age_r": related(correlation, viewers.age, reflections.age),
        "gender_agreement": figure(mean((viewers.female > 0.5) == (reflections.female > 0.5)), ages),
        "smile_agreement": figure(mean((viewers.happy > 0.5) == (reflections.happy > 0.5)), ages),
        "mouth_r": related(correlation, mouth_opening(viewers.landmarks), mouth_opening(reflections.landmarks)),
        "yaw_r": related(correlation, pose(viewers.landmarks)[..., 0], pose(reflections.landmarks)[..., 0]),
        "skin_r": related(correlation, tone, tone_back),
        "skin_slope": related(slope, tone, tone_back),
        "face_rate": figure(mean(reflections.found), viewers.found),
        "face_rate_real": figure(mean(viewers.found), np.ones(len(viewers), bool)),
    }
    described = viewers.described & reflections.described
    figures |= _identity(viewers, reflections, people, described, figure)
    figures |= _variety(viewers, reflections, people, described, random_spread, figure)
    return figures | _recalls(viewers, reflections, latents, people, resamples, seed)


def _identity(viewers: Looks, reflections: Looks, people: np.ndarray, used: np.ndarray, figure) -> dict[str, Figure]:
    similarity = -np.nan_to_num(identity.distances(viewers.codes, reflections.codes), nan=9.0)
    both = used[:, None] & used[None]
    same = people[:, None] == people[None]
    photo = np.eye(len(people), dtype=bool)
    result = {}
    for name, own in (("identity_auc", photo & both), ("identity_auc_other", same & ~photo & both)):
        possible = own.any() and (~same & both).any()
        result[name] = figure(identity.auc(similarity, own, ~same & both), used) if possible else Figure()
    return result


def _variety(viewers, reflections, people, used, random_spread, figure) -> dict[str, Figure]:
    among = identity.spread(reflections.codes, people)
    between = identity.spread(viewers.codes, people)
    return {
        "variety_ratio": figure(lambda w: among(w) / random_spread, used) if random_spread else Figure(),
        "variety_of_people": figure(lambda w: among(w) / between(w), used),
    }


def _recalls(viewers, reflections, latents, people, resamples, seed) -> dict[str, Figure]:
    """Recall in each space, of the people of whom two reflections were found; the gallery stays whole in every
    sample.
    """
    shown = viewers.described & reflections.described
    only = lambda codes: np.where(shown[:, None], codes, np.nan)
    spaces = {
        "recall_at_1": only(reflections.codes),
        "recall_latent": only(latents),
        "recall_features": only(standardised(viewers.rows, shown)),
    }
    result, count = {}, 0
    for name, codes in spaces.items():
        names, hits = identity.recall(codes, people, seed=seed)
        result[name] = estimate(mean(hits), names, np.ones(len(names), bool), resamples, seed)
        count = len(names)
    chance = round(1 / count, 4) if count else None
    return result | {"recall_chance": Figure(chance, chance, chance, count)}


def standardised(rows: np.ndarray, used: np.ndarray) -> np.ndarray:
    """The numbers (n, p) that every used row knows, each with mean 0 and spread 1 (the features' own code)."""
    if used.sum() < 2:
        return np.full((len(rows), 1), np.nan, np.float32)
    known = np.isfinite(rows[used]).all(axis=0)
    part = rows[:, known].astype(np.float64)
    spread = part[used].std(axis=0)
    varies = spread > 1e-6
    return (part[:, varies] - part[used][:, varies].mean(axis=0)) / spread[varies]
