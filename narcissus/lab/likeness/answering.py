"""Rank correlation of viewer's and reflection's movements, in films that go through the Mirror scene."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from narcissus.core.types import Picture
from narcissus.features.spatial import pose
from narcissus.lab.likeness.figures import mouth_opening
from narcissus.people import find_portrait
from narcissus.scenes.mirror.seen import Seen


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What one film's viewers did and what the wall answered, at the moments when both show a face."""

    viewers: np.ndarray  # float32 (n, 2): yaw in degrees, opening of the mouth
    reflections: np.ndarray  # float32 (n, 2): the same of the picture shown at that moment
    latents: np.ndarray  # float32 (people, L): the mean direction shown for each viewer followed


def answer(played: Iterable[tuple[Seen, Picture]]) -> Answer:
    """Only pictures that follow somebody count: on the way to a new viewer the reflection is nobody's yet."""
    viewers, reflections, latents = [], [], {}
    for observation, picture in played:
        if observation.viewer is None or picture.state.phase != "following":
            continue
        latents.setdefault(observation.viewer.identity, []).append(picture.state.latent)
        face = find_portrait(picture.image)
        if face is not None:
            viewers.append(_doing(observation.viewer.landmarks))
            reflections.append(_doing(face.landmarks))
    means = [np.mean(shown, axis=0) for shown in latents.values()]
    return Answer(*(np.array(part, np.float32).reshape(-1, 2) for part in (viewers, reflections)), np.array(means))


def _doing(landmarks: np.ndarray) -> tuple[float, float]:
    return float(pose(landmarks)[0]), float(mouth_opening(landmarks))


def answered(answers: list[Answer]) -> dict[str, float | int | None]:
    """Spearman's rank correlations over the moments of all films, and the mean degrees between people's reflections."""
    viewers, reflections = (
        np.concatenate([getattr(one, side) for one in answers]) for side in ("viewers", "reflections")
    )
    latents = [one.latents for one in answers if len(one.latents)]
    yaw, mouth = (rank_correlation(viewers[:, i], reflections[:, i]) for i in range(2))
    apart = degrees_apart(np.concatenate(latents)) if latents else None
    return {
        "moments": len(viewers),
        "yaw": yaw,
        "mouth": mouth,
        "people": sum(map(len, latents)),
        "degrees_apart": apart,
    }


def rank_correlation(x: np.ndarray, y: np.ndarray) -> float | None:
    """Spearman's ρ of two (n,) arrays; ties share their mean rank. None where one of them never changes."""
    ranks = [_ranks(values) for values in (x, y)]
    if len(x) < 2 or min(rank.std() for rank in ranks) == 0:
        return None
    return float(np.corrcoef(*ranks)[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[where]


def degrees_apart(latents: np.ndarray) -> float | None:
    """The mean angle between all pairs of latents (n, L); None where there is but one."""
    if len(latents) < 2:
        return None
    directions = latents / np.linalg.norm(latents, axis=1, keepdims=True)
    cosines = (directions @ directions.T)[np.triu_indices(len(latents), 1)]
    return float(np.degrees(np.arccos(np.clip(cosines, -1, 1))).mean())
