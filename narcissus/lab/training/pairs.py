"""Pairs to learn from: a latent, and the row of numbers that the mirror reads off the face it draws."""

import hashlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from narcissus.core.errors import ModelMismatch
from narcissus.core.files import HOME, write_whole
from narcissus.features import colour, light, portrait, sampling, spatial
from narcissus.features.colour import patches
from narcissus.features.portrait import COLOURS, COLUMNS, light_on, portray
from narcissus.lab.training import room
from narcissus.lab.training.cluster import READERS
from narcissus.lab.training.stages import Stages
from narcissus.people import find_portrait
from narcissus.store.npz import UNREADABLE

CHUNK = 250  # pairs drawn, seen and stored at a time; each chunk has its own random stream, whoever works on it
SEEING = "drawing and seeing faces"
TELLING = 250  # drawn faces after which it is known …
FACELESS = 0.05  # … whether a generator draws any: of one that does dlib finds far more than this share


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Faces in the order of their drawing; those in which no face was found are left out of rows and latents."""

    latents: np.ndarray  # float32 (n, L), of length √L
    rows: np.ndarray  # float32 (n, P), as portrait.COLUMNS
    painted: np.ndarray  # float32 (n, C): the colours of the drawings themselves, before any camera and lamp
    drawn: int  # how many faces were drawn for these n

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, part: slice) -> "Pairs":
        return Pairs(self.latents[part], self.rows[part], self.painted[part], self.drawn)


def draw_pairs(
    generator, count: int, seed: int, store: Path, workers: int, attributes: Path | None, stages: Stages | None = None
) -> Pairs:
    """`count` faces (whole chunks of 250), drawn and seen as by a camera in a room; the same for any number of workers.

    Finished chunks are kept under `store`, each written whole, so that a run cut short goes on where it stopped.
    `attributes` is the folder of the models that guess; None leaves the guesses NaN. Raises ModelMismatch where the
    generator draws no faces.
    """
    folder = store / _key(generator, seed, attributes)
    chunks = range(max(1, round(count / CHUNK)))
    missing = [chunk for chunk in chunks if not _whole(_stored(folder, chunk))]
    kept, seen, found = (len(chunks) - len(missing)) * CHUNK, 0, 0
    with (stages or Stages([SEEING])).stage(SEEING, len(chunks) * CHUNK, " faces", kept) as bar:
        tasks = (
            delayed(_see)(chunk, pictures.tobytes(), pictures.shape, seed, attributes)
            for chunk, pictures in _drawn(generator, missing, seed)
        )
        for chunk, rows in _looked_at(tasks, workers):
            write_whole(_stored(folder, chunk), _bytes(rows))
            seen, found = seen + len(rows), found + int((~np.isnan(rows[:, 0])).sum())
            bar.update(CHUNK)
            if seen >= TELLING and found < FACELESS * seen:
                raise ModelMismatch(
                    f"{generator.name}: a face was found in {found} of {seen} drawn pictures, so no mirror can learn "
                    f"from it; it can dream: .venv/bin/python run_mirror.py --generator {generator.name} --scene dream"
                )
    rows = np.concatenate([np.load(_stored(folder, chunk)) for chunk in chunks])
    latents = np.concatenate([latents_of(seed, chunk, generator.latent_size) for chunk in chunks])
    faces = ~np.isnan(rows[:, 0])
    rows, painted = np.split(rows, [len(COLUMNS)], axis=1)
    return Pairs(latents[faces], rows[faces], painted[faces], len(rows))


def _looked_at(tasks: Iterator, workers: int) -> Iterator[tuple[int, np.ndarray]]:
    """What the tasks answer, as they are done; whoever stops listening stops them, and hears no complaint of it."""
    chunks = Parallel(workers, return_as="generator_unordered", pre_dispatch="n_jobs + 1")(tasks)
    try:
        yield from chunks
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that tasks are cancelled is meant
            chunks.close()


def kept_pairs(generator, count: int, seed: int, store: Path, attributes: Path | None) -> int:
    """How many of `count` faces an earlier run has left under `store`."""
    folder, chunks = store / _key(generator, seed, attributes), max(1, round(count / CHUNK))
    asked = (path for path in folder.glob("*.npy") if path.stem.isdecimal() and int(path.stem) < chunks)
    return CHUNK * sum(map(_whole, asked))


def _stored(folder: Path, chunk: int) -> Path:
    return folder / f"{chunk:05d}.npy"


def _whole(path: Path) -> bool:
    """Whether a finished chunk lies there, and not an empty file, half of one, or rows of nothing but 0."""
    try:
        rows = np.load(path, allow_pickle=False)
    except UNREADABLE:
        return False
    if not isinstance(rows, np.ndarray):  # a zip of several
        rows.close()
        return False
    if rows.shape != (CHUNK, len(COLUMNS) + len(COLOURS)) or rows.dtype != np.float32:
        return False
    with np.errstate(invalid="ignore"):  # of a damaged chunk
        return all(bool(part.any(axis=1).all()) for part in np.split(rows, [len(COLUMNS)], axis=1))


def latents_of(seed: int, chunk: int, size: int) -> np.ndarray:
    """The chunk's latents, float32 (CHUNK, size), even over the sphere of radius √size."""
    latents = np.random.default_rng([seed, chunk, 0]).standard_normal((CHUNK, size), np.float32)
    return latents * (np.sqrt(size) / np.linalg.norm(latents, axis=1, keepdims=True)).astype(np.float32)


