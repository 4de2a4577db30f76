"""Eight colours of a face, placed by its landmarks: what geometry cannot know of skin, hair, lips and surroundings."""

import cv2
import numpy as np

from narcissus.features import light
from narcissus.features.sampling import face_axes, nearest_pixels

PATCHES = ("cheek left", "cheek right", "forehead", "chin", "lips", "hair", "background left", "background right")

GRID = 8  # samples along each side of a square, whatever the picture's resolution
SEEN = 0.25  # share of a patch's samples that must lie inside the picture
OVEREXPOSED = 0.95  # a gain below it: the channel is too bright
LIT = 0.8  # where hues are compared: the brightest of a face is brought to this, for in the dark all hues are near
COLOURLESS = 2.0  # Lab units: hues of patches that differ by less are one tint (colour portraits: 3.8 and more)

# Where the squares lie. Place: the mean of these landmarks, then right and down in face sizes (1 = between the outer
# eye corners of the mean face), then half the width and half the height. The crops of the generator's training
# portraits end 0.3 above the brows and 0.2 beside the jaw, so hair and background are looked for inside that.
_SQUARES = (
    ("cheek left", (41, 31, 48, 2), 0.0, 0.0, 0.09, 0.09),
    ("cheek right", (46, 35, 54, 14), 0.0, 0.0, 0.09, 0.09),
    ("forehead", (21, 22), 0.0, -0.18, 0.16, 0.06),
    ("chin", (57, 8), 0.0, 0.02, 0.10, 0.06),
    ("lips", (50, 52, 61, 63), 0.0, 0.0, 0.08, 0.015),
    ("lips", (56, 58, 65, 67), 0.0, 0.0, 0.08, 0.02),
    ("hair", (17,), -0.10, -0.16, 0.07, 0.10),
    ("hair", (26,), 0.10, -0.16, 0.07, 0.10),
    ("hair", (19, 24), 0.0, -0.30, 0.35, 0.03),
    ("background left", (3, 5), -0.16, 0.0, 0.07, 0.16),
    ("background right", (13, 11), 0.16, 0.0, 0.07, 0.16),
)
_PATCH = np.array([PATCHES.index(name) for name, *_ in _SQUARES])  # (11,)
_SKIN = np.isin(_PATCH, [PATCHES.index(name) for name in ("cheek left", "cheek right", "forehead", "chin")])  # (11,)
_PLACE = np.zeros((len(_SQUARES), 68), np.float32)
for _row, (_, _points, *_) in zip(_PLACE, _SQUARES, strict=True):
    _row[list(_points)] = 1 / len(_points)
_TICKS = (np.arange(GRID, dtype=np.float32) + 0.5) / GRID * 2 - 1
_OFFSETS = np.array(
    [[(x + tx * w, y + ty * h) for ty in _TICKS for tx in _TICKS] for _, _, x, y, w, h in _SQUARES], np.float32
)  # (11, 64, 2) face sizes


def patches(image: np.ndarray, landmarks: np.ndarray, gains: np.ndarray | None = None) -> np.ndarray:
    """The patches' colours, float32 (8, 3): CIE L (0 to 100), a, b (D65), in the order of PATCHES.

    `image` is uint8 (H, W, 3) RGB and `landmarks` float32 (68, 2) in its pixels. Each colour is the mean of the middle
    half of its patch by lightness, so highlights, shadows and strands of hair do not count. A patch of which less
    than a quarter lies inside the picture is NaN. In a picture without colour (grey, sepia, infra-red: one hue all
    over) everything is NaN. With `gains` (3,) (see `light`) colours are what these make of the picture; without, they
    are as measured.
    """
    samples, inside = _samples(image, landmarks)
    colours = _colours(samples, inside, np.ones(3) if gains is None else gains)
    return np.full_like(colours, np.nan) if _one_hue(samples, inside) else colours


def without_colour(image: np.ndarray, landmarks: np.ndarray) -> bool:
    """Whether a picture is grey, sepia or infra-red: one hue all over the face, be it bright or dark."""
    return _one_hue(*_samples(image, landmarks))


def _one_hue(samples: np.ndarray, inside: np.ndarray) -> bool:
    brightest = float(np.percentile(samples[inside], 97)) if inside.any() else 1.0
    colours = _colours(samples, inside, np.full(3, LIT / max(brightest, 1e-3)))
    hues = colours[~np.isnan(colours[:, 0]), 1:]
    return len(hues) < 2 or float(np.sqrt(np.square(hues - hues.mean(axis=0)).sum(axis=1).mean())) < COLOURLESS


def _colours(samples: np.ndarray, inside: np.ndarray, gains: np.ndarray) -> np.ndarray:
    gains = np.asarray(gains, np.float32)
    lab = cv2.cvtColor(_restored(samples, gains), cv2.COLOR_RGB2LAB)  # float32 (11, 64, 3)
    colours = np.full((len(PATCHES), 3), np.nan, np.float32)
    for index in range(len(PATCHES)):
        mine = index == _PATCH
        seen = lab[mine][inside[mine]]  # (n, 3)
        if len(seen) >= SEEN * mine.sum() * GRID**2:
            colours[index] = _middle(seen)
    return colours


def _restored(samples: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """Samples times gains; skin clipped in a channel that is too bright is at least as bright there as others say."""
    lit = samples * gains
    clipped = (samples * 255 >= light.CLIPPED) & (gains < OVEREXPOSED) & _SKIN[:, None, None]
    known = np.where(clipped, 0, lit / light.FACE).max(axis=2, keepdims=True)
    return np.where(clipped, np.maximum(lit, known * light.FACE), lit)


def _samples(image: np.ndarray, landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest pixels to every sample point, float32 (11, 64, 3) in [0, 1], and which of them are in the picture."""
    points = (_PLACE @ landmarks)[:, None, :] + _OFFSETS @ face_axes(landmarks)  # (11, 64, 2)
    pixels, inside = nearest_pixels(image, points)
    return pixels.astype(np.float32) / 255, inside


def _middle(lab: np.ndarray) -> np.ndarray:
    """Mean colour (3,) of the half of (n, 3) that is neither lightest nor darkest."""
    order = np.argsort(lab[:, 0])
    quarter = len(order) // 4
    return lab[order[quarter : len(order) - quarter]].mean(axis=0)
