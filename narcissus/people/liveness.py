"""Does this face live? Flat pictures, however they are moved, only shift, turn, grow and tilt; living faces change too.

Two moments of a face are laid onto each other by the plane transform that fits them best: optical flow of a plane, its
eight parameters by least squares (Lucas and Kanade 1981; Bergen et al. 1992). Of a photograph only noise remains then;
of a living face a blink, a glance, and whatever a solid head shows when it turns by a degree. A photograph waved before
the camera is the oldest attack on face recognition (Anjos and Marcel 2011), and motion that no plane explains the
oldest answer (Kollreider et al. 2009). A film of a face on a telephone does live in this sense.
"""

from collections import deque
from typing import NamedTuple

import cv2
import numpy as np

SIDE = 64  # pixels of the square in which faces are compared
EYES = 22.0  # pixels between the outer corners of the eyes in it
CENTRE = (SIDE / 2, SIDE / 2 - 2)
CORNERS = [36, 45]  # of the 68 points: the outer corners of the eyes
LAG = 0.9  # seconds between the two moments, as soon as there are so many; before, the longest there is
SOONEST = 0.35  # seconds: nearer moments differ too little
EVERY = 0.08  # seconds between two comparisons: each costs some milliseconds
STEPS = 3  # of least squares, each kept only where it brings the two nearer
STIFF = 1e-3  # of the mean square of a parameter's own effect: what nothing in the face tells stays as it is
FINE = 4.0  # pixels: what is coarser than this is light and shadow, and counts for nothing
SPOT = 2.0  # pixels: a difference must be as large as an eyelid
CHANGED = 0.35  # variances of the face's detail; photographs moved and tilted by hand stay below 0.15, faces pass 1
CLEARLY = 2.0  # times the difference between two frames in a row, which is the camera's noise


class _Moment(NamedTuple):
    time: float
    face: np.ndarray  # float32 (SIDE, SIDE)


class Liveness:
    """Watches one face. `seen`: when it last showed that it lives; None: never. `face`: the face as it was last."""

    def __init__(self) -> None:
        self.seen: float | None = None
        self.face: np.ndarray | None = None  # float32 (SIDE, SIDE)
        self._onto: np.ndarray | None = None  # complex128 (68,): where its landmarks were at first
        self._moments: deque[_Moment] = deque()

    def update(self, picture: np.ndarray, landmarks: np.ndarray, now: float) -> None:
        """Take the face with these landmarks (68, 2) in a grey picture uint8 (H, W)."""
        if self._onto is None:
            self._onto = placed(landmarks)
        self.face = face = cropped(picture, landmarks, self._onto)
        if self._moments and now - self._moments[-1].time < EVERY:
            return
        while len(self._moments) > 1 and now - self._moments[1].time >= LAG:
            self._moments.popleft()
        if self._moments and now - self._moments[0].time >= SOONEST and self._differs(face):
            self.seen = now
        self._moments.append(_Moment(now, face))

    def _differs(self, face: np.ndarray) -> bool:
        change = _spot(difference(face, self._moments[0].face))
        return change > CHANGED and change > CLEARLY * _spot(difference(face, self._moments[-1].face))


def placed(landmarks: np.ndarray) -> np.ndarray:
    """Landmarks (68, 2) upright and as large as a square of SIDE has them, about 0: complex128 (68,)."""
    points = _plane(landmarks)
    across = points[CORNERS[1]] - points[CORNERS[0]]
    return (points - points[27:48].mean()) * EYES / (across if across else 1.0)