def _drawn(generator, chunks: list[int], seed: int) -> Iterator[tuple[int, np.ndarray]]:
    for chunk in chunks:
        parts = np.array_split(latents_of(seed, chunk, generator.latent_size), max(1, CHUNK // 25))
        yield chunk, np.concatenate([_no_larger(generator.render(part)) for part in parts])


def _no_larger(pictures: np.ndarray) -> np.ndarray:
    """uint8 (B, R, R, 3), averaged down to as large as a camera sees a face: a chunk of 1024 px would take 750 MiB."""
    size = pictures.shape[1]
    if size <= room.LARGEST:
        return pictures
    squares = pictures.reshape(len(pictures), room.LARGEST, size // room.LARGEST, room.LARGEST, -1, 3)
    return np.rint(squares.mean(axis=(2, 4), dtype=np.float32)).astype(np.uint8)


def _see(chunk: int, drawn: bytes, shape: tuple, seed: int, attributes: Path | None) -> tuple[int, np.ndarray]:
    """The rows of drawn faces and, beside them, their painted colours: float32 (CHUNK, P + C). Runs in a worker.

    NaN throughout where no face is found. The pictures come as bytes: an array Dask would keep on one machine alone,
    and lose with it.
    """
    pictures = np.frombuffer(drawn, np.uint8).reshape(shape)
    rng = np.random.default_rng([seed, chunk, 1])
    seen = [room.through_camera(picture, rng) for picture in pictures]
    faces = _faces(seen)
    painted = np.full((len(pictures), len(COLOURS)), np.nan, np.float32)
    for index, landmarks in faces.items():
        scale = pictures[index].shape[0] / seen[index].shape[0]
        painted[index] = patches(pictures[index], (landmarks + 0.5) * scale - 0.5).ravel()
    return chunk, np.hstack([read(seen, attributes, faces), painted])


def _faces(pictures: list[np.ndarray]) -> dict[int, np.ndarray]:
    """The landmarks (68, 2) of each picture in which there is a face, by its index."""
    return {index: face.landmarks for index, image in enumerate(pictures) if (face := find_portrait(image))}


def read(pictures: list[np.ndarray], attributes: Path | None, faces: dict[int, np.ndarray] | None = None) -> np.ndarray:
    """The rows float32 (n, P) of pictures as the mirror reads them; NaN throughout where no face is found."""
    rows = np.full((len(pictures), len(COLUMNS)), np.nan, np.float32)
    faces = _faces(pictures) if faces is None else faces
    lights = {index: light_on(pictures[index], landmarks) for index, landmarks in faces.items()}
    guesses = dict.fromkeys(faces)
    if attributes is not None and faces:
        from narcissus.networks.attributes import Guesses

        crops = [pictures[i] for i in faces], np.stack(list(faces.values())), np.stack(list(lights.values()))
        rows_of = _guesser(attributes).guess_many(*crops)
        guesses = {index: Guesses.of(row) for index, row in zip(faces, rows_of, strict=True)}
    for index, landmarks in faces.items():
        rows[index] = portray(pictures[index], landmarks, guesses[index], lights[index])
    return rows


@cache
def _guesser(folder: Path):
    """Loaded once in every process, and only where it is asked for: TensorFlow takes seconds to arrive."""
    from narcissus.networks.attributes import Attributes

    return Attributes.open(folder)


def _key(generator, seed: int, attributes: Path | None) -> str:
    """Names the folder of finished chunks: whatever changes a row changes the name."""
    parts = [f"{generator.sha256} {generator.precision} {seed} {CHUNK}".encode()]
    parts += [f"{name} {version(name)}".encode() for name in READERS]
    parts += [path.read_bytes() for path in _sources()]
    if attributes is not None:
        parts += [path.read_bytes() for path in sorted(attributes.glob("*.npz"))]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def _sources() -> list[Path]:
    """The code between a picture and its row; what draws the picture shows in the generator's hash and precision."""
    ours = [Path(module.__file__) for module in (colour, light, portrait, room, sampling, spatial.shape)]
    perception = [Path(HOME, "narcissus", "people", name) for name in ("models.py", "portrait.py")]
    names = ("crop.py", "expression.py", "guesses.py", "network.py", "store.py")
    return [
        Path(__file__),
        *ours,
        *perception,
        *(Path(HOME, "narcissus", "networks", "attributes", name) for name in names),
    ]


def _bytes(rows: np.ndarray) -> bytes:
    whole = BytesIO()
    np.save(whole, rows)
    return whole.getvalue()
