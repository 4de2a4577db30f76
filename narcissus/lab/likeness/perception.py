"""Pictures -> landmarks, rows, skin colour, guesses and descriptors, by the perception that runs before a camera."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from narcissus.features.colour import patches
from narcissus.features.portrait import COLUMNS, light_on, portray
from narcissus.lab.likeness.seeing import Described, Job, see_all
from narcissus.lab.likeness.skin import skin_of, typology_angle
from narcissus.networks.attributes import NAMES, Guesses

AGE, FEMALE, HAPPY = NAMES.index("age"), NAMES.index("female"), NAMES.index("happiness")


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """What is seen in n pictures; NaN throughout a picture's row where no face is found."""

    landmarks: np.ndarray  # float32 (n, 68, 2), pixels
    rows: np.ndarray  # float32 (n, P), as portrait.COLUMNS: what the inverter is given
    skin: np.ndarray  # float32 (n, 3), Lab; NaN too where the picture has no colour
    guesses: np.ndarray  # float32 (n, 7), as attributes.NAMES; NaN too where there is no estimator
    codes: np.ndarray  # float32 (n, 128), dlib's descriptor; NaN too where it was not asked for

    @classmethod
    def nothing(cls, n: int) -> "Looks":
        shapes = ((68, 2), (len(COLUMNS),), (3,), (len(NAMES),), (128,))
        return cls(*(np.full((n, *shape), np.nan, np.float32) for shape in shapes))

    @classmethod
    def joined(cls, parts: Iterable["Looks"]) -> "Looks":
        parts = list(parts) or [cls.nothing(0)]
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def __len__(self) -> int:
        return len(self.landmarks)

    def __getitem__(self, which) -> "Looks":
        return Looks(*(getattr(self, field.name)[which] for field in fields(self)))

    @property
    def found(self) -> np.ndarray:
        """bool (n,)"""
        return np.isfinite(self.landmarks[:, 0, 0])

    @property
    def described(self) -> np.ndarray:
        """bool (n,)"""
        return np.isfinite(self.codes[:, 0])

    @property
    def age(self) -> np.ndarray:
        return self.guesses[:, AGE]  # (n,), years

    @property
    def female(self) -> np.ndarray:
        return self.guesses[:, FEMALE]  # (n,), probability

    @property
    def happy(self) -> np.ndarray:
        return self.guesses[:, HAPPY]  # (n,), probability

    @property
    def tone(self) -> np.ndarray:
        """Individual typology angle of the skin, degrees (n,); higher is lighter."""
        return typology_angle(self.skin)


class Eye:
    """Looks at pictures. `attributes` guesses age, gender presentation and expression; None leaves those NaN.

    `see_all` finds and describes; `seeing.SeeingPool` does it with several processes.
    """

    def __init__(self, attributes=None, see_all: Callable[[list[Job]], list[Described]] = see_all) -> None:
        self._attributes = attributes
        self._see_all = see_all

    def without_guesses(self) -> "Eye":
        """The same eye, quicker, for where guesses do not matter."""
        return Eye(None, self._see_all)

    def look(self, pictures: list[np.ndarray], *, described: np.ndarray | bool = False) -> Looks:
        """`pictures`: uint8 (H, W, 3) RGB each. `described` (n,) asks for the descriptor: ten times the work of the
        rest.
        """
        looks = Looks.nothing(len(pictures))
        asked = np.broadcast_to(described, len(pictures)).tolist()
        jobs = [(picture, None, wanted) for picture, wanted in zip(pictures, asked, strict=True)]
        for index, (landmarks, code) in enumerate(self._see_all(jobs)):
            if landmarks is not None:
                looks.landmarks[index] = landmarks
            if code is not None:
                looks.codes[index] = code
        found = np.flatnonzero(looks.found)
        lights = np.ones((len(pictures), 3), np.float32)
        for index in found:
            lights[index] = light_on(pictures[index], looks.landmarks[index])
        if self._attributes is not None and len(found):
            some = [pictures[i] for i in found]
            looks.guesses[found] = self._attributes.guess_many(some, looks.landmarks[found], lights[found])
        for index in found:
            guesses = None if self._attributes is None else Guesses.of(looks.guesses[index])
            looks.rows[index] = portray(pictures[index], looks.landmarks[index], guesses, lights[index])
            looks.skin[index] = skin_of(patches(pictures[index], looks.landmarks[index]))
        return looks

    def describe(self, pictures: Sequence[np.ndarray], looks: Looks, which: np.ndarray) -> None:
        """Fill in the descriptors that `which` (n,) bool asks for and that are not there yet."""
        missing = np.flatnonzero(which & looks.found & ~looks.described)
        jobs = [(pictures[i], looks.landmarks[i], True) for i in missing]
        for index, (_, code) in zip(missing, self._see_all(jobs), strict=True):
            looks.codes[index] = code