def cropped(picture: np.ndarray, landmarks: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """The face in a square float32 (SIDE, SIDE): its landmarks fall on `onto`, complex (68,), as near as may be.

    All 68 points place it, for the corners of the eyes alone tremble too much. What is finer than a pixel is taken off.
    """
    points = _plane(landmarks)
    middle = points.mean()
    turn = ((points - middle).conj() * onto).sum() / max(1.0, float(np.square(np.abs(points - middle)).sum()))
    scale = max(abs(turn), 1e-3)
    near, far = _around(middle, SIDE / scale, picture.shape)
    region = picture[near[1] : far[1], near[0] : far[0]]
    if scale < 1:
        region = cv2.GaussianBlur(region, (0, 0), 0.5 / scale)
    shift = complex(*CENTRE) + onto.mean() - turn * (middle - complex(*near))
    matrix = np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
    return cv2.warpAffine(region, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE).astype(np.float32)


def difference(face: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Squared difference of detail, in variances, float32 (SIDE, SIDE), once the best plane transform is taken off."""
    face, before = _detail(face), _detail(before)
    flow = np.zeros(8, np.float32)
    least = _apart(face, before)
    for _ in range(STEPS):
        tried = flow + _step(face, _moved(before, flow))
        now = _apart(face, _moved(before, tried))
        if now.sum() >= least.sum():
            break
        flow, least = tried, now
    return least


def _step(face: np.ndarray, laid: np.ndarray) -> np.ndarray:
    """The eight parameters float32 (8,) by which `laid` comes nearer to `face`."""
    down, across = np.gradient(laid)
    slopes = np.stack([across, down], axis=-1)[WITHIN]  # (n, 2)
    effects = np.einsum("nc,cnk->nk", slopes, FLOWS[:, WITHIN])  # (n, 8)
    normal = effects.T @ effects
    normal[np.diag_indices(8)] *= 1 + STIFF
    return np.linalg.lstsq(normal, effects.T @ (face - laid)[WITHIN], rcond=1e-6)[0].astype(np.float32)


def _moved(detail: np.ndarray, flow: np.ndarray) -> np.ndarray:
    shift = (FLOWS @ flow).astype(np.float32)  # (2, SIDE, SIDE)
    return cv2.remap(detail, COLUMNS + shift[0], ROWS + shift[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _apart(face: np.ndarray, laid: np.ndarray) -> np.ndarray:
    return np.where(WITHIN, np.square(face - laid), 0)


def sharpness(face: np.ndarray) -> float:
    """Of a face as `cropped` cuts it out: the fineness of its detail, about 1 in focus, 0.2 in a smear."""
    edges = cv2.Laplacian(face, cv2.CV_32F)[WITHIN]
    return float(edges.std()) / max(1e-3, float(face[WITHIN].std()))


def _spot(squared: np.ndarray) -> float:
    """The largest difference of anything the size of an eyelid."""
    return float(cv2.GaussianBlur(squared, (0, 0), SPOT).max())


def _detail(face: np.ndarray) -> np.ndarray:
    """Without slow light and shadow, and of the same contrast in any light."""
    fine = face - cv2.GaussianBlur(face, (0, 0), FINE)
    return fine / max(1e-3, float(fine[WITHIN].std()))


def _plane(landmarks: np.ndarray) -> np.ndarray:
    return landmarks[:, 0].astype(float) + 1j * landmarks[:, 1].astype(float)


def _around(middle: complex, side: float, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Corners (x, y) of a square of this side, turned anyhow, as far as it lies in the picture."""
    centre, limit = np.array([middle.real, middle.imag]), np.array(shape[1::-1])
    near = np.clip(np.floor(centre - 0.75 * side), 0, limit - 2).astype(int)
    return near, np.clip(np.ceil(centre + 0.75 * side), near + 2, limit).astype(int)


def _flows() -> np.ndarray:
    """What each of the eight parameters does to every pixel: float32 (2, SIDE, SIDE, 8), right and down."""
    x, y = (COLUMNS - SIDE / 2) / SIDE, (ROWS - SIDE / 2) / SIDE
    one, none = np.ones_like(x), np.zeros_like(x)
    right = [one, none, x, y, none, none, x * x, x * y]
    below = [none, one, none, none, x, y, x * y, y * y]
    return np.stack([np.stack(right, axis=-1), np.stack(below, axis=-1)])


def _within() -> np.ndarray:
    """Where a face is in the square: bool (SIDE, SIDE), without its edge, where hair and background begin."""
    inside = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(inside, (SIDE // 2, SIDE // 2), (22, 26), 0, 0, 360, 255, -1)
    return inside > 0


COLUMNS, ROWS = (grid.astype(np.float32) for grid in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
FLOWS, WITHIN = _flows(), _within()
