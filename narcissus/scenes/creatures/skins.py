"""What creatures wear: the generator's own skin, or that of a filter which learned it from one picture."""

from collections.abc import Callable

import cv2
import numpy as np

from narcissus.breeding.names import Chance
from narcissus.core.errors import ModelMissing
from narcissus.networks.style import Filter
from narcissus.networks.style.store import FOLDER, filters_in

SIDE = 256  # pixels of a creature when it is painted: strokes need some room
Skin = Callable[[str, np.ndarray], np.ndarray]  # name and portrait uint8 (H, H, 3) -> uint8 (H', H', 3)


def bare(name: str, portrait: np.ndarray) -> np.ndarray:
    return portrait


def skin_of(wanted: str, load: Callable[[str], Filter] = Filter.load) -> Skin:
    """ "none", a filter's name, or "each": every creature one of all that are there, by its name.

    Raises ModelError.
    """
    if wanted == "none":
        return bare
    names = filters_in() if wanted == "each" else [wanted]
    if not names:
        raise ModelMissing(f"{FOLDER}: no filter is there; train one with scripts/train_filter.py, or write skin: none")
    filters = [load(name) for name in names]

    def painted(name: str, portrait: np.ndarray) -> np.ndarray:
        chosen = filters[Chance(name, "skin").below(len(filters))]
        large = cv2.resize(portrait, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        return chosen.paint(large[None])[0]

    return painted
