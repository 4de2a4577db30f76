"""What a camera and a room do to a drawn face: the one place that says how training pictures differ from clean ones."""

import cv2
import numpy as np

SMALLEST, LARGEST = 96, 256  # pixels across the face's portrait; a smaller drawing may also be seen in its own size

ORDINARY = 0.35  # share of faces in as good a light as portraits have
EXPOSURES = (0.25, 2.0)  # light that a camera on a fixed or hunting exposure lets in, times the right one
COLDEST, WARMEST = 1e6 / 9000, 1e6 / 2500  # mired: equal steps of it look equal
DAYLIGHT = 1e6 / 6000  # mired: what a camera's white balance aims at
GAMMA = 2.2  # of a camera's encoding


def through_camera(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A drawn face uint8 (R, R, 3) RGB -> uint8 (S, S, 3), S at most 256, as a camera in a room might have seen it.

    In the order of the light's way: the room's lamps, another resolution, blur (up to 0.6 pixels of the drawn face),
    sensor noise (σ up to 3), JPEG (quality 60 to 95).
    """
    own = picture.shape[0]
    seen = picture.astype(np.float32) * lamps(own, rng)
    seen = np.minimum(seen, 255)  # what is too bright is lost before anything else happens to it
    side = int(rng.integers(min(own, SMALLEST), LARGEST + 1))
    seen = cv2.resize(seen, (side, side), interpolation=cv2.INTER_CUBIC if side > own else cv2.INTER_AREA)
    seen = cv2.GaussianBlur(seen, (0, 0), max(0.1, rng.uniform(0.0, 0.6) * side / own))
    seen += rng.normal(0, rng.uniform(0, 3), seen.shape[:2]).astype(np.float32)[..., None]
    seen = np.clip(np.rint(seen), 0, 255).astype(np.uint8)
    _, jpeg = cv2.imencode(".jpg", seen[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 96))])
    return cv2.imdecode(jpeg, cv2.IMREAD_COLOR)[..., ::-1].copy()


def lamps(side: int, rng: np.random.Generator) -> np.ndarray:
    """Gains of encoded values, float32 (side, side, 3): ordinary light, or a room's, which may come from two sides.

    Ordinary is what a camera's own corrections leave of a good light (exposure ±6 %, white balance ±3 % a channel).
    """
    ordinary = np.exp(rng.normal(0, 0.06)) * np.exp(rng.normal(0, 0.03, 3))
    if rng.uniform() < ORDINARY:
        return np.broadcast_to(ordinary, (side, side, 3)).astype(np.float32)
    exposure = np.exp(rng.uniform(*np.log(EXPOSURES)))
    here, there = (lamp(rng) * share for share in np.exp(rng.normal(0, [[0.0], [0.35]])))
    across = _ramp(side, rng)[..., None]  # (side, side, 1)
    light = exposure * (across * here + (1 - across) * there) + screen(rng)
    return (ordinary * light ** (1 / GAMMA)).astype(np.float32)


def lamp(rng: np.random.Generator) -> np.ndarray:
    """A lamp's linear colour (3,), green 1, after a camera has taken off as much of it as it likes to."""
    left = rng.uniform(0.2, 1.0)  # of the lamp's colour after automatic white balance
    mired = DAYLIGHT + left * (rng.uniform(COLDEST, WARMEST) - DAYLIGHT)
    colour = planck(1e6 / mired) / planck(1e6 / DAYLIGHT)
    return colour / colour[1]


def planck(kelvin: float) -> np.ndarray:
    """Relative radiance (3,) of a black body at 610, 550 and 465 nm, where a camera's channels look (Planck 1901)."""
    nanometres = np.array([610.0, 550.0, 465.0])
    return nanometres**-5.0 / np.expm1(1.4388e7 / (nanometres * kelvin))


def screen(rng: np.random.Generator) -> np.ndarray:
    """The glow (3,) of the wall itself on the viewer's face, linear: bluish, and mostly weak."""
    return rng.uniform(0, 0.08) * np.array([0.85, 1.0, 1.25])


def _ramp(side: int, rng: np.random.Generator) -> np.ndarray:
    """How much of the first lamp arrives where, float (side, side), 0 to 1: from nearly even to one-sided."""
    angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.0, 0.5)
    steps = np.linspace(-1, 1, side)
    along = np.cos(angle) * steps[None] + 0.5 * np.sin(angle) * steps[:, None]  # light comes from the side, or above
    return 0.5 + reach * along / 1.2
