"""The geometry of a face: landmarks -> shape -> named numbers, and the greedy choice among them."""

from narcissus.features.spatial.selection import GreedyFeatures
from narcissus.features.spatial.shape import (
    COORDINATE_NAMES,
    DISPLACEMENT_NAMES,
    DISPLACEMENTS,
    FORMS,
    MEAN_SHAPE,
    POINT_NAMES,
    POSE,
    ends_of,
    forms,
    log_distances,
    normalise,
    pose,
)

__all__ = [
    "COORDINATE_NAMES",
    "DISPLACEMENTS",
    "DISPLACEMENT_NAMES",
    "FORMS",
    "MEAN_SHAPE",
    "POINT_NAMES",
    "POSE",
    "GreedyFeatures",
    "ends_of",
    "forms",
    "log_distances",
    "normalise",
    "pose",
]
