"""Rows of numbers -> latents: what the features can say of a face, and something fixed for what they cannot.

A regression gives the conditional mean of the latent, which is short: most of a face is not in 68 points and eight
colours. Stretching it to the sphere would drive the few explained directions to a caricature. So the explained part
stays as long as it is, in the k directions in which features really speak, and a unit vector `fill` outside them makes
up the missing length: z = τ·ẑ + √(L − τ²‖ẑ‖²)·u.
"""

import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import joblib
import numpy as np
import sklearn

from narcissus.errors import ModelCorrupt, ModelMismatch, ModelMissing
from narcissus.files import sha256_of, write_whole

FILE, SIDECAR = "inverter.joblib", "inverter.json"


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """Fills what a row leaves open with what the rest of it makes most likely (the normal conditional mean)."""

    mean: np.ndarray  # float64 (P,)
    covariance: np.ndarray  # float64 (P, P)

    @classmethod
    def learned(cls, rows: np.ndarray) -> "Gaps":
        """From rows (n, P) with gaps; a column that is never there counts as constant 0."""
        mean = np.zeros(rows.shape[1])
        known = ~np.isnan(rows).all(axis=0)
        mean[known] = np.nanmean(rows[:, known], axis=0)
        centred = np.where(np.isnan(rows), 0, rows - mean)
        together = (~np.isnan(rows)).astype(np.float32)
        return cls(mean, centred.T @ centred / np.maximum(together.T @ together, 1))

    def fill(self, rows: np.ndarray) -> np.ndarray:
        """Rows (n, P) with NaN -> float32 (n, P) without."""
        rows = np.array(rows, np.float32)
        open_ = np.isnan(rows)
        for pattern in np.unique(open_[open_.any(axis=1)], axis=0):
            mine = (open_ == pattern).all(axis=1)
            known = self.covariance[np.ix_(~pattern, ~pattern)]
            damped = known + np.diag(1e-3 * known.diagonal() + 1e-9)
            weights = np.linalg.solve(damped, self.covariance[np.ix_(~pattern, pattern)])
            guess = self.mean[pattern] + (rows[mine][:, ~pattern] - self.mean[~pattern]) @ weights
            rows[np.ix_(mine, pattern)] = guess
        return rows


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """One regression and the directions in which it speaks."""

    model: object  # a scikit-learn Pipeline: rows (n, P) without gaps -> latents (n, L)
    axes: np.ndarray  # float32 (k, L), orthonormal: the directions that features can say
    anchors: np.ndarray  # float32 (A, k): what the features said of A training faces, in units of each axis's spread
    residuals: np.ndarray  # float32 (A, L): what they left unsaid, orthogonal to the axes
    spread: np.ndarray  # float32 (k,): standard deviation of what is said along each axis

    def explain(self, rows: np.ndarray) -> np.ndarray:
        return (self.model.predict(rows) @ self.axes.T @ self.axes).astype(np.float32)

    def fill(self, rows: np.ndarray, neighbours: int) -> np.ndarray:
        """Unit vectors (n, L) along the mean residual of the nearest training faces."""
        said = self.model.predict(rows) @ self.axes.T / self.spread
        distance = np.square(said).sum(1)[:, None] - 2 * said @ self.anchors.T + np.square(self.anchors).sum(1)
        nearest = np.argpartition(distance, neighbours, axis=1)[:, :neighbours]
        unsaid = self.residuals[nearest].mean(axis=1)  # (n, L)
        return (unsaid / np.linalg.norm(unsaid, axis=1, keepdims=True)).astype(np.float32)


