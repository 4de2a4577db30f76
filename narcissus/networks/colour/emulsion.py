"""What a film makes of light: colour (sRGB) -> lightness L*, as an old emulsion would have recorded it.

Before about 1906 plates saw blue only; orthochromatic film, until about 1930, saw blue and green. Red lips and tanned
skin came out dark, blue eyes and skies light (Luo et al. 2021, Time-Travel Rephotography).
"""

import cv2
import numpy as np

# How much of each of linear red, green and blue the emulsion records. "modern" is Y of BT.709: L* as CIE defines it.
FILMS = {
    "modern": (0.2126, 0.7152, 0.0722),
    "panchromatic": (0.33, 0.33, 0.34),
    "orthochromatic": (0.02, 0.55, 0.43),
    "blue-sensitive": (0.0, 0.08, 0.92),
}
_LEVELS = np.arange(256) / 255
LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)  # (256,)


FINE = 1 << 14  # steps of light that L* is tabled at: never more than 0.06 L* off


def exposed(image: np.ndarray, weights: tuple[float, float, float] = FILMS["modern"]) -> np.ndarray:
    """uint8 (H, W, 3) sRGB -> L*, float32 (H, W), 0 to 100. `weights` are a film's, adding up to 1."""
    linear = cv2.LUT(image, LINEAR)  # (H, W, 3)
    light = cv2.transform(linear, np.array([weights], np.float32) * (FINE - 1))  # (H, W)
    return _LIGHTNESS[np.clip(light + 0.5, 0, FINE - 1).astype(np.uint16)]


def lightness(light: np.ndarray) -> np.ndarray:
    """Relative luminance float32, 0 to 1 -> L*, 0 to 100 (CIE 15)."""
    return np.where(light > 216 / 24389, 116 * np.cbrt(light) - 16, light * np.float32(24389 / 27)).astype(np.float32)


_LIGHTNESS = lightness(np.arange(FINE, dtype=np.float32) / (FINE - 1))  # (FINE,)
