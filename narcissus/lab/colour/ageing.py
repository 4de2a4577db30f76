"""What film, printing and time do to a photograph's lightness: the network must colour old pictures as well as live
ones.
"""

import cv2
import numpy as np

from narcissus.networks.colour.emulsion import FILMS, exposed

UNTOUCHED = 0.4  # share of the pictures that stay as a camera of today sees them
OLD_FILM = 0.45  # share of the aged ones that an emulsion of before 1930 took


def aged(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """uint8 (H, W, 3) sRGB -> L*, float32 (H, W), as `rng` has it: another film, faded, out of focus, with grain."""
    if rng.random() < UNTOUCHED:
        return exposed(image)
    light = exposed(image, _film(rng))
    light = _printed(light, rng)
    if rng.random() < 0.4:
        light = cv2.GaussianBlur(light, (0, 0), rng.uniform(0.3, 1.3))  # a scan, or a lens of its time
    if rng.random() < 0.6:
        light = light + _grain(light.shape, rng)
    return np.clip(light, 0, 100)


def _film(rng: np.random.Generator) -> tuple[float, float, float]:
    if rng.random() < OLD_FILM:
        return FILMS[("panchromatic", "orthochromatic", "blue-sensitive")[rng.integers(3)]]
    return tuple(rng.dirichlet(np.array(FILMS["modern"]) * 20 + 0.5))  # a camera's own grey


def _printed(light: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another contrast; one in three is faded: its black has become grey, its white has yellowed."""
    light = 100 * np.power(light / 100, np.float32(np.exp(rng.normal(0, 0.25))))
    if rng.random() < 1 / 3:
        black, white = rng.uniform(0, 30), rng.uniform(70, 100)
        light = black + light * np.float32((white - black) / 100)
    return light.astype(np.float32)


def _grain(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    noise = rng.standard_normal(shape, np.float32) * np.float32(rng.uniform(0.5, 5))
    return cv2.GaussianBlur(noise, (0, 0), 0.6) * 1.5 if rng.random() < 0.5 else noise
