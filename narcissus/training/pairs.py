"""Pairs to learn from: a latent, and the row of numbers that the mirror reads off the face it draws."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from narcissus.face import find_portrait
from narcissus.files import write_whole
from narcissus.portrait import COLUMNS, portray
from narcissus.webcam import through_webcam

CHUNK = 250  # pairs drawn, seen and stored at a time; each chunk has its own random stream, whoever works on it
LANDMARK_NOISE = 0.010  # of the distance between the outer eye corners; a following predictor trembles by 0.005 to 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Faces in the order of their drawing; those in which no face was found are left out of rows and latents."""

    latents: np.ndarray  # float32 (n, L), standard normal
    rows: np.ndarray  # float32 (n, P), as portrait.COLUMNS
    drawn: int  # how many faces were drawn for these n

    @staticmethod
    def joined(parts: "list[Pairs]") -> "Pairs":
        latents, rows = (np.concatenate([getattr(part, name) for part in parts]) for name in ("latents", "rows"))
        return Pairs(latents, rows, sum(part.drawn for part in parts))


def draw_pairs(generator, count: int, seed: int, folder: Path, workers: int = 2, guesser=None) -> Pairs:
    """`count` faces drawn and seen as through a webcam; the same for the same seed, however many workers there are.

    Finished chunks are kept in `folder`, each written whole, so that a run cut short goes on where it stopped.
    `guesser` is the folder of the attribute models; None leaves the guesses NaN.
    """
    store = folder / _key(generator, seed, guesser)
    chunks = range(-(-count // CHUNK))
    missing = [chunk for chunk in chunks if not _path(store, chunk).is_file()]
    with tqdm(total=count, initial=count - len(missing) * CHUNK, unit="face", desc="drawing and seeing") as bar:
        see = delayed(partial(_see, seed=seed, guesser=guesser))
        tasks = (see(chunk, generator.render(latents_of(seed, chunk, generator.latent_size))) for chunk in missing)
        for chunk, rows in Parallel(workers, return_as="generator_unordered", pre_dispatch="n_jobs + 1")(tasks):
            _store(_path(store, chunk), rows)
            bar.update(CHUNK)
    return Pairs.joined([_load(store, chunk, seed, generator.latent_size) for chunk in chunks])


def latents_of(seed: int, chunk: int, size: int) -> np.ndarray:
    """The chunk's latents, float32 (CHUNK, size)."""
    return np.random.default_rng([seed, chunk, 0]).standard_normal((CHUNK, size), np.float32)


def _see(chunk: int, pictures: np.ndarray, seed: int, guesser) -> tuple[int, np.ndarray]:
    """The rows float32 (CHUNK, P) of drawn faces; NaN throughout where no face is found. Runs in a worker."""
    rng = np.random.default_rng([seed, chunk, 1])
    guess = _guesser(guesser)
    return chunk, np.stack([see(picture, rng, guess) for picture in pictures])


def see(picture: np.ndarray, rng: np.random.Generator, guess=None) -> np.ndarray:
    """The row float32 (P,) of one drawn face as the mirror would read it through a webcam; NaN where no face is found."""
    seen = through_webcam(picture, rng)
    tremor = rng.standard_normal((68, 2)).astype(np.float32)
    face = find_portrait(seen)
    if face is None:
        return np.full(len(COLUMNS), np.nan, np.float32)
    eyes = float(np.hypot(*(face.landmarks[45] - face.landmarks[36])))
    landmarks = face.landmarks + LANDMARK_NOISE * eyes * tremor
    return portray(seen, landmarks, guess(seen, landmarks) if guess else None)


def _guesser(folder):
    return None


def _key(generator, seed: int, guesser) -> str:
    """Names the folder of finished chunks: whatever changes a row changes the name."""
    from narcissus import colour, portrait, webcam

    sources = b"".join(Path(module.__file__).read_bytes() for module in (colour, portrait, webcam))
    text = f"{generator.sha256} {seed} {CHUNK} {LANDMARK_NOISE} {guesser}".encode()
    return hashlib.sha256(sources + text).hexdigest()[:16]


def _path(store: Path, chunk: int) -> Path:
    return store / f"{chunk:05d}.npy"


def _store(path: Path, rows: np.ndarray) -> None:
    whole = BytesIO()
    np.save(whole, rows)
    write_whole(path, whole.getvalue())


def _load(store: Path, chunk: int, seed: int, size: int) -> Pairs:
    rows = np.load(_path(store, chunk))
    found = ~np.isnan(rows[:, 0])
    return Pairs(latents_of(seed, chunk, size)[found], rows[found], len(rows))