class Inverter:
    """Two fits, with colours and without, and what they need to know of the rows they were trained on."""

    NEIGHBOURS = 8

    def __init__(
        self, coloured: Fit, grey: Fit, gaps: Gaps, colours: slice, limits: tuple, generator: tuple, columns: tuple
    ):
        self.coloured = coloured
        self.grey = grey
        self.gaps = gaps
        self.colours = colours  # where a row's colours stand
        self.limits = limits  # squared distances of shapes at which confidence begins to fall and is gone
        self.generator = generator  # name and sha256 of the generator it speaks to
        self.columns = columns  # names of a row's columns

    @property
    def latent_size(self) -> int:
        return self.coloured.axes.shape[1]

    def explain(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows (n, P) -> what the features can say, float32 (n, L), and the confidence in it, float32 (n,), 0 to 1.

        A face unlike anything trained on has little confidence and is eased towards the mean, which is 0.
        """
        rows = np.atleast_2d(np.asarray(rows, np.float32))
        confidence = self.confidence(rows)
        return self._each(rows, Fit.explain) * confidence[:, None], confidence

    def fill(self, rows: np.ndarray) -> np.ndarray:
        """Unit vectors float32 (n, L) outside the explained directions; the scene locks one for each visitor."""
        return self._each(
            np.atleast_2d(np.asarray(rows, np.float32)), lambda fit, part: fit.fill(part, self.NEIGHBOURS)
        )

    def compose(self, explained: np.ndarray, fill: np.ndarray, exaggeration: float = 1.0) -> np.ndarray:
        """Latents float32 (n, L) of length √L: τ times what is explained, and the fill for the missing length."""
        said = exaggeration * np.asarray(explained, np.float32)
        missing = np.sqrt(np.maximum(0, self.latent_size - np.square(said).sum(axis=-1, keepdims=True)))
        latents = said + missing * fill
        return latents * (np.sqrt(self.latent_size) / np.linalg.norm(latents, axis=-1, keepdims=True)).astype(
            np.float32
        )

    def confidence(self, rows: np.ndarray) -> np.ndarray:
        """float32 (n,): 1 within the training faces' range, falling to 0 far outside it; 0 for a row without a shape."""
        within, gone = self.limits
        distance = self._distance(rows)
        return np.nan_to_num(np.clip((gone - distance) / (gone - within), 0, 1)).astype(np.float32)

    def _distance(self, rows: np.ndarray) -> np.ndarray:
        return self.measure(rows[:, :136])

    def measure(self, shapes: np.ndarray) -> np.ndarray:
        """Squared Mahalanobis distance of flattened shapes (n, 136) from the mean training face, per dimension."""
        part = self.gaps.covariance[:136, :136]
        damped = part + np.eye(136) * 2.5e-5
        centred = shapes - self.gaps.mean[:136]
        return np.einsum("np,np->n", centred @ np.linalg.inv(damped), centred) / 136

    def _each(self, rows: np.ndarray, ask) -> np.ndarray:
        """Ask the right fit about each row."""
        out = np.zeros((len(rows), self.latent_size), np.float32)
        rows = rows.copy()
        usable = ~np.isnan(rows[:, 0])
        without = np.isnan(rows[:, self.colours]).all(axis=1)
        filled = self.gaps.fill(rows)
        for fit, mine in ((self.coloured, usable & ~without), (self.grey, usable & without)):
            if mine.any():
                out[mine] = ask(fit, filled[mine])
        return out

    def save(self, folder: Path, about: dict) -> None:
        """Write the joblib file and its sidecar, whole; `about` is added to the sidecar."""
        whole = BytesIO()
        joblib.dump(self, whole, compress=3)
        write_whole(Path(folder) / FILE, whole.getvalue())
        name, sha256 = self.generator
        sidecar = {
            "sha256": sha256_of(Path(folder) / FILE),
            "sklearn": sklearn.__version__,
            "generator": name,
            "generator_sha256": sha256,
            "columns": list(self.columns),
            **about,
        }
        write_whole(Path(folder) / SIDECAR, json.dumps(sidecar, indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def open(cls, folder: Path, generator_sha256: str, columns: tuple = ()) -> "Inverter":
        """The inverter in `folder`, made for this generator and, where they are given, these columns of a row.

        A joblib file is a program: its sha256 is checked before it is opened. Raises ModelMissing, ModelCorrupt or
        ModelMismatch, each with the command that trains a new one.
        """
        path = Path(folder) / FILE
        mend = "train one with: python train_inverter.py"
        about = read_sidecar(folder, mend)
        if not path.is_file():
            raise ModelMissing(f"{path}: not there; {mend}")
        if sha256_of(path) != about["sha256"]:
            raise ModelCorrupt(f"{path}: its bytes are not those that {SIDECAR} names; {mend}")
        if about["sklearn"] != sklearn.__version__:
            raise ModelMismatch(
                f"{path}: made with scikit-learn {about['sklearn']}, this is {sklearn.__version__}; {mend}"
            )
        if about["generator_sha256"] != generator_sha256:
            raise ModelMismatch(f"{path}: made for the generator {about['generator']} with other weights; {mend}")
        if columns and tuple(about["columns"]) != tuple(columns):
            raise ModelMismatch(f"{path}: made for other features than this version reads; {mend}")
        return joblib.load(path)


def read_sidecar(folder: Path, mend: str) -> dict:
    path = Path(folder) / SIDECAR
    try:
        about = json.loads(path.read_text())
    except FileNotFoundError:
        raise ModelMissing(f"{path}: not there; {mend}") from None
    except ValueError:
        raise ModelCorrupt(f"{path}: is not JSON; {mend}") from None
    missing = {"sha256", "sklearn", "generator", "generator_sha256", "columns"} - set(about)
    if missing:
        raise ModelCorrupt(f"{path}: lacks {', '.join(sorted(missing))}; {mend}")
    return about
