"""A dream that was drawn before: faces on a closed path, played from a file while no generator can draw.

The file is an .npz of `changes` uint8 (N, H, W, 3), each picture less the one before it (modulo 256, the first less
black: half the size of the pictures themselves), `latents` float32 (N, L) and `rate` in pictures a second; its sidecar
.json names its sha256 and the generator's. The last picture leads into the first.
"""

import hashlib
import io
import json
from pathlib import Path

import numpy as np

from narcissus.core.errors import ModelCorrupt, ModelMissing
from narcissus.core.files import HOME, write_whole
from narcissus.core.types import Picture
from narcissus.scenes.contract import BaseScene
from narcissus.scenes.mirror.seen import Shown
from narcissus.store.npz import read_npz

FOLDER = HOME / "models" / "dream"
REMEDY = "restore it with: git checkout models/dream, or make it anew with scripts/store_dream.py"
LARGEST_FILE = 8 * 2**20  # bytes
LARGEST_LOOP = 64 * 2**20  # bytes of pictures: what a file may unfold to


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
        """Raises ModelMissing or ModelCorrupt."""
        path = Path(path)
        facts, data = _vouched_for(path)
        arrays = read_npz(data, path, REMEDY, LARGEST_LOOP)
        if arrays.keys() != {"changes", "latents", "rate"}:
            raise ModelCorrupt(f"{path}: holds other arrays than a loop's; {REMEDY}")
        changes, latents, rate = arrays["changes"], arrays["latents"], arrays["rate"]
        whole = changes.ndim == 4 and changes.shape[3] == 3 and changes.dtype == np.uint8 and changes.size
        named = latents.ndim == 2 and latents.dtype == np.float32 and len(latents) == len(changes)
        if not (whole and named and rate.shape == () and rate.dtype == np.float64 and 1 <= rate <= 240):
            raise ModelCorrupt(f"{path}: does not hold a loop of pictures; {REMEDY}")
        pictures = np.cumsum(changes, axis=0, dtype=np.uint8)  # (N, H, W, 3)
        return cls(pictures, latents, float(rate), facts["generator_sha256"])

    @classmethod
    def black(cls) -> "StoredDream":
        """What hangs where no dream can be read."""
        return cls(np.zeros((1, 64, 64, 3), np.uint8), np.ones((1, 1), np.float32), 1.0)

    def save(self, path: Path, **facts: str) -> None:
        """Write the loop and its sidecar; `facts` go into the sidecar for people to read. Raises OSError."""
        changes = np.diff(self._pictures, axis=0, prepend=np.zeros_like(self._pictures[:1]))
        data = io.BytesIO()
        np.savez_compressed(data, changes=changes, latents=self._latents, rate=np.float64(self._rate))
        sha256 = hashlib.sha256(data.getvalue()).hexdigest()
        facts |= {"sha256": sha256, "generator_sha256": self.generator_sha256}
        write_whole(path, data.getvalue())
        write_whole(path.with_suffix(".json"), json.dumps(facts, indent=2) + "\n")

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


def _vouched_for(path: Path) -> tuple[dict[str, str], bytes]:
    """The sidecar's facts and the file's bytes, which are those the sidecar names."""
    sidecar = path.with_suffix(".json")
    for file in (path, sidecar):
        if not file.is_file():
            raise ModelMissing(f"{file}: no such file; {REMEDY}")
        if file.stat().st_size > LARGEST_FILE:
            raise ModelCorrupt(f"{file}: larger than {LARGEST_FILE >> 20} MB; {REMEDY}")
    try:
        facts = json.loads(sidecar.read_bytes())
    except (ValueError, RecursionError) as fault:
        raise ModelCorrupt(f"{sidecar}: not readable as JSON ({fault}); {REMEDY}") from fault
    if not isinstance(facts, dict) or not all(isinstance(facts.get(k), str) for k in ("sha256", "generator_sha256")):
        raise ModelCorrupt(f"{sidecar}: must name sha256 and generator_sha256; {REMEDY}")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != facts["sha256"]:
        raise ModelCorrupt(f"{path}: is not the file that {sidecar.name} names (its sha256 differs); {REMEDY}")
    return facts, data
