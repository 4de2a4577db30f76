"""A dream that was drawn before: faces on a closed path, played from a file while no generator can draw.

The file is an .npz of `changes` uint8 (N, H, W, 3), each picture less the one before it (modulo 256, the first less
black: half the size of the pictures themselves), `latents` float32 (N, L) and `rate` in pictures a second; its sidecar
names the generator. The last picture leads into the first.
"""

from pathlib import Path

import numpy as np

from narcissus import store
from narcissus.core.files import HOME
from narcissus.core.sections import DEFAULT_GENERATOR
from narcissus.core.types import Picture
from narcissus.scenes.contract import BaseScene
from narcissus.scenes.mirror.seen import Shown
from narcissus.store import npz
from narcissus.store.kinds import DREAM

FOLDER = HOME / "models" / "dream"


class StoredDream(BaseScene):
    """A scene that needs no generator, no source and no TensorFlow."""

    def __init__(self, pictures: np.ndarray, latents: np.ndarray, rate: float, generator_sha256: str = "") -> None:
        """Pictures uint8 (N, H, W, 3) RGB, latents float32 (N, L), `rate` in pictures a second."""
        self._pictures, self._latents, self._rate = pictures, latents, rate
        self.generator_sha256 = generator_sha256
        self._began: float | None = None
        self._step, self._image = -1, pictures[0]

    @classmethod
    def open(cls, path: Path) -> "StoredDream":
        """Raises ModelMissing, ModelCorrupt or ModelMismatch."""
        vouched = store.read(path, DREAM)
        arrays = vouched.arrays()
        if arrays.keys() != {"changes", "latents", "rate"}:
            raise vouched.corrupt("holds other arrays than a loop's")
        changes, latents, rate = arrays["changes"], arrays["latents"], arrays["rate"]
        whole = changes.ndim == 4 and changes.shape[3] == 3 and changes.dtype == np.uint8 and changes.size
        named = latents.ndim == 2 and latents.dtype == np.float32 and len(latents) == len(changes)
        if not (whole and named and rate.shape == () and rate.dtype == np.float64 and 1 <= rate <= 240):
            raise vouched.corrupt("does not hold a loop of pictures")
        pictures = np.cumsum(changes, axis=0, dtype=np.uint8)  # (N, H, W, 3)
        return cls(pictures, latents, float(rate), vouched.sidecar.origin["generator_sha256"])

    @classmethod
    def of(cls, generator: Path) -> "StoredDream":
        """The dream of the generator with this file, or else the one that ships. Raises ModelError."""
        own = FOLDER / f"{generator.stem}.npz"
        return cls.open(own if own.exists() else FOLDER / f"{DEFAULT_GENERATOR}.npz")

    @classmethod
    def black(cls) -> "StoredDream":
        """What hangs where no dream can be read."""
        return cls(np.zeros((1, 64, 64, 3), np.uint8), np.ones((1, 1), np.float32), 1.0)

    def save(self, path: Path, generator: str, **facts: str) -> None:
        """Write the loop and its sidecar; `facts` go into the sidecar for people to read. Raises OSError."""
        changes = np.diff(self._pictures, axis=0, prepend=np.zeros_like(self._pictures[:1]))
        arrays = {"changes": changes, "latents": self._latents, "rate": np.float64(self._rate)}
        write(path, npz.packed(arrays), generator, self.generator_sha256, facts)

    def begin(self, picture: Picture, now: float) -> None:
        """Begin where the loop is nearest to what was shown; where that was no such face, where the loop begins."""
        shown, step = picture.state, 0
        if isinstance(shown, Shown) and shown.latent.shape == self._latents.shape[1:]:
            step = int(np.argmax(self._latents @ shown.latent))
        self._began = now - (step + 0.5) / self._rate

    def draw(self, seen: object | None, now: float) -> Picture:
        if self._began is None:
            self._began = now
        step = int((now - self._began) * self._rate) % len(self._pictures)
        if step != self._step:
            self._step, self._image = step, self._pictures[step]
        return Picture(self._image, state=Shown(self._latents[step]))


def write(path: Path, data: bytes, generator: str, generator_sha256: str, facts: dict[str, str]) -> None:
    """Both files, from the bytes of the .npz. Raises OSError; ModelError where they could not be read again."""
    store.write(
        path,
        DREAM,
        data,
        name=generator,
        licence=f"That of its generator, {generator}.",
        origin={
            "generator": generator,
            "generator_sha256": generator_sha256,
            "command": "python scripts/store_dream.py",
        },
        facts=facts,
    )
