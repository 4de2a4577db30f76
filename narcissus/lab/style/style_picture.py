"""The picture that a filter is trained from: any file, whatever its size, depth or transparency."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from narcissus.core.errors import SourceError, SourceMissing
from narcissus.lab.style.drawings import STYLES
from narcissus.stills.photograph import Photograph, read_photograph

LONG_SIDE = 512  # pixels: strokes keep the size that they have in the style at this size
SHORTEST = 96  # pixels of the short side: some patches of the coarsest level must fit in
PAPER = 255  # white, behind what is transparent
PLAIN = 2.0  # standard deviation of 0 to 255: a picture that varies less teaches nothing but a colour


@dataclass(frozen=True, slots=True, eq=False)
class StylePicture:
    name: str  # of the file
    sha256: str  # of its bytes
    pixels: np.ndarray  # uint8 (H, W, 3) RGB, the longer side as asked

    def image(self) -> np.ndarray:
        """float32 (1, H, W, 3), -1 to 1."""
        return self.pixels[None].astype(np.float32) / 127.5 - 1


def read(path: Path, long_side: int = LONG_SIDE) -> StylePicture:
    """Raises SourceMissing; SourceError for what is no picture, damaged, too narrow or of one colour."""
    path = Path(path)
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise SourceMissing(f"{path}: there is no such picture; give a JPEG, PNG, TIFF or WebP file") from fault
    except OSError as fault:
        raise SourceError(f"{path}: cannot be read ({fault.strerror}); give one picture") from fault
    pixels = scaled(opaque(read_photograph(data, str(path))), long_side)
    if min(pixels.shape[:2]) < SHORTEST:
        shape = f"{pixels.shape[1]} × {pixels.shape[0]} pixels once its longer side is {long_side}"
        raise SourceError(f"{path}: too narrow ({shape}, wanted {SHORTEST}); give a part of it that is less long")
    if pixels.std(axis=(0, 1)).max() < PLAIN:
        raise SourceError(f"{path}: nearly one colour; there are no strokes to learn, give a picture that has some")
    return StylePicture(path.name, hashlib.sha256(data).hexdigest(), pixels)


def drawn(name: str, long_side: int = LONG_SIDE) -> StylePicture:
    """One of drawings.STYLES."""
    pixels = scaled(STYLES[name](), long_side)
    return StylePicture(name, hashlib.sha256(pixels.tobytes()).hexdigest(), pixels)


def opaque(photograph: Photograph) -> np.ndarray:
    """uint8 (H, W, 3): laid on white paper where it is transparent, and in 8 bits."""
    most = np.iinfo(photograph.pixels.dtype).max
    if photograph.alpha is None:
        return photograph.pixels if most == 255 else (photograph.pixels >> 8).astype(np.uint8)
    cover = photograph.alpha[..., None].astype(np.float32) / most
    laid = photograph.pixels * (cover * (255 / most)) + PAPER * (1 - cover)
    return np.rint(laid).astype(np.uint8)


def scaled(pixels: np.ndarray, long_side: int) -> np.ndarray:
    """The longer side as asked: averaged down, or smoothly enlarged."""
    scale = long_side / max(pixels.shape[:2])
    if scale == 1:
        return pixels
    size = tuple(max(1, round(side * scale)) for side in pixels.shape[1::-1])
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
