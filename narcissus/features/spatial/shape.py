"""The geometry of a face: 68 landmarks -> a shape without place, size and roll -> numbers with names.

Every one of the 4,556 signed x and y displacements between two landmarks (Gacav, Benligiray, Topal, ICASSP 2017), and
what displacements cannot say: log-distances, aspect ratios, angles and the turn of the head. Left and right are the
picture's.
"""

from itertools import combinations
from pathlib import Path

import numpy as np

from narcissus.features.greedy import Candidates

_MEAN = np.loadtxt(Path(__file__).with_name("mean_shape.txt"))  # float64 (68, 3)
MEAN_SHAPE = _MEAN[:, :2].astype(np.float32)  # (68, 2), the outer eye corners a distance of 1 apart, centred
_MEAN_COMPLEX = (_MEAN[:, 0] + 1j * _MEAN[:, 1]).astype(np.complex64)

POINT_NAMES = (
    *("jaw left 8", "jaw left 7", "jaw left 6", "jaw left 5", "jaw left 4", "jaw left 3", "jaw left 2", "jaw left 1"),
    "chin",
    *("jaw right 1", "jaw right 2", "jaw right 3", "jaw right 4", "jaw right 5", "jaw right 6", "jaw right 7"),
    "jaw right 8",
    *("brow left outer end", "brow left 4", "brow left 3", "brow left 2", "brow left inner end"),
    *("brow right inner end", "brow right 2", "brow right 3", "brow right 4", "brow right outer end"),
    *("nose root", "nose bridge upper", "nose bridge lower", "nose tip"),
    *("nostril left", "nose base left", "nose base", "nose base right", "nostril right"),
    *("eye left outer corner", "eye left lid upper outer", "eye left lid upper inner"),
    *("eye left inner corner", "eye left lid lower inner", "eye left lid lower outer"),
    *("eye right inner corner", "eye right lid upper inner", "eye right lid upper outer"),
    *("eye right outer corner", "eye right lid lower outer", "eye right lid lower inner"),
    *(
        "mouth corner left",
        "lip upper left 2",
        "lip upper left 1",
        "lip upper",
        "lip upper right 1",
        "lip upper right 2",
    ),
    *(
        "mouth corner right",
        "lip lower right 2",
        "lip lower right 1",
        "lip lower",
        "lip lower left 1",
        "lip lower left 2",
    ),
    *("mouth inside left", "mouth inside upper left", "mouth inside upper", "mouth inside upper right"),
    *("mouth inside right", "mouth inside lower right", "mouth inside lower", "mouth inside lower left"),
)
PAIRS = np.array(list(combinations(range(68), 2)))  # int (2278, 2)
COORDINATE_NAMES = tuple(f"{name}, {axis}" for name in POINT_NAMES for axis in "xy")  # of a shape flattened

_NUMBERS = {name: number for number, name in enumerate(POINT_NAMES)}

# The 4,556 displacements as differences of two of the 136 coordinates.
DISPLACEMENTS = Candidates(
    np.repeat(2 * PAIRS[:, 0], 2) + np.tile([0, 1], 2278), np.repeat(2 * PAIRS[:, 1], 2) + np.tile([0, 1], 2278)
)
DISPLACEMENT_NAMES = tuple(f"{POINT_NAMES[a]} – {POINT_NAMES[b]}, {axis}" for a, b in PAIRS for axis in "xy")
DISTANCE_NAMES = tuple(f"log distance {POINT_NAMES[a]} – {POINT_NAMES[b]}" for a, b in PAIRS)


def ends_of(name: str) -> tuple[int, int] | None:
    """The two landmarks between which a displacement or a distance lies, by its name; None for any other number."""
    ends = name.removeprefix("log distance ").removesuffix(", x").removesuffix(", y").split(" – ")
    return (_NUMBERS[ends[0]], _NUMBERS[ends[1]]) if len(ends) == 2 else None


POSE = ("yaw", "pitch", "roll")
FORMS = (
    *("eye left aspect", "eye right aspect", "mouth aspect", "mouth inside aspect", "mouth curve"),
    *("jaw angle left", "jaw angle right", "chin angle", "brow angle left", "brow angle right"),
    *("brow height left", "brow height right"),
)

# Yaw and pitch are read from points that do not move when a face speaks: eye corners and nose.
_RIGID = np.array([36, 39, 42, 45, 27, 28, 29, 30, 31, 33, 35])
_SOLID = np.linalg.pinv(_MEAN[_RIGID] - _MEAN[_RIGID].mean(axis=0)).astype(np.float32)  # (3, 11)


def normalise(landmarks: np.ndarray) -> np.ndarray:
    """Landmarks (…, 68, 2) in any pixels -> shapes float32 (…, 68, 2): moved, scaled and turned onto the mean shape.

    The similarity is the least-squares one over all 68 points; x stays right and y down. The paper subtracts the same
    person's neutral face instead, which a passer-by does not have. Points that all coincide give NaN.
    """
    return _aligned(landmarks)[0]


