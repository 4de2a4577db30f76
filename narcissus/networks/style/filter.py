"""Pictures in, pictures in the manner of another out."""

from pathlib import Path

import cv2
import numpy as np
from keras import ops

from narcissus.core.errors import NotFinite, OutOfMemory
from narcissus.core.processor import multiplies_bfloat16
from narcissus.networks.pggan import backend
from narcissus.networks.style import network, store
from narcissus.networks.style.light import Light
from narcissus.networks.style.network import FOLD

SMALLEST = 16  # pixels of a picture's side
SCALES = (0.25, 4.0)  # times as large as in the picture that it was trained from: strokes


class Filter:
    """Redraws pictures. Any thread may call it; a new size takes a moment to compile.

    `name`; `strength`, the default; `halo`, how many pixels around it a tile must bring at scale 1 to be drawn as in
    the whole picture (tiles must also begin at multiples of `grain` pixels); `facts`, `origin` as in the sidecar.
    """

    grain = FOLD

    def __init__(self, model: store.Model, *, precision: str | None = None, threads: int | None = None) -> None:
        """`precision` None: bfloat16 where the processor multiplies it, float16 on a GPU, else float32.
        `threads` None: all cores but one; see backend.use_threads."""
        self.name, self.strength, self.facts, self.origin = model.name, model.strength, model.facts, model.origin
        self.halo, self._rim = model.size.halo, model.size.rim
        self.threads = backend.use_threads(threads)
        self.precision = precision or best_precision()
        tensors = {name: ops.convert_to_tensor(array, self.precision) for name, array in model.weights.items()}
        self._draw = backend.compiled(_picture, tensors)
        self._canvas = model.weights["canvas"]

    @classmethod
    def load(cls, path_or_name: Path | str, *, precision: str | None = None, threads: int | None = None) -> "Filter":
        """A name in models/filters, or the folder or .npz of another.

        Raises ModelMissing, ModelCorrupt, ModelMismatch.
        """
        return cls(store.load(store.place(path_or_name)), precision=precision, threads=threads)

    def paint(self, pictures: np.ndarray, strength: float | None = None, scale: float = 1.0) -> np.ndarray:
        """The same for photographs: each is lit before, as the strength says, by itself. See light.py."""
        share = self.strength if strength is None else strength
        lit = [Light.of(picture).lit(picture, share) for picture in pictures]
        return self.apply(np.stack(lit) if lit else pictures, strength, scale)

    def apply(
        self,
        pictures: np.ndarray,
        strength: float | None = None,
        scale: float = 1.0,
        corner: tuple[int, int] = (0, 0),
    ) -> np.ndarray:
        """uint8 (N, H, W, 3) RGB -> the same shape, redrawn in the light that they have; sides of 16 pixels or more.

        `strength` 0 leaves a picture as it is, 1 is all that the filter knows, None its default. `scale`, 0.25 to 4:
        strokes so many times as large. `corner` (top, left): where in the whole picture a tile begins, so that its
        strokes lie where the whole's would; multiples of `grain`, at scale 1. Raises ValueError for other shapes and
        numbers, NotFinite, OutOfMemory.
        """
        strength = self.strength if strength is None else strength
        _check(pictures, strength, scale)
        if strength == 0:
            return pictures.copy()
        canvas = network.laid(self._canvas, *(round(at / scale) - self._rim for at in corner))[None]
        drawn = [self._one(picture, np.float32(strength), scale, canvas) for picture in pictures]
        return np.stack(drawn) if drawn else pictures.copy()

    def _one(self, picture: np.ndarray, strength: np.float32, scale: float, canvas: np.ndarray) -> np.ndarray:
        height, width = picture.shape[:2]
        small = picture if scale == 1 else resized(picture, *(max(SMALLEST, round(s / scale)) for s in (height, width)))
        drawn = self._drawn(padded(small, self._rim), strength, canvas)[: small.shape[0], : small.shape[1]]
        return drawn if scale == 1 else resized(drawn, height, width)

    def _drawn(self, picture: np.ndarray, strength: np.float32, canvas: np.ndarray) -> np.ndarray:
        try:
            drawn, finite = self._draw(picture[None], strength, canvas)
        except backend.OUT_OF_MEMORY as fault:
            raise OutOfMemory(
                f"{self.name}: no memory for a picture of {picture.shape[1]}×{picture.shape[0]}"
            ) from fault
        if not finite:
            raise NotFinite(f"{self.name}: the filter answered NaN or infinity in {self.precision}")
        return ops.convert_to_numpy(drawn)[0]


def _picture(weights: dict, pictures, strength, canvas):
    image = network.draw(weights, network.to_image(pictures), strength, canvas)
    # One sum instead of a search: NaN and infinity survive it, and the casts below would hide them.
    return network.to_picture(image), ops.isfinite(ops.sum(image))


def _check(pictures: np.ndarray, strength: float, scale: float) -> None:
    """Raises ValueError."""
    if pictures.dtype != np.uint8 or pictures.ndim != 4 or pictures.shape[3] != 3:
        raise ValueError(f"pictures are uint8 (N, H, W, 3), not {pictures.dtype} {pictures.shape}")
    if min(pictures.shape[1:3]) < SMALLEST:
        raise ValueError(f"a picture of {pictures.shape[2]}×{pictures.shape[1]}: {SMALLEST} pixels at least, each way")
    if not 0 <= strength <= 1:  # false of NaN, too
        raise ValueError(f"a strength of {strength:g}: it goes from 0 to 1")
    if not SCALES[0] <= scale <= SCALES[1]:
        raise ValueError(f"a stroke scale of {scale:g}: it goes from {SCALES[0]:g} to {SCALES[1]:g}")


def padded(picture: np.ndarray, rim: int) -> np.ndarray:
    """uint8 (H, W, 3) -> with `rim` pixels, or up to 3 more, of its reflection around it, to multiples of FOLD."""
    height, width = picture.shape[:2]
    below, right = (rim + -side % FOLD for side in (height, width))
    return cv2.copyMakeBorder(picture, rim, below, rim, right, cv2.BORDER_REFLECT_101)


def resized(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Averaged where it shrinks, smooth where it grows."""
    shrinks = height < picture.shape[0]
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)


def best_precision() -> str:
    if backend.on_gpu():
        return "float16"
    return "bfloat16" if multiplies_bfloat16() else "float32"
