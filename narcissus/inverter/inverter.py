"""The inverter: rows -> latents. The features predict a part of each latent; a fill makes up the rest.

A regression gives the conditional mean of the latent, which is short: most of a face is not in 68 points and eight
colours. Stretching it to the sphere would drive the few explained directions to a caricature. So the explained part
stays as long as it is, in the k directions that the features predict, and a unit vector `fill` outside them makes
up the missing length: z = τ·ẑ + √(L − τ²‖ẑ‖²)·u. `ForwardModel` then corrects what the fill did to
the features.

Who somebody is and how somebody looks at this moment are answered apart: `divide` a row, compose the latent of the
person from the one, and `move` it by the other (see `Expression`). `answer` does all of it for photographs.
"""

from pathlib import Path

import numpy as np

from narcissus.inverter import storage
from narcissus.inverter.expression import PASSING, STILL, Expression
from narcissus.inverter.forward_model import ForwardModel
from narcissus.inverter.identity_code import IdentityCode
from narcissus.inverter.imputation import Imputer
from narcissus.inverter.regression import LatentRegression

SHAPE = 136  # a row begins with its normalised shape
SHARED = 0.7  # how much of a fill is everybody's: with less, fewer reflections are faces; with more, they are alike
TREMOR = 0.02  # standard deviation of a landmark that no face explains, in distances between the eyes


