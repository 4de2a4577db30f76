"""What the machine takes a face for: age, gender presentation and expression, as far as its training set knows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from narcissus.networks.attributes import store
from narcissus.networks.attributes.crop import SIZE, aligned
from narcissus.networks.attributes.expression import EXPRESSIONS, ExpressionReader
from narcissus.networks.attributes.network import build, read_out
from narcissus.networks.learned import set_weights
from narcissus.store.kinds import ATTRIBUTES

NAMES = ("age", "age spread", "female", *EXPRESSIONS)  # the columns of a row of guesses
BATCH = 64


@dataclass(frozen=True, slots=True)
class Guesses:
    """One face. They are guesses about how a face looks in one picture, and say nothing about who somebody is."""

    age: float  # years
    age_spread: float  # years: the true age lies within one spread of the guess in about two cases of three
    female: float  # probability, 0 to 1, that UTKFace would have labelled this face female
    expression: dict[str, float]  # probabilities of EXPRESSIONS, which add up to 1

    @classmethod
    def of(cls, row: np.ndarray) -> "Guesses":
        """From one row of `Attributes.guess_many`."""
        age, spread, female, *expression = row.tolist()
        return cls(age, spread, female, dict(zip(EXPRESSIONS, expression, strict=True)))

    def row(self) -> np.ndarray:
        """float32 (7,) in the order of NAMES."""
        return np.array([self.age, self.age_spread, self.female, *self.expression.values()], np.float32)


class Attributes:
    """Guesses from a picture and the landmarks of a face in it. `open` loads the model that ships."""

    def __init__(self, network, spread_scale: float, expressions: ExpressionReader) -> None:
        self._expressions = expressions

        # Autograph would write its rewritten source into a temporary file; nothing here has a condition or a loop.
        @tf.function(input_signature=[tf.TensorSpec((None, SIZE, SIZE, 3), tf.uint8)], autograph=False)
        def look(crops):  # uint8 (B, 64, 64, 3) -> float32 (B, 3)
            both = tf.cast(tf.concat([crops, crops[:, :, ::-1]], 0), tf.float32)  # each face and its mirror image
            age, spread, female = read_out(*network(both, training=False))
            columns = tf.stack([age, spread * spread_scale, female], -1)  # (2B, 3)
            return tf.reduce_mean(tf.reshape(columns, (2, -1, 3)), 0)

        self._look = look

    @classmethod
    def open(cls, folder: Path) -> "Attributes":
        """Load models/attributes/; nothing in it is executed. Raises ModelMissing, ModelCorrupt, ModelMismatch."""
        parts = store.load(folder)
        try:
            return cls.of(parts)
        except (KeyError, TypeError, ValueError) as error:
            raise ATTRIBUTES.mismatch(Path(folder) / store.ARRAYS, error) from error

    @classmethod
    def of(cls, parts: store.Parts) -> "Attributes":
        """From the arrays of the file. Raises KeyError, TypeError or ValueError when they do not fit."""
        with tf.device("/CPU:0"):  # two milliseconds of work: a GPU belongs to the display
            network = build()
            set_weights(network, parts["network"])
        spread = float(parts["calibration"]["spread"])
        if not 0 < spread < np.inf:
            raise ValueError(f"the spread is scaled by {spread}")
        return cls(network, spread, ExpressionReader(**parts["expression"]))

    def guess(self, image: np.ndarray, landmarks: np.ndarray, gains: np.ndarray | None = None) -> Guesses:
        """The face at `landmarks` (68, 2), pixels of `image` uint8 (H, W, 3) RGB; `gains` (3,) take off its light."""
        return Guesses.of(self.guess_many([image], landmarks[None], None if gains is None else gains[None])[0])

    def guess_many(
        self, images: Sequence[np.ndarray], landmarks: np.ndarray, gains: np.ndarray | None = None
    ) -> np.ndarray:
        """One face per picture: float32 (n, 7), columns NAMES. The pictures may differ in size; `gains` (n, 3)."""
        landmarks = np.asarray(landmarks, np.float32).reshape(-1, 68, 2)
        rows = np.empty((len(landmarks), len(NAMES)), np.float32)
        lit = np.ones((len(landmarks), 3), np.float32) if gains is None else gains
        for start in range(0, len(rows), BATCH):
            part = slice(start, start + BATCH)
            crops = np.stack([aligned(*one) for one in zip(images[part], landmarks[part], lit[part], strict=True)])
            with tf.device("/CPU:0"):
                rows[part, :3] = self._look(tf.constant(crops)).numpy()
        rows[:, 3:] = self._expressions.probabilities(landmarks)
        return rows