def pose(landmarks: np.ndarray) -> np.ndarray:
    """Landmarks (…, 68, 2) -> float32 (…, 3): yaw, pitch and roll of the head in degrees.

    Yaw is positive when the nose points to the right of the picture, pitch when it points down, roll when the head
    leans clockwise. Yaw and pitch come from a least-squares orthographic view of the mean face's eyes and nose.
    """
    shape, roll = _aligned(landmarks)
    rigid = shape[..., _RIGID, :]
    view = np.einsum("sp,...pc->...cs", _SOLID, rigid - rigid.mean(axis=-2, keepdims=True))  # (…, 2, 3)
    yaw = np.arctan2(view[..., 0, 2], view[..., 0, 0])
    pitch = np.arctan2(view[..., 1, 2], view[..., 1, 1])
    return np.degrees(np.stack([yaw, pitch, roll], axis=-1)).astype(np.float32)


def _aligned(landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The normalised shapes and the roll that was taken out of each, in radians."""
    points = np.asarray(landmarks, np.float32)
    plane = points[..., 0] + 1j * points[..., 1]  # complex64 (…, 68)
    plane = plane - plane.mean(axis=-1, keepdims=True)
    size = np.square(np.abs(plane)).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = (plane.conj() * _MEAN_COMPLEX).sum(axis=-1) / size
        plane = plane * turn[..., None]
    return np.stack([plane.real, plane.imag], axis=-1).astype(np.float32), -np.angle(turn)


def log_distances(shapes: np.ndarray, pairs: np.ndarray = PAIRS) -> np.ndarray:
    """Natural logarithms float32 (…, len(pairs)) of the distances in shapes (…, 68, 2).

    A distance counts as at least 0.02 (a fiftieth of the distance between the eyes): below that it is noise, whose
    logarithm would drown everything.
    """
    span = shapes[..., pairs[:, 0], :] - shapes[..., pairs[:, 1], :]
    return (0.5 * np.log(np.maximum(np.square(span).sum(axis=-1), 0.02**2))).astype(np.float32)


def forms(shapes: np.ndarray) -> np.ndarray:
    """Shapes (…, 68, 2) -> float32 (…, 12), one number for each name in FORMS: ratios, angles (radians), heights."""
    s = shapes
    corners = (s[..., 48, :] + s[..., 54, :]) / 2
    middle = (s[..., 51, :] + s[..., 57, :]) / 2
    columns = [
        _aspect(s, 36, 39, [(37, 41), (38, 40)]),  # eye aspect ratio: Soukupová and Čech 2016
        _aspect(s, 42, 45, [(43, 47), (44, 46)]),
        _aspect(s, 48, 54, [(50, 58), (51, 57), (52, 56)]),
        _aspect(s, 60, 64, [(61, 67), (62, 66), (63, 65)]),
        (middle - corners)[..., 1] / _length(s, 48, 54),  # a smile lifts the corners above the middle
        _corner(s, 2, 4, 7),
        _corner(s, 14, 12, 9),
        _corner(s, 5, 8, 11),
        _slope(s, 21, 17),
        _slope(s, 22, 26),
        (s[..., 36:42, 1].mean(axis=-1) - s[..., 17:22, 1].mean(axis=-1)),
        (s[..., 42:48, 1].mean(axis=-1) - s[..., 22:27, 1].mean(axis=-1)),
    ]
    return np.stack(columns, axis=-1).astype(np.float32)


def _length(s: np.ndarray, a: int, b: int) -> np.ndarray:
    return np.maximum(np.hypot(*np.moveaxis(s[..., a, :] - s[..., b, :], -1, 0)), 0.02)


def _aspect(s: np.ndarray, left: int, right: int, lids: list[tuple[int, int]]) -> np.ndarray:
    """Mean height between the lids (or lips) over the width between the corners."""
    return (
        sum(np.hypot(*np.moveaxis(s[..., a, :] - s[..., b, :], -1, 0)) for a, b in lids)
        / len(lids)
        / _length(s, left, right)
    )


def _corner(s: np.ndarray, a: int, at: int, b: int) -> np.ndarray:
    """The angle at point `at` between the directions to `a` and `b`."""
    one, two = s[..., a, :] - s[..., at, :], s[..., b, :] - s[..., at, :]
    return np.arctan2(np.abs(one[..., 0] * two[..., 1] - one[..., 1] * two[..., 0]), (one * two).sum(axis=-1))


def _slope(s: np.ndarray, inner: int, outer: int) -> np.ndarray:
    """How steeply the line from `inner` to `outer` rises."""
    run, rise = np.moveaxis(s[..., outer, :] - s[..., inner, :], -1, 0)
    return np.arctan2(-rise, np.abs(run))