class Inverter:
    """Two regressions, for pictures with colours and without, and what they need to know of their training rows.

    `colours` is where a row's colours stand; `limits` are the distances (see `strangeness`) at which confidence
    begins to fall and is gone; `trust` is the weight of the forward model's correction; `generator` is the name and the
    sha256 of its generator; `columns` names a row's numbers.
    """

    def __init__(
        self,
        coloured: LatentRegression,
        grey: LatentRegression,
        forward_model: ForwardModel,
        imputer: Imputer,
        identity_code: IdentityCode,
        expression: Expression,
        *,
        colours,
        limits,
        trust,
        generator,
        columns,
        seed=0,
    ) -> None:
        self.coloured, self.grey = coloured, grey
        self.forward_model, self.imputer, self.identity_code = forward_model, imputer, identity_code
        self.expression = expression
        self.colours, self.limits, self.trust = colours, limits, trust
        self.generator, self.columns = generator, columns
        size = self.latent_size
        rng = np.random.default_rng([seed, 17])
        shared = rng.standard_normal(size)
        self.shared = (SHARED * shared / np.linalg.norm(shared)).astype(np.float32)  # (L,)
        turned, _ = np.linalg.qr(rng.standard_normal((size, size)))
        self.mixing = np.resize(turned, (identity_code.weights.shape[1], size)).astype(np.float32)  # (q, L)
        shape = imputer.covariance[:SHAPE, :SHAPE] + np.eye(SHAPE) * TREMOR**2
        self._precision = np.linalg.inv(shape).astype(np.float32)

    tremor = STILL  # (m,): by so much a still face's `divide`d moment trembles

    @property
    def latent_size(self) -> int:
        return self.coloured.axes.shape[1]

    def explain(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows (n, P) -> what the features say, float32 (n, L + V), and the confidence in it, float32 (n,), 0 to 1.

        The first L numbers are a short latent, the other V what its face should show (NaN: unknown); both are for
        `compose`. A face unlike anything trained on has little confidence and is eased towards the mean, which is 0.
        """
        rows = np.atleast_2d(np.asarray(rows, np.float32))
        confidence = self.confidence(rows)
        said = self._asked(rows, lambda fit, full: fit.predict(full))
        wanted = self._wanted(rows)
        explained = np.hstack([said, wanted]) * confidence[:, None]
        return explained.astype(np.float32), confidence

    def fill(self, rows: np.ndarray) -> np.ndarray:
        """Unit vectors float32 (n, L) outside the explained directions; the scene locks one for each visitor.

        Features know nothing of what lies there, so any choice is as true as another. This one gives different people
        different faces, and the same person the same face on another day.
        """
        rows = np.atleast_2d(np.asarray(rows, np.float32))
        wished = lambda full: self.shared + self.identity_code.encode(full) @ self.mixing  # (n, L)
        unsaid = self._asked(rows, lambda fit, full: fit.complement(wished(full)))
        unsaid[~unsaid.any(axis=1)] = self.shared / np.linalg.norm(self.shared)
        return unsaid

    def compose(self, explained: np.ndarray, fill: np.ndarray, exaggeration: float = 1.0) -> np.ndarray:
        """Latents float32 (n, L) of length √L: τ times what was explained, and the fill for the missing length."""
        explained = exaggeration * np.asarray(explained, np.float32)
        said, wanted = np.split(explained, [self.latent_size], axis=1)
        missing = np.sqrt(np.maximum(0, self.latent_size - np.square(said).sum(axis=1, keepdims=True)))
        latents = said + missing * np.asarray(fill, np.float32)
        latents *= np.sqrt(self.latent_size) / np.linalg.norm(latents, axis=1, keepdims=True)
        return self.forward_model.corrected(latents.astype(np.float32), wanted, self.trust)

    def divide(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows (n, P) -> the same people at rest, (n, P), and how they look at this moment, float32 (n, m)."""
        rows = np.atleast_2d(np.asarray(rows, np.float32))
        moment = self.expression.numbers(rows)
        return self.expression.changed(rows, moment, np.zeros_like(moment)), moment

    def person(self, resting: np.ndarray, habit: np.ndarray) -> np.ndarray:
        """The rows (n, P) of people at rest as they usually look (n, m), from the front and with the mouth closed."""
        usual = np.array(habit, np.float32)
        usual[:, PASSING] = 0
        return self.expression.changed(resting, np.zeros_like(usual), usual)

    def move(self, latents: np.ndarray, moment: np.ndarray, confidence: np.ndarray) -> np.ndarray:
        """The latents (n, L) of people, looking as they do at this moment (n, m); eased to rest without confidence."""
        return self.expression.move(latents, moment * confidence[:, None])

    def tilt(self, latents: np.ndarray) -> np.ndarray:
        """The predicted tilt of the faces drawn for latents (n, L), in degrees clockwise: float32 (n,).

        The viewer's own tilt is answered by how the picture hangs; this one is nobody's, and is taken off there.
        """
        return self.forward_model.predict(latents, self.columns.index("roll"))

    def drawn(self, generator, latents: np.ndarray) -> np.ndarray:
        """The pictures that the mirror shows for latents (n, L), rendered by `generator`: uint8 (n, R, R, 3).

        An open mouth is rare among portraits, and latents that open it go where other people are. So only the mouth and
        what is below it follow; eyes and brow are drawn of the same person with the mouth closed.
        """
        return generator.render(latents, above=self.expression.closed(latents))

    def answer(self, rows: np.ndarray, exaggeration: float = 1.0) -> np.ndarray:
        """Latents float32 (n, L) for rows (n, P) of photographs, each of which is all that is known of its person."""
        resting, moment = self.divide(rows)
        people = self.person(resting, moment)
        latents = self.compose(self.explain(people)[0], self.fill(people), exaggeration)
        return self.move(latents, moment, self.confidence(np.atleast_2d(rows)))

    def confidence(self, rows: np.ndarray) -> np.ndarray:
        """float32 (n,): 1 within the training faces' range, falling to 0 far outside it; 0 without a shape."""
        within, gone = self.limits
        return np.nan_to_num(np.clip((gone - self.strangeness(rows)) / (gone - within), 0, 1)).astype(np.float32)

    def strangeness(self, rows: np.ndarray) -> np.ndarray:
        """Squared Mahalanobis distance (n,) of each row's shape from the training faces, per coordinate."""
        away = (rows[:, :SHAPE] - self.imputer.mean[:SHAPE]).astype(np.float32)
        return np.einsum("np,np->n", away @ self._precision, away) / SHAPE

    def _wanted(self, rows: np.ndarray) -> np.ndarray:
        """What each row's reflection should show, float32 (n, V); NaN for what the row does not know."""
        wanted = self.forward_model.targets(rows)
        return np.where(np.isnan(rows[:, :1]), 0, wanted)

    def _asked(self, rows: np.ndarray, ask) -> np.ndarray:
        """What the right fit answers about each row, float32 (n, L); 0 for a row without a shape."""
        out = np.zeros((len(rows), self.latent_size), np.float32)
        usable = ~np.isnan(rows[:, :SHAPE]).any(axis=1)
        without = np.isnan(rows[:, self.colours]).all(axis=1)
        for fit, mine in ((self.coloured, usable & ~without), (self.grey, usable & without)):
            if mine.any():
                out[mine] = ask(fit, self.imputer.impute(rows[mine]))
        return out

    def save(self, folder: Path, facts: dict) -> None:
        """Write the joblib file and its sidecar, whole; `facts` are added to the sidecar's. Raises OSError."""
        storage.save(self, folder, facts)

    @classmethod
    def open(cls, folder: Path, generator_sha256: str, columns: tuple[str, ...]) -> "Inverter":
        """The inverter in `folder`, made for this generator and these columns of a row.

        Raises ModelMissing, ModelCorrupt or ModelMismatch, each with the command that trains a new one.
        """
        return storage.load(cls, folder, generator_sha256, columns)
